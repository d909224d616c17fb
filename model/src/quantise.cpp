// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// From real weights to integers, membrane by membrane (docs/integer.md): all that meets in one
// membrane shares one scale per channel, chosen where the activity-weighted error of its currents
// is smallest.
#include "trispike/model/quantise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/text.h"
#include "trispike/model/error.h"

namespace trispike::model {
namespace {

// The candidates: from the scale at which the largest weight just fits down to one at which it is
// clipped to a third.
constexpr int kCandidates = 96;
constexpr double kSmallestFraction = 0.33;
// The input is fixed point in 16 bits.
constexpr int kInputBits = 15;
constexpr double kLargestInput = 32767;
constexpr double kUnknownInput = 8;  // the largest number in maps of which nothing is known
constexpr double kFinestThreshold = 1 << 14;  // a threshold in units of the weights, at most

/// One number that meets others in a membrane's channel.
struct Term {
  double value;       ///< real, per event
  double importance;  ///< variance of the events that bring it
  double mean;        ///< of those events
  double limit;       ///< of the integer
};

double quantised(const Term& term, double scale) {
  return std::clamp(std::nearbyint(term.value / scale), -term.limit, term.limit);
}

/// Mean squared error of the current, with the mean error moved into the bias.
double error(const std::vector<Term>& terms, double scale) {
  double sum = scale * scale / 12;  // of the rounded bias
  for (const Term& term : terms) {
    const double difference = term.value - scale * quantised(term, scale);
    sum += term.importance * difference * difference;
  }
  return sum;
}

/// The scale with the least error; `total` sums error over what shares it.
template <class Total>
double best_scale(double largest, const Total& total) {
  double best = largest;
  double least = total(largest);
  for (int i = 1; i < kCandidates; ++i) {
    const double scale = largest * (1 - (1 - kSmallestFraction) * i / (kCandidates - 1));
    const double found = total(scale);
    if (found < least) {
      least = found;
      best = scale;
    }
  }
  return best;
}

class Quantiser {
 public:
  Quantiser(const ModelData& folded, const QuantiseOptions& options, const Calibration& calibration)
      : folded_(folded),
        calibration_(calibration),
        infos_(infer(folded.network)),
        weight_limit_(std::ldexp(1.0, options.weight_bits - 1) - 1) {}

  ModelData run() {
    result_.network = folded_.network;
    result_.stage = Stage::kQuantised;
    result_.preprocessing = folded_.preprocessing;
    result_.class_names = folded_.class_names;
    result_.provenance = folded_.provenance;
    for (const Membrane& membrane : membranes(folded_.network)) quantise(membrane);
    validate(result_, "quantised model");
    return std::move(result_);
  }

 private:
  /// The weights of one synapse as the membrane's channels see them: row(o)[i] belongs to source
  /// channel source_channel(i).
  struct Rows {
    const Layer* layer;
    std::vector<double> weight;
    std::size_t per_channel = 1;  ///< weights of one channel of the membrane
    std::size_t cells = 1;        ///< of these, those of one source channel
    bool diagonal = true;
    double limit = double(kPotentialLimit);  ///< of the integers
    double divisor = 1;
    const ChannelStatistics* statistics = nullptr;  ///< null: unknown
    std::vector<double> bias = {};                  ///< empty: none
  };

  const Layer& layer(int index) const {
    return folded_.network.layers[static_cast<std::size_t>(index)];
  }
  std::size_t channels(int index) const {
    return static_cast<std::size_t>(infos_[static_cast<std::size_t>(index)].shape.channels);
  }
  std::vector<double> tensor(const Layer& l, const char* role) const {
    return folded_.tensors.at(l.name + "." + role).to_double();
  }

  Rows rows(const Synapse& synapse) const {
    const Layer& l = layer(synapse.layer);
    Rows rows{.layer = &l, .weight = tensor(l, "weight"), .divisor = double(synapse.divisor)};
    if (!std::holds_alternative<ScaleLayer>(l.params)) {
      rows.diagonal = false;
      rows.limit = weight_limit_;
      rows.per_channel = rows.weight.size() / channels(synapse.layer);
      rows.cells = rows.per_channel / channels(l.inputs[0]);
      if (folded_.tensors.contains(l.name + ".bias")) rows.bias = tensor(l, "bias");
    }
    const auto known = calibration_.outputs.find(layer(synapse.source).name);
    if (known != calibration_.outputs.end()) rows.statistics = &known->second;
    return rows;
  }

  /// What meets in channel `o`. A window of `divisor` positions brings as many events.
  std::vector<Term> terms(const std::vector<Rows>& all, std::size_t o) const {
    std::vector<Term> terms;
    for (const Rows& rows : all) {
      for (std::size_t i = 0; i < rows.per_channel; ++i) {
        const std::size_t channel = rows.diagonal ? o : i / rows.cells;
        const double mean = rows.statistics ? rows.statistics->mean[channel] : 0;
        const double square = rows.statistics ? rows.statistics->mean_square[channel] : 1;
        const double variance = std::max(square - mean * mean, 1e-6);
        terms.push_back({rows.weight[o * rows.per_channel + i] / rows.divisor,
                         rows.divisor * variance, rows.divisor * mean, rows.limit});
      }
    }
    return terms;
  }

  /// The scale at which the largest of all weights just fits, or 0 if all are zero.
  double largest_scale(const std::vector<Term>& terms) const {
    double largest = 0;
    double constants = 0;
    for (const Term& term : terms) {
      double& of = term.limit == weight_limit_ ? largest : constants;
      of = std::max(of, std::abs(term.value));
    }
    return largest > 0 ? largest / weight_limit_ : constants / weight_limit_;
  }

  void quantise(const Membrane& membrane) {
    const Layer& l = layer(membrane.layer);
    const std::size_t channels = this->channels(membrane.layer);
    const auto* neuron = std::get_if<NeuronLayer>(&l.params);
    std::vector<Rows> all;
    for (const Synapse& synapse : membrane.synapses) all.push_back(rows(synapse));
    std::vector<std::vector<Term>> terms_of;
    for (std::size_t o = 0; o < channels; ++o) terms_of.push_back(terms(all, o));

    std::vector<double> scales = neuron ? scale_per_channel(terms_of, neuron->neuron.threshold)
                                        : std::vector<double>(channels, common_scale(terms_of));
    std::vector<double> bias_shift(channels, 0.0);  // what rounding takes from the mean current
    for (std::size_t o = 0; o < channels; ++o) {
      for (const Term& term : terms_of[o]) {
        bias_shift[o] += term.mean * (term.value - scales[o] * quantised(term, scales[o]));
      }
    }
    for (const Rows& rows : all) store_weights(rows, scales);
    if (membrane.reads_numbers) use_input(membrane, l, all, scales);
    store_bias(all, scales, bias_shift);
    if (neuron) store_thresholds(l, neuron->neuron, scales);
    if (!neuron) scales.resize(1);
    store(l, "scale", scales);
  }

  std::vector<double> scale_per_channel(const std::vector<std::vector<Term>>& terms_of,
                                        double threshold) const {
    std::vector<double> scales;
    for (const std::vector<Term>& terms : terms_of) {
      // No weights, or so small that the threshold would not fit: nothing to be exact about.
      const double smallest = threshold / kFinestThreshold;
      const double scale =
          best_scale(largest_scale(terms), [&](double s) { return s > 0 ? error(terms, s) : 0; });
      scales.push_back(std::max(scale, smallest));
    }
    return scales;
  }

  double common_scale(const std::vector<std::vector<Term>>& terms_of) const {
    double largest = 0;
    for (const std::vector<Term>& terms : terms_of) {
      largest = std::max(largest, largest_scale(terms));
    }
    if (largest == 0) return 1;
    return best_scale(largest, [&](double s) {
      double sum = 0;
      for (const std::vector<Term>& terms : terms_of) sum += error(terms, s);
      return sum;
    });
  }

  void store_weights(const Rows& rows, const std::vector<double>& scales) {
    std::vector<std::int8_t> narrow;
    std::vector<std::int32_t> wide;
    for (std::size_t i = 0; i < rows.weight.size(); ++i) {
      const double scale = scales[i / rows.per_channel];
      const Term term{rows.weight[i] / rows.divisor, 0, 0, rows.limit};
      const double value = quantised(term, scale);
      if (rows.diagonal) {
        wide.push_back(static_cast<std::int32_t>(value));
      } else {
        narrow.push_back(static_cast<std::int8_t>(value));
      }
    }
    const std::string name = rows.layer->name + ".weight";
    const std::vector<std::int64_t>& shape = folded_.tensors.at(name).shape;
    result_.tensors.emplace(
        name, rows.diagonal ? Tensor::from(shape, wide) : Tensor::from(shape, narrow));
  }

  /// The input in fixed point: its sums with the weights have a finer unit than the weights, which
  /// a membrane of their own keeps. `scales` become those of the membrane.
  void use_input(const Membrane& membrane, const Layer& l, const std::vector<Rows>& all,
                 std::vector<double>& scales) {
    const int bits = fraction_bits();
    const bool mixed = std::any_of(membrane.synapses.begin(), membrane.synapses.end(),
                                   [](const Synapse& synapse) { return synapse.source != 0; });
    int shift = mixed ? bits : 0;
    // Half of the room is left to biases, which are checked with the rest when a model is loaded.
    while (!mixed && shift < bits &&
           std::ldexp(largest_sum(all), -shift) > double(kPotentialLimit / 2)) {
      ++shift;
    }
    for (double& scale : scales) scale = std::ldexp(scale, shift - bits);
    store(l, "input_shift", std::vector<std::int32_t>{shift});
    result_.tensors.insert_or_assign(folded_.network.layers.front().name + ".fraction_bits",
                                     Tensor::from({1}, std::vector<std::int32_t>{bits}));
  }

  /// Of stored weights times inputs, in any channel.
  double largest_sum(const std::vector<Rows>& all) const {
    double largest = 0;
    for (const Rows& rows : all) {
      const auto weight = result_.tensors.at(rows.layer->name + ".weight").to_double();
      for (std::size_t o = 0; o < weight.size() / rows.per_channel; ++o) {
        double sum = 0;
        for (std::size_t i = 0; i < rows.per_channel; ++i) {
          sum += std::abs(weight[o * rows.per_channel + i]);
        }
        largest = std::max(largest, sum * kLargestInput);
      }
    }
    return largest;
  }

  /// As many as leave room for the largest input.
  int fraction_bits() const {
    const InputLayer& input = folded_.network.input();
    const Preprocessing& preprocessing = folded_.preprocessing;
    double largest = calibration_.largest_input;
    if (largest == 0 && input.kind != InputKind::kStatic) largest = kUnknownInput;
    if (input.kind == InputKind::kStatic) {  // pictures, whose pixels are in [0, 1]
      for (std::size_t c = 0; c < static_cast<std::size_t>(input.shape.channels); ++c) {
        const double mean = preprocessing.mean.empty() ? 0 : preprocessing.mean[c];
        const double std = preprocessing.std.empty() ? 1 : preprocessing.std[c];
        largest = std::max({largest, std::abs(mean) / std, std::abs(1 - mean) / std});
      }
    }
    const double bits = std::floor(std::log2(kLargestInput / largest));
    return static_cast<int>(std::clamp(bits, 0.0, double(kInputBits)));
  }

  /// Each layer keeps a bias of its own; rounding errors are passed on to the next one.
  void store_bias(const std::vector<Rows>& all, const std::vector<double>& scales,
                  std::vector<double> carried) {
    for (const Rows& rows : all) {
      if (rows.bias.empty()) continue;
      std::vector<std::int32_t> bias;
      for (std::size_t o = 0; o < scales.size(); ++o) {
        const double exact = rows.bias[o] + carried[o];
        bias.push_back(checked(*rows.layer, "bias", std::nearbyint(exact / scales[o])));
        carried[o] = exact - scales[o] * bias.back();
      }
      store(*rows.layer, "bias", bias);
    }
  }

  void store_thresholds(const Layer& l, const NeuronSpec& neuron,
                        const std::vector<double>& scales) {
    std::vector<std::int32_t> thresholds;
    for (const double scale : scales) {
      const double exact = neuron.threshold / scale;
      // Potentials are whole numbers: this fires at the threshold, equality included or not.
      thresholds.push_back(
          checked(l, "threshold", neuron.strict ? std::floor(exact) + 1 : std::ceil(exact)));
    }
    store(l, "threshold", thresholds);
  }

  static std::int32_t checked(const Layer& l, const char* what, double value) {
    if (std::abs(value) > double(kPotentialLimit)) {
      throw ShapeError(l.name, "its " + std::string(what) + " is " + number(value) +
                                   " units of its integers, more than 2^30");
    }
    return static_cast<std::int32_t>(value);
  }

  template <class Number>
  void store(const Layer& l, const char* role, const std::vector<Number>& values) {
    result_.tensors.emplace(l.name + "." + role,
                            Tensor::from({static_cast<std::int64_t>(values.size())}, values));
  }

  const ModelData& folded_;
  const Calibration& calibration_;
  const std::vector<LayerInfo> infos_;
  const double weight_limit_;
  ModelData result_;
};

void check(const ModelData& folded, const QuantiseOptions& options,
           const Calibration& calibration) {
  if (options.weight_bits < 6 || options.weight_bits > 8) {
    throw ConfigError("weight_bits",
                      "is " + std::to_string(options.weight_bits) + ", expected 6, 7 or 8");
  }
  if (folded.stage != Stage::kFolded) {
    throw Error("only a model of stage 'folded' can be quantised, this one is " +
                in_quotes(to_string(folded.stage)));
  }
  validate(folded);
  const std::vector<LayerInfo> infos = infer(folded.network);
  for (const auto& [name, statistics] : calibration.outputs) {
    const int index = folded.network.find(name);
    const auto channels =
        index < 0 ? 0
                  : static_cast<std::size_t>(infos[static_cast<std::size_t>(index)].shape.channels);
    if (channels == 0 || statistics.mean.size() != channels ||
        statistics.mean_square.size() != channels) {
      throw Error("the calibration's layer " + in_quotes(name) +
                  " is none of the network, or has another number of channels");
    }
  }
}

}  // namespace

ModelData quantise(const ModelData& folded, const QuantiseOptions& options,
                   const Calibration& calibration) {
  check(folded, options, calibration);
  return Quantiser(folded, options, calibration).run();
}

}  // namespace trispike::model
