// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Networks and inputs shared by the runtime's tests.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <initializer_list>
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

/// Calls check(trained model) for a small network of each spiking kind and reset, strict or not,
/// and each of the decays.
template <class Check>
void for_each_neuron(std::initializer_list<double> decays, const Check& check) {
  for (const model::NeuronKindInfo& kind : model::neuron_kinds()) {
    if (!kind.spiking) continue;
    for (const std::string_view reset : model::reset_mode_names()) {
      for (const bool strict : {false, true}) {
        for (const double decay : decays) {
          SCOPED_TRACE(std::string(kind.name) + ", " + std::string(reset) +
                       (strict ? ", strict" : "") + ", decay " + std::to_string(decay));
          model::NetworkOptions options;
          options.width = 4;
          options.time_steps = 3;
          options.num_classes = 3;
          options.input = {1, 8, 8};
          options.neuron.kind = kind.kind;
          options.neuron.reset = model::reset_mode_from_string(reset);
          options.neuron.strict = strict;
          options.neuron.decay = decay;
          options.neuron.threshold = 0.7;
          check(test::random_weights(model::build_network("resnet8", options), 11));
        }
      }
    }
  }
}

/// Names of the targets that this machine can run.
inline std::vector<std::string> supported_targets() {
  std::vector<std::string> names;
  for (const TargetInfo& target : targets()) {
    if (target.supported) names.emplace_back(target.name);
  }
  return names;
}

/// Whether a target has kernels that multiply many spikes instead of adding them.
inline bool multiplies_spikes(std::string_view target) {
  return target != "scalar" && target != "neon";
}

}  // namespace trispike::runtime
