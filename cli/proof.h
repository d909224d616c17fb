// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Folding must not change the network: shown in float64 on a batch, reported in float32 on a data
// set.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "trispike/data/dataset.h"
#include "trispike/model/model_data.h"

namespace trispike::cli {

/// Largest difference of a logit that float64 arithmetic in another order explains.
constexpr double kLogitTolerance = 1e-9;

/// What the float64 comparison found.
struct InvarianceProof {
  std::int64_t samples = 0;
  std::int64_t spikes = 0;            ///< of the trained network
  std::int64_t differing_spikes = 0;  ///< places where the folded network's spike is another
  std::string first_layer;            ///< the first layer with such a place
  double largest_logit_difference = 0.0;
  bool holds() const {
    return differing_spikes == 0 && largest_logit_difference <= kLogitTolerance;
  }
};

/// Called with the number of samples or runs done.
using ProofProgress = std::function<void(std::int64_t done)>;

/// Runs the trained network in LibTorch and the folded one in the runtime, both in float64.
/// `inputs` holds one normalised input per sample.
InvarianceProof prove_invariance(const model::ModelData& trained, const model::ModelData& folded,
                                 const std::vector<std::vector<float>>& inputs,
                                 const ProofProgress& progress = {});

/// What float32 makes of it. Spiking networks are chaotic: one spike flipped by rounding changes
/// many.
struct Float32Report {
  std::int64_t samples = 0;
  std::int64_t same_top1 = 0;  ///< samples for which runtime and LibTorch agree
  std::int64_t correct_libtorch = 0;
  std::int64_t correct_runtime = 0;
  std::int64_t flip_samples = 0;  ///< samples whose spikes were compared
  std::int64_t flipped = 0;       ///< of them, with a spike unlike that of float64
};

/// `progress` is called with the number of runs done, of float32_work().
std::int64_t float32_work(const data::Dataset& dataset);

Float32Report report_float32(const model::ModelData& trained, const model::ModelData& folded,
                             const std::shared_ptr<const data::Dataset>& dataset, int threads,
                             const ProofProgress& progress);

}  // namespace trispike::cli
