// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Trained networks in few bits, on the whole test set: spiking ones in the runtime's integers, the
// ANN twin by the usual post-training quantisation. Goes on after an interruption: what was
// measured is in few_bits.json beside each cell.
#pragma once

#include <optional>
#include <vector>

#include "reproduce/reproduction.h"
#include "trispike/report/page.h"

namespace trispike::cli {

/// Bits of weights and of the ANN's activations; none of both: float32. A spiking network has no
/// activations, its spikes stay what they are.
struct Bits {
  std::optional<int> weights;
  std::optional<int> activations;
  bool operator==(const Bits&) const = default;
};

struct BitResult {
  Bits bits;
  std::int64_t samples = 0;
  double accuracy = 0;
};

/// "float32", "8 bits", "8-bit weights, 4-bit activations".
std::string name_of(const Bits& bits);

/// What is measured of a cell: float32, 8, 7 and 6 bits; of the ANN twin also activations of as
/// many bits as `matched`.
std::vector<Bits> bits_to_measure(const Cell& cell, const std::vector<int>& matched);

/// The results that are there, in the order of `wanted`; those that are not are measured first,
/// unless there is no `options.data.path` or an interruption. What cannot be measured (a neuron
/// that integers do not have) is warned of. `complete` becomes false if it was interrupted.
std::vector<BitResult> measure_few_bits(const CellStore& store, const Cell& cell,
                                        const std::vector<Bits>& wanted,
                                        const ReproduceOptions& options, bool& complete);

/// The accuracy at these bits, if it was measured.
std::optional<double> accuracy_at(const std::vector<BitResult>& results, const Bits& bits);

/// A table and a plot of a report.
struct NamedBits {
  std::string network;
  const std::vector<BitResult>* results;
};
void add_few_bits(report::Page& page, const std::vector<NamedBits>& networks);

Json few_bits_json(const std::vector<BitResult>& results);

}  // namespace trispike::cli
