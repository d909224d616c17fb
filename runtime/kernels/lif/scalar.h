// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Neuron update: the equations of model/neurons/lif.h and integer_lif.h, and the lists of those
// that fired.
#pragma once

#include "kernels/kernels.h"

namespace trispike::runtime::scalar {

template <class Number>
SpikeCount lif(const LifLayer<Number>& layer, const typename Types<Number>::Current* currents,
               typename Types<Number>::Potential* membrane_potential, std::int64_t positions,
               EventSink events) {
  using Potential = typename Types<Number>::Potential;
  SpikeCount total;
  for (std::int64_t p = 0; p < positions; ++p) {
    const auto* current = currents + p * layer.stride;
    Potential* u = membrane_potential + p * layer.stride;
    std::uint16_t* list = events.channels + p * events.stride;
    for (std::int64_t c = 0; c < layer.channels; ++c) {
      const auto neuron = neuron_at(layer.neurons, c);
      const Potential u_before = model::charge(neuron, u[c], static_cast<Potential>(current[c]));
      const Potential spike = model::fire(neuron, u_before);
      u[c] = model::reset(neuron, u_before, spike);
      layer.spikes[c] = static_cast<std::int8_t>(spike);
    }
    std::uint16_t positive = 0;
    std::uint16_t negative = 0;
    for (std::int64_t c = 0; c < layer.channels; ++c) {
      if (layer.spikes[c] > 0) list[positive++] = static_cast<std::uint16_t>(c);
    }
    list += positive;
    for (std::int64_t c = 0; c < layer.channels; ++c) {
      if (layer.spikes[c] < 0) list[negative++] = static_cast<std::uint16_t>(c);
    }
    events.positive[p] = positive;
    events.negative[p] = negative;
    total.positive += positive;
    total.negative += negative;
  }
  return total;
}

}  // namespace trispike::runtime::scalar
