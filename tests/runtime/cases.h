// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Networks and inputs shared by the runtime's tests.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/random_weights.h"
#include "trispike/model/networks.h"
#include "trispike/runtime/runtime.h"

namespace trispike::runtime {

/// All maps of one sample.
inline std::vector<double> test_input(const model::NetworkSpec& network,
                                      std::uint64_t stream = 7777) {
  const model::InputLayer& input = network.input();
  const int maps = input.kind != model::InputKind::kStatic ? network.time_steps : 1;
  std::vector<double> numbers =
      test::parity_input(stream, static_cast<std::size_t>(input.shape.elements() * maps));
  if (input.kind == model::InputKind::kEvents) {
    // Mostly no event, sometimes one, rarely several.
    for (double& number : numbers) number = std::floor(number > 0 ? 2.5 * number : 0.0);
  }
  return numbers;
}

/// A small network of three time steps with random weights; it spikes in every layer.
inline model::ModelData small_model(model::InputKind input_kind = model::InputKind::kStatic) {
  model::NetworkOptions options;
  options.width = 6;
  options.time_steps = 3;
  options.num_classes = 4;
  options.input = {2, 9, 11};
  options.input_kind = input_kind;
  options.neuron.kind = model::NeuronKind::kTrainableTernary;
  return test::random_weights(model::build_network("resnet8", options), 21);
}

/// Names of the targets that this machine can run.
inline std::vector<std::string> supported_targets() {
  std::vector<std::string> names;
  for (const TargetInfo& target : targets()) {
    if (target.supported) names.emplace_back(target.name);
  }
  return names;
}

}  // namespace trispike::runtime
