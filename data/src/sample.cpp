// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/sample.h"

#include <utility>

#include "src/event_dataset.h"
#include "src/normaliser.h"
#include "trispike/data/transform.h"

namespace trispike::data {
namespace {

constexpr int kMaxSide = 1 << 14;

int chosen_side(const char* name, int wanted, int of_dataset) {
  if (wanted == 0 && of_dataset == 0) {
    throw DataError(std::string("sample: ") + name, "",
                    "must be given, because the pictures vary in size");
  }
  const int side = wanted != 0 ? wanted : of_dataset;
  if (side < 1 || side > kMaxSide) {
    throw DataError(std::string("sample: ") + name, "",
                    "is " + std::to_string(side) + ", expected 1 to " + std::to_string(kMaxSide));
  }
  return side;
}

void require_fits_pictures(int channels, const Augmentation& augmentation) {
  if (channels != 1 && channels != 3) {
    throw DataError("sample: channels", "",
                    "is " + std::to_string(channels) + ", pictures have 1 or 3");
  }
  if (augmentation.roll != 0) {
    throw DataError("augmentation: roll", "",
                    "is " + std::to_string(augmentation.roll) + ", but is for frames of events");
  }
}

void require_fits_frames(int channels, const Augmentation& augmentation) {
  if (channels != kFrameChannels) {
    throw DataError("sample: channels", "",
                    "is " + std::to_string(channels) + ", frames of events have " +
                        std::to_string(kFrameChannels));
  }
  Augmentation others = augmentation;
  others.flip = false;
  others.roll = 0;
  if (others != Augmentation{}) {
    throw DataError("augmentation", "",
                    "of frames of events is flip and roll; the others are for pictures");
  }
}

}  // namespace

SampleForm complete(SampleForm form, const Dataset& dataset) {
  if (form.channels == 0) form.channels = dataset.channels();
  form.height = chosen_side("height", form.height, dataset.height());
  form.width = chosen_side("width", form.width, dataset.width());
  if (form.frames && form.frames->sensor_height == 0) {
    form.frames->sensor_height = dataset.height();
    form.frames->sensor_width = dataset.width();
  }
  if (form.normalisation.mean.empty()) {
    form.normalisation = dataset.normalisation();
    if (form.normalisation.mean.size() == 1 && form.channels > 1) {
      form.normalisation.mean.resize(form.channels, form.normalisation.mean[0]);
      form.normalisation.std.resize(form.channels, form.normalisation.std[0]);
    }
  }
  return form;
}

SamplePreparer::SamplePreparer(SampleForm form, const Augmentation& augmentation)
    : form_(std::move(form)),
      augmentation_(augmentation),
      normaliser_(std::make_shared<const Normaliser>(form_.normalisation)) {
  chosen_side("height", form_.height, 0);
  chosen_side("width", form_.width, 0);
  validate(augmentation_);
  if (form_.frames) {
    form_.frames->height = form_.height;
    form_.frames->width = form_.width;
    validate(*form_.frames);
    require_fits_frames(form_.channels, augmentation_);
  } else {
    require_fits_pictures(form_.channels, augmentation_);
  }
  if (normaliser_->channels() != form_.channels) {
    throw DataError("sample: normalisation", "",
                    "is for " + std::to_string(normaliser_->channels()) + " channels, expected " +
                        std::to_string(form_.channels));
  }
  if (form_.resize_shorter < 0 || form_.resize_shorter > kMaxSide) {
    throw DataError("sample: resize_shorter", "",
                    "is " + std::to_string(form_.resize_shorter) + ", expected 0 to " +
                        std::to_string(kMaxSide));
  }
}

std::int64_t SamplePreparer::elements() const {
  const std::int64_t maps = form_.frames ? form_.frames->time_steps : 1;
  return maps * form_.channels * form_.height * form_.width;
}

Image SamplePreparer::fitted(Image picture) const {
  if (form_.resize_shorter == 0) {
    return fit_to(std::move(picture), form_.channels, form_.height, form_.width);
  }
  return resize_and_center_crop(convert_channels(std::move(picture), form_.channels),
                                form_.resize_shorter, form_.height, form_.width);
}

std::vector<float> SamplePreparer::prepare(Image picture) const {
  if (form_.frames) {
    throw DataError("sample", "",
                    "the network's input is frames of event recordings, this is a picture");
  }
  std::vector<float> out(static_cast<std::size_t>(elements()));
  normaliser_->apply(fitted(std::move(picture)), form_.channels_last, out);
  return out;
}

std::vector<float> SamplePreparer::prepare(const EventRecording& recording) const {
  if (!form_.frames) {
    throw DataError("sample", "",
                    "the network's input is a picture, this is a recording of events");
  }
  std::vector<float> out(static_cast<std::size_t>(elements()));
  put_frames(make_frames(recording, *form_.frames), out);
  return out;
}

std::vector<float> SamplePreparer::prepare(const Dataset& dataset, std::int64_t i) const {
  return dataset.has_events() ? prepare(dataset.events(i)) : prepare(dataset.image(i));
}

std::vector<float> SamplePreparer::prepare_file(const std::string& path) const {
  if (form_.frames) return prepare(read_recording(*open_events(path)));
  return prepare(read_image(path));
}

void SamplePreparer::prepare(const Dataset& dataset, std::int64_t i, Random& random,
                             std::span<float> out) const {
  if (form_.frames) {
    std::vector<float> frames = make_frames(dataset.events(i), *form_.frames);
    augment_frames(frames, form_.height, form_.width, augmentation_.flip, augmentation_.roll,
                   random);
    put_frames(frames, out);
    return;
  }
  Image picture = dataset.image(i);
  if (augmentation_.random_resized_crop) {
    picture = random_resized_crop(convert_channels(std::move(picture), form_.channels),
                                  form_.height, form_.width, random);
  } else {
    picture = fitted(std::move(picture));
  }
  normaliser_->apply(augment(std::move(picture), augmentation_, random), form_.channels_last, out);
}

// (x - mean) / std; whole numbers stay exact where mean is 0 and std is 1.
void SamplePreparer::put_frames(std::span<const float> frames, std::span<float> out) const {
  const std::size_t area = std::size_t(form_.height) * form_.width;
  const auto channels = static_cast<std::size_t>(form_.channels);
  const std::size_t pixel_stride = form_.channels_last ? channels : 1;
  const std::size_t channel_stride = form_.channels_last ? 1 : area;
  for (std::size_t at = 0; at < frames.size(); at += channels * area) {
    for (std::size_t c = 0; c < channels; ++c) {
      const double mean = form_.normalisation.mean[c];
      const double std = form_.normalisation.std[c];
      const float* from = frames.data() + at + c * area;
      float* to = out.data() + at + c * channel_stride;
      for (std::size_t p = 0; p < area; ++p) {
        to[p * pixel_stride] = static_cast<float>((from[p] - mean) / std);
      }
    }
  }
}

}  // namespace trispike::data
