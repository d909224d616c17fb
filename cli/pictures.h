// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// From decoded pictures to the input of a model.
#pragma once

#include <string>
#include <vector>

#include "trispike/data/image.h"
#include "trispike/model/model_data.h"

namespace trispike::cli {

/// Brings pictures to the form that a model was trained on.
class PictureInput {
 public:
  /// Throws Error if the model does not take pictures: its input is frames, or has a number of
  /// channels that no picture has. `model_name` is for messages.
  PictureInput(const model::NetworkSpec& network, const model::Preprocessing& preprocessing,
               const std::string& model_name);

  /// [C, H, W]: fitted to the input's size and channels, scaled to [0, 1], normalised.
  std::vector<float> prepare(data::Image picture) const;

 private:
  model::MapShape shape_;
  data::Normalisation normalisation_;
};

}  // namespace trispike::cli
