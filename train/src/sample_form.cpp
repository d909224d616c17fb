// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/sample_form.h"

#include "trispike/model/error.h"

namespace trispike::train {

data::SampleForm sample_form(const model::NetworkSpec& network,
                             const model::Preprocessing& preprocessing) {
  const model::InputLayer& input = network.input();
  if (input.kind != model::InputKind::kStatic) {
    throw ShapeError(network.layers.front().name,
                     "the network's input is frames (one map per time step), not a picture");
  }
  if (input.shape.channels != 1 && input.shape.channels != 3) {
    throw ShapeError(network.layers.front().name, "the network's input has " +
                                                      std::to_string(input.shape.channels) +
                                                      " channels, pictures have 1 or 3");
  }
  data::SampleForm form;
  form.channels = static_cast<int>(input.shape.channels);
  form.height = static_cast<int>(input.shape.height);
  form.width = static_cast<int>(input.shape.width);
  form.normalisation = {preprocessing.mean, preprocessing.std};
  form.normalisation.mean.resize(static_cast<std::size_t>(form.channels), 0.0);
  form.normalisation.std.resize(static_cast<std::size_t>(form.channels), 1.0);
  return form;
}

}  // namespace trispike::train
