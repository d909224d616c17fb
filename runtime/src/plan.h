// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A network as the runtime sees it: populations of neurons and the projections that feed them. The
// plan knows nothing of number types and kernels.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "src/connectivity.h"
#include "trispike/model/model_data.h"
#include "trispike/model/network.h"

namespace trispike::runtime {

/// The network's input as the source of a projection.
inline constexpr int kInputSource = -1;
/// At one place and in all channels of one position of an event input.
inline constexpr std::int64_t kMaxInputEvents = std::numeric_limits<std::uint16_t>::max();
/// A projection that reports no operations of its own: it has no weights and its source no spikes.
inline constexpr int kNoSynapse = -1;
inline constexpr int kNoPools = -1;

/// A weighted operation with all pools before it: adds to the currents of one population.
struct Projection {
  std::string layer;  ///< whose weights these are; for an identity, the layer that asks for it
  int source = kInputSource;  ///< index of the source population
  bool event_driven = false;  ///< the source is spikes or input events; else it is real-valued
  bool diagonal = false;      ///< one constant per channel (scale, identity), else a weight matrix
  /// Index in Plan::connectivities. Of events that add rows: which positions of the source are
  /// pooled into which position under `window`; kNoPools if there are none. Else: which positions
  /// reach which destination.
  int connectivity = kNoPools;
  Window window{};     ///< of the synapse, over the map behind all pools
  std::string weight;  ///< tensor [out][in][cells], [channels] if diagonal; empty: ones
  std::int64_t in_channels = 0;
  std::int64_t cells = 1;             ///< of the kernel
  std::int64_t dense_operations = 0;  ///< of one sample and time step
  int synapse = kNoSynapse;           ///< index in Plan::synapses
  bool adds_rows() const { return event_driven && !diagonal; }

  /// Integers only: the sum of any so many of the rows that can reach one destination fits 16 bits.
  std::int64_t rows_in_16_bits = 0;
  /// Of a narrow population: what these rows may add to a current, either sign, and any how many of
  /// them surely add no more.
  std::int32_t narrow_share = 0;
  std::int64_t narrow_rows = 0;
};

enum class Activation {
  kSpikes,  ///< charge, fire, reset
  kRelu,
  kNone  ///< the sum itself: the readout, and maps that something reads before any neuron
};

/// A map of units with one activation. Their current is bias + the sum of the projections, in
/// order.
struct Population {
  std::string layer;
  model::MapShape shape;
  Activation activation = Activation::kNone;
  model::NeuronSpec neuron;  ///< if kSpikes
  std::vector<double> bias;  ///< [channels]
  std::vector<Projection> projections;
  std::vector<double> thresholds;  ///< integers only, if kSpikes: [channels]
  int input_shift = 0;             ///< integers only: sums with the input are divided by 2^this
  /// Integers only: potentials fit 16 bits as long as currents stay within this; 0: they may not.
  std::int32_t narrow_limit = 0;

  std::int64_t positions() const { return shape.height * shape.width; }
};

struct Plan {
  model::InputLayer input;
  int time_steps = 1;
  std::vector<Population>
      populations;  ///< sources before destinations; the last one is the readout
  std::vector<Connectivity> connectivities;
  /// Layers that report operations: those with weights, then those that add spikes as they are.
  std::vector<std::string> synapses;
  std::int64_t most_input_events = kMaxInputEvents;  ///< taken at one place of an event input
  bool integer = false;                              ///< the model is quantised
  int fraction_bits = 0;                             ///< integers only: of the input
  double logit_scale = 1;  ///< what the sums of the readout are multiplied by

  /// Throws std::out_of_range if there is none.
  const Connectivity& connectivity(const Projection& projection) const {
    return connectivities.at(static_cast<std::size_t>(projection.connectivity));
  }
  /// The blocks of weights of a projection in the order in which its kernel wants them.
  std::vector<WeightBlock> weight_blocks(const Projection& projection) const;
  /// How many positions of the source one destination sees at most, each as often as it is listed.
  std::int64_t most_taps(const Projection& projection) const;
  /// Of events that add rows: how many positions of the source are pooled into one at most.
  std::int64_t pooled_positions(const Projection& projection) const;
};

/// Of a model of stage `folded` or `quantised`. Throws ShapeError naming the layer if it is
/// neither, beyond the runtime's limits, or if integers could overflow.
Plan make_plan(const model::ModelData& folded);

/// One line per population. `cost`: as that of pack().
std::string describe(const Plan& plan, const DenseCost& cost);

}  // namespace trispike::runtime
