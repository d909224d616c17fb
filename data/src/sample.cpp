// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/sample.h"

#include <utility>

#include "src/normaliser.h"

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

}  // namespace

SampleForm complete(SampleForm form, const Dataset& dataset) {
  if (form.channels == 0) form.channels = dataset.channels();
  form.height = chosen_side("height", form.height, dataset.height());
  form.width = chosen_side("width", form.width, dataset.width());
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
  if (form_.channels != 1 && form_.channels != 3) {
    throw DataError("sample: channels", "",
                    "is " + std::to_string(form_.channels) + ", pictures have 1 or 3");
  }
  chosen_side("height", form_.height, 0);
  chosen_side("width", form_.width, 0);
  if (normaliser_->channels() != form_.channels) {
    throw DataError("sample: normalisation", "",
                    "is for " + std::to_string(normaliser_->channels()) + " channels, expected " +
                        std::to_string(form_.channels));
  }
  validate(augmentation_);
}

std::int64_t SamplePreparer::elements() const {
  return std::int64_t{form_.channels} * form_.height * form_.width;
}

std::vector<float> SamplePreparer::prepare(Image picture) const {
  std::vector<float> out(static_cast<std::size_t>(elements()));
  normaliser_->apply(fit_to(std::move(picture), form_.channels, form_.height, form_.width),
                     form_.channels_last, out);
  return out;
}

std::vector<float> SamplePreparer::prepare(const Dataset& dataset, std::int64_t i) const {
  return prepare(dataset.image(i));
}

std::vector<float> SamplePreparer::prepare_file(const std::string& path) const {
  return prepare(read_image(path));
}

void SamplePreparer::prepare(const Dataset& dataset, std::int64_t i, Random& random,
                             std::span<float> out) const {
  Image picture = fit_to(dataset.image(i), form_.channels, form_.height, form_.width);
  normaliser_->apply(augment(std::move(picture), augmentation_, random), form_.channels_last, out);
}

}  // namespace trispike::data
