// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "pictures.h"

#include "trispike/model/error.h"

namespace trispike::cli {

PictureInput::PictureInput(const model::NetworkSpec& network,
                           const model::Preprocessing& preprocessing, const std::string& model_name)
    : shape_(network.input().shape), normalisation_{preprocessing.mean, preprocessing.std} {
  if (network.input().kind != model::InputKind::kStatic) {
    throw Error(model_name +
                ": the network's input is frames (one map per time step), not a picture");
  }
  if (shape_.channels != 1 && shape_.channels != 3) {
    throw Error(model_name + ": the network's input has " + std::to_string(shape_.channels) +
                " channels, pictures have 1 or 3");
  }
  normalisation_.mean.resize(shape_.channels, 0.0);
  normalisation_.std.resize(shape_.channels, 1.0);
}

std::vector<float> PictureInput::prepare(data::Image picture) const {
  const data::Image fitted =
      data::fit_to(std::move(picture), static_cast<int>(shape_.channels),
                   static_cast<int>(shape_.height), static_cast<int>(shape_.width));
  std::vector<float> input(shape_.elements());
  data::normalise_into(fitted, normalisation_, false, input);
  return input;
}

}  // namespace trispike::cli
