// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/analysis/distribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <variant>

#include "trispike/model/error.h"

namespace trispike::analysis {
namespace {

/// Which bin a potential of `ratio` thresholds falls into; what is no number counts as beyond.
std::size_t bin_of(double ratio) {
  const double place = (ratio + kPotentialRange) * kBinsPerThreshold;
  if (!(place >= 0)) return 0;
  if (place >= kPotentialBins) return kPotentialBins + 1;
  return 1 + static_cast<std::size_t>(place);
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0.0; }

/// Of n values with this sum and sum of squares.
double deviation(double sum, double squares, double n) {
  const double mean = sum / n;
  return std::sqrt(std::max(0.0, squares / n - mean * mean));
}

/// Sums of powers of potentials in units of the threshold.
struct PowerSums {
  std::array<double, 4> sums{};
  double least = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();

  void add(double u) {
    double power = u;
    for (double& sum : sums) {
      sum += power;
      power *= u;
    }
    least = std::min(least, u);
    largest = std::max(largest, u);
  }
  void merge(const PowerSums& other) {
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += other.sums[k];
    least = std::min(least, other.least);
    largest = std::max(largest, other.largest);
  }
  Moments moments(double n, double threshold) const {
    const double mean = sums[0] / n;
    const double square = sums[1] / n;
    const double cube = sums[2] / n;
    const double fourth = sums[3] / n;
    const double variance = std::max(0.0, square - mean * mean);
    Moments m;
    m.mean = mean * threshold;
    m.standard_deviation = std::sqrt(variance) * threshold;
    m.least = least * threshold;
    m.largest = largest * threshold;
    if (variance > 0) {
      const double third_central = cube - 3 * mean * square + 2 * mean * mean * mean;
      const double fourth_central =
          fourth - 4 * mean * cube + 6 * mean * mean * square - 3 * mean * mean * mean * mean;
      m.skewness = third_central / std::pow(variance, 1.5);
      m.excess_kurtosis = fourth_central / (variance * variance) - 3;
    }
    return m;
  }
};

/// One layer at one time step.
struct Step {
  explicit Step(std::size_t neurons)
      : positive(neurons), negative(neurons), histogram(kPotentialBins + 2) {}

  std::vector<std::uint32_t> positive;  // samples in which each neuron fired so
  std::vector<std::uint32_t> negative;
  std::vector<std::int64_t> histogram;
  std::int64_t spikes = 0;   // sum over samples
  std::int64_t squares = 0;  // of the samples' counts
  PowerSums potential;

  std::int64_t add(const std::int8_t* spikes_of_sample, const float* potentials, double threshold) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < positive.size(); ++i) {
      positive[i] += spikes_of_sample[i] > 0 ? 1 : 0;
      negative[i] += spikes_of_sample[i] < 0 ? 1 : 0;
      count += spikes_of_sample[i] != 0 ? 1 : 0;
      const double u = potentials[i] / threshold;
      ++histogram[bin_of(u)];
      potential.add(u);
    }
    spikes += count;
    squares += count * count;
    return count;
  }

  void merge(const Step& other) {
    for (std::size_t i = 0; i < positive.size(); ++i) {
      positive[i] += other.positive[i];
      negative[i] += other.negative[i];
    }
    for (std::size_t i = 0; i < histogram.size(); ++i) histogram[i] += other.histogram[i];
    spikes += other.spikes;
    squares += other.squares;
    potential.merge(other.potential);
  }

  StepStatistics statistics(std::int64_t samples, double threshold) const {
    const auto neurons = static_cast<double>(positive.size());
    const auto n = static_cast<double>(samples);
    const auto fired = [](const std::vector<std::uint32_t>& counts) {
      return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    };
    const std::int64_t up = fired(positive);
    const std::int64_t down = fired(negative);
    const std::int64_t all = samples * static_cast<std::int64_t>(positive.size());
    StepStatistics s;
    s.positive_rate = static_cast<double>(up) / (neurons * n);
    s.negative_rate = static_cast<double>(down) / (neurons * n);
    s.rate_deviation =
        deviation(static_cast<double>(spikes), static_cast<double>(squares), n) / neurons;
    s.potential = potential.moments(neurons * n, threshold);
    s.histogram = histogram;
    for (std::size_t i = 0; i < positive.size(); ++i) {
      const std::array<std::int64_t, 3> counts = {positive[i], negative[i],
                                                  samples - positive[i] - negative[i]};
      s.neuron_entropy += entropy_bits(counts) / neurons;
      s.entropy_bias += entropy_bias_bits(counts) / neurons;
    }
    s.pooled_entropy = entropy_bits(std::array<std::int64_t, 3>{up, down, all - up - down});
    s.potential_entropy = entropy_bits(histogram);
    return s;
  }
};

}  // namespace

double entropy_bits(std::span<const std::int64_t> counts) {
  const auto total =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  double bits = 0;
  for (const std::int64_t count : counts) {
    if (count <= 0) continue;
    const double p = static_cast<double>(count) / total;
    bits -= p * std::log2(p);
  }
  return bits;
}

double entropy_bias_bits(std::span<const std::int64_t> counts) {
  const auto total =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  const auto seen = std::count_if(counts.begin(), counts.end(), [](auto c) { return c > 0; });
  return ratio(static_cast<double>(std::max<std::ptrdiff_t>(seen - 1, 0)),
               2 * total * std::numbers::ln2);
}

double spike_capacity_bits(const model::NeuronSpec& neuron) {
  return model::info(neuron.kind).negative_spikes ? std::log2(3.0) : 1.0;
}

struct Distributions::Layer {
  std::string name;
  model::MapShape shape;
  model::NeuronSpec neuron;
  std::vector<Step> steps;
  std::int64_t squares = 0;  // of the samples' spike counts over all time steps

  std::size_t neurons() const { return static_cast<std::size_t>(shape.elements()); }
};

Distributions::Distributions(const model::NetworkSpec& network) : time_steps_(network.time_steps) {
  const std::vector<model::LayerInfo> infos = model::infer(network);
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const auto* layer = std::get_if<model::NeuronLayer>(&network.layers[i].params);
    if (layer == nullptr || !model::info(layer->neuron.kind).spiking) continue;
    const auto neurons = static_cast<std::size_t>(infos[i].shape.elements());
    layers_.push_back({network.layers[i].name, infos[i].shape, layer->neuron,
                       std::vector<Step>(static_cast<std::size_t>(time_steps_), Step(neurons)), 0});
  }
}

Distributions::~Distributions() = default;
Distributions::Distributions(Distributions&&) noexcept = default;
Distributions& Distributions::operator=(Distributions&&) noexcept = default;

void Distributions::add(const std::vector<model::SpikeRecord>& spikes,
                        const std::vector<model::PotentialRecord>& potentials) {
  if (spikes.size() != layers_.size() || potentials.size() != layers_.size()) {
    throw Error("records of " + std::to_string(spikes.size()) + " and " +
                std::to_string(potentials.size()) + " layers, expected " +
                std::to_string(layers_.size()));
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    const std::size_t expected = layer.neurons() * layer.steps.size();
    if (spikes[i].layer != layer.name || spikes[i].spikes.size() != expected ||
        potentials[i].layer != layer.name || potentials[i].potentials.size() != expected) {
      throw Error("records of '" + spikes[i].layer + "' do not fit layer '" + layer.name + "'");
    }
    std::int64_t count = 0;
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      const std::size_t begin = t * layer.neurons();
      count += layer.steps[t].add(spikes[i].spikes.data() + begin,
                                  potentials[i].potentials.data() + begin, layer.neuron.threshold);
    }
    layer.squares += count * count;
  }
  ++samples_;
}

void Distributions::merge(const Distributions& other) {
  if (other.layers_.size() != layers_.size()) throw Error("statistics of two different networks");
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (std::size_t t = 0; t < layers_[i].steps.size(); ++t) {
      layers_[i].steps[t].merge(other.layers_[i].steps[t]);
    }
    layers_[i].squares += other.layers_[i].squares;
  }
  samples_ += other.samples_;
}

std::vector<LayerStatistics> Distributions::statistics() const {
  if (samples_ == 0) throw Error("statistics of no samples, expected at least one");
  std::vector<LayerStatistics> list;
  for (const Layer& layer : layers_) {
    LayerStatistics& s = list.emplace_back();
    s.layer = layer.name;
    s.shape = layer.shape;
    s.neuron = layer.neuron;
    std::int64_t spikes = 0;
    for (const Step& step : layer.steps) {
      spikes += step.spikes;
      s.steps.push_back(step.statistics(samples_, layer.neuron.threshold));
    }
    const auto n = static_cast<double>(samples_);
    const double chances = static_cast<double>(layer.neurons()) * time_steps_;
    s.firing_rate = static_cast<double>(spikes) / (chances * n);
    s.rate_deviation =
        deviation(static_cast<double>(spikes), static_cast<double>(layer.squares), n) / chances;
    for (std::size_t i = 0; i < layer.neurons(); ++i) {
      std::int64_t fired = 0;
      for (const Step& step : layer.steps) fired += step.positive[i] + step.negative[i];
      s.dead += fired == 0 ? 1 : 0;
      s.saturated += fired == samples_ * time_steps_ ? 1 : 0;
    }
  }
  return list;
}

}  // namespace trispike::analysis
