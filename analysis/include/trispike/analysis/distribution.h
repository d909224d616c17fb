// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What the neurons of a network do over many samples: rates and their spread, dead and saturated
// neurons, distributions of membrane potentials, entropies. The definitions, the estimators and
// their biases stand in docs/analysis.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trispike/model/activity.h"
#include "trispike/model/network.h"

namespace trispike::analysis {

/// Histograms of potentials, in units of the layer's threshold: kPotentialBins bins between
/// -kPotentialRange and kPotentialRange, and one more at each end for what lies beyond.
inline constexpr int kPotentialRange = 8;
inline constexpr int kBinsPerThreshold = 16;
inline constexpr int kPotentialBins = 2 * kPotentialRange * kBinsPerThreshold;

/// Bits of a plug-in entropy, that is, of the observed frequencies: -sum p log2 p. 0 for no counts.
double entropy_bits(std::span<const std::int64_t> counts);
/// What the plug-in entropy misses on average: (outcomes seen - 1) / (2 n ln 2) bits for n
/// independent observations (Miller and Madow 1955).
double entropy_bias_bits(std::span<const std::int64_t> counts);
/// Largest entropy of one spike: 1 bit (binary), log2(3) bits (ternary) (paper Eq. 6).
double spike_capacity_bits(const model::NeuronSpec& neuron);

struct Moments {
  double mean = 0;
  double standard_deviation = 0;  ///< of the population
  double skewness = 0;
  double excess_kurtosis = 0;  ///< 0 for a Gaussian
  double least = 0;
  double largest = 0;
};

/// One layer at one time step, over all its neurons and samples.
struct StepStatistics {
  double positive_rate = 0;
  double negative_rate = 0;
  double rate_deviation = 0;  ///< standard deviation over samples of a sample's firing rate
  Moments potential;          ///< before firing, on the scale of the threshold's value
  std::vector<std::int64_t> histogram;  ///< [kPotentialBins + 2]; first and last: beyond
  double neuron_entropy = 0;     ///< mean over neurons of each one's spike entropy, bits, plug-in
  double entropy_bias = 0;       ///< what to add to it (Miller-Madow), bits
  double pooled_entropy = 0;     ///< of the spikes of all neurons as if they were one, bits
  double potential_entropy = 0;  ///< pooled, at a resolution of 1/16 threshold, bits
};

struct LayerStatistics {
  std::string layer;
  model::MapShape shape;
  model::NeuronSpec neuron;
  double firing_rate = 0;
  double rate_deviation = 0;          ///< over samples, of a sample's rate over all time steps
  std::int64_t dead = 0;              ///< neurons that never fired
  std::int64_t saturated = 0;         ///< neurons that fired at every time step of every sample
  std::vector<StepStatistics> steps;  ///< [T]
};

/// Adds up samples. Not thread-safe: one per thread, then merge(). Counts are exact in any order;
/// moments depend on the order by rounding.
class Distributions {
 public:
  /// Of the network that was run (folded), whose spiking layers give the order of the records.
  explicit Distributions(const model::NetworkSpec& network);
  ~Distributions();
  Distributions(Distributions&&) noexcept;
  Distributions& operator=(Distributions&&) noexcept;

  /// One sample, as a session recorded it (N = 1). Throws Error if the records are not those of the
  /// network.
  void add(const std::vector<model::SpikeRecord>& spikes,
           const std::vector<model::PotentialRecord>& potentials);
  void merge(const Distributions& other);

  std::int64_t samples() const { return samples_; }
  /// In execution order. Throws Error if there is no sample.
  std::vector<LayerStatistics> statistics() const;

 private:
  struct Layer;
  int time_steps_;
  std::int64_t samples_ = 0;
  std::vector<Layer> layers_;
};

}  // namespace trispike::analysis
