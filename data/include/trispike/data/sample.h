// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// From a sample of a data set, or from a file, to the numbers that a network is shown. The loader
// and the command line prepare samples with this and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trispike/data/augment.h"
#include "trispike/data/dataset.h"
#include "trispike/data/frames.h"

namespace trispike::data {

class Normaliser;

/// The form in which a network takes a sample. What is zero or empty is left to a data set.
struct SampleForm {
  int channels = 0;
  int height = 0;
  int width = 0;
  Normalisation normalisation = {};
  bool channels_last = false;  ///< [H, W, C] instead of [C, H, W], of each frame
  /// Pictures are brought to the size by resize_and_center_crop with this; 0: by fit_to.
  int resize_shorter = 0;
  /// The sample is the frames of a recording of events, [T, C, H, W], of this size and normalised
  /// as they are, not a picture scaled to [0, 1]. Their own size and sensor are filled in.
  std::optional<FrameOptions> frames = {};
};

/// `form` with all that it leaves to `dataset`. Throws DataError if a number is out of range, or if
/// the pictures vary in size and no size is given.
SampleForm complete(SampleForm form, const Dataset& dataset);

/// Immutable: several threads may prepare at once.
class SamplePreparer {
 public:
  /// `form` must be complete. The augmentation is for the calls with a Random only. Throws
  /// DataError if an option is out of range.
  explicit SamplePreparer(SampleForm form, const Augmentation& augmentation = {});

  const SampleForm& form() const { return form_; }
  std::int64_t elements() const;  ///< numbers of one sample

  /// A sample as in evaluation: a picture brought to the form's size, scaled to [0, 1],
  /// normalised, or a recording made into frames, normalised; elements() numbers. Throws DataError
  /// if it cannot be read or is of the other kind.
  std::vector<float> prepare(const Dataset& dataset, std::int64_t i) const;
  std::vector<float> prepare_file(const std::string& path) const;
  std::vector<float> prepare(Image picture) const;
  std::vector<float> prepare(const EventRecording& recording) const;

  /// Sample `i` as in training, augmented, into `out` of elements() numbers.
  void prepare(const Dataset& dataset, std::int64_t i, Random& random, std::span<float> out) const;

 private:
  void put_frames(std::span<const float> frames, std::span<float> out) const;
  Image fitted(Image picture) const;

  SampleForm form_;
  Augmentation augmentation_;
  std::shared_ptr<const Normaliser> normaliser_;
};

}  // namespace trispike::data
