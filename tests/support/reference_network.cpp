// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "support/reference_network.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace trispike::test {
namespace {

using model::MapShape;

// The output of a layer at one time step, for all samples: [N, C, H, W].
struct Value {
  std::vector<double> map;
  // Behind a neuron and any pools: how many spikes arrive in each cell, whatever their sign or
  // weight.
  std::vector<double> events;
};

// out[n, o] += weight[o, c] * in[n, c], slid over the map.
std::vector<double> convolve(const model::ConvLayer& conv, const MapShape& in, const MapShape& out,
                             int samples, const std::vector<double>& input,
                             const std::vector<double>& weight) {
  std::vector<double> output(static_cast<std::size_t>(samples * out.elements()), 0.0);
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t o = 0; o < out.channels; ++o) {
      double* target = &output[(n * out.channels + o) * out.height * out.width];
      for (std::int64_t c = 0; c < in.channels; ++c) {
        const double* source = &input[(n * in.channels + c) * in.height * in.width];
        for (std::int64_t ky = 0; ky < conv.kernel; ++ky) {
          for (std::int64_t kx = 0; kx < conv.kernel; ++kx) {
            const double w = weight[((o * in.channels + c) * conv.kernel + ky) * conv.kernel + kx];
            for (std::int64_t y = 0; y < out.height; ++y) {
              const std::int64_t from_y = y * conv.stride + ky - conv.padding;
              if (from_y < 0 || from_y >= in.height) continue;
              for (std::int64_t x = 0; x < out.width; ++x) {
                const std::int64_t from_x = x * conv.stride + kx - conv.padding;
                if (from_x < 0 || from_x >= in.width) continue;
                target[y * out.width + x] += w * source[from_y * in.width + from_x];
              }
            }
          }
        }
      }
    }
  }
  return output;
}

// Sums over the pool's windows, each divided by the number of cells that the pool says (`mean`) or
// not.
std::vector<double> pool(const model::AvgPoolLayer& pool, const MapShape& in, const MapShape& out,
                         int samples, const std::vector<double>& input, bool mean) {
  std::vector<double> output(static_cast<std::size_t>(samples * out.elements()));
  for (std::int64_t plane = 0; plane < samples * out.channels; ++plane) {
    for (std::int64_t y = 0; y < out.height; ++y) {
      for (std::int64_t x = 0; x < out.width; ++x) {
        double sum = 0;
        int cells = 0;
        for (std::int64_t ky = 0; ky < pool.kernel; ++ky) {
          for (std::int64_t kx = 0; kx < pool.kernel; ++kx) {
            const std::int64_t from_y = y * pool.stride + ky - pool.padding;
            const std::int64_t from_x = x * pool.stride + kx - pool.padding;
            if (from_y < 0 || from_y >= in.height || from_x < 0 || from_x >= in.width) continue;
            sum += input[(plane * in.height + from_y) * in.width + from_x];
            ++cells;
          }
        }
        const double divisor = pool.count_padding ? pool.kernel * pool.kernel : cells;
        output[(plane * out.height + y) * out.width + x] = mean ? sum / divisor : sum;
      }
    }
  }
  return output;
}

std::vector<double> sum_over_positions(const MapShape& in, int samples,
                                       const std::vector<double>& input) {
  std::vector<double> output(static_cast<std::size_t>(samples * in.channels), 0.0);
  const std::size_t positions = input.size() / output.size();
  for (std::size_t i = 0; i < input.size(); ++i) output[i / positions] += input[i];
  return output;
}

// Charge, fire, reset of one neuron (paper Eq. 4-14); returns the spike.
int spike_of(const model::NeuronSpec& neuron, double& u, double input_current) {
  u = neuron.decay * u + input_current;
  int spike = 0;
  if (neuron.strict ? u > neuron.threshold : u >= neuron.threshold) spike = 1;
  if (neuron.kind != model::NeuronKind::kBinary) {
    if (neuron.strict ? u < -neuron.threshold : u <= -neuron.threshold) spike = -1;
  }
  switch (neuron.reset) {
    case model::ResetMode::kHard:
      if (spike != 0) u = 0;
      break;
    case model::ResetMode::kSoft:
      u -= spike * neuron.threshold;
      break;
    case model::ResetMode::kNone:
      break;
  }
  return spike;
}

class Reference {
 public:
  Reference(const model::ModelData& model, const std::vector<double>& input, int samples)
      : model_(model),
        layers_(model.network.layers),
        infos_(model::infer(model.network)),
        input_(input),
        samples_(samples),
        frames_(model.network.input().kind != model::InputKind::kStatic),
        values_(layers_.size()),
        potentials_(layers_.size()) {
    const auto expected = samples * infos_[0].shape.elements() * (frames_ ? time_steps() : 1);
    if (static_cast<std::int64_t>(input.size()) != expected) {
      throw std::invalid_argument("reference: input has the wrong size");
    }
    for (std::size_t i = 0; i < layers_.size(); ++i) prepare(i);
  }

  ReferenceResult run() {
    for (t_ = 0; t_ < time_steps(); ++t_) {
      synapse_ = 0;
      neuron_ = 0;
      for (i_ = 0; i_ < layers_.size(); ++i_) {
        std::visit([this](const auto& layer) { compute(layer); }, layers_[i_].params);
      }
      const std::vector<double>& logits = values_.back().map;
      result_.logits.resize(logits.size(), 0.0);
      for (std::size_t k = 0; k < logits.size(); ++k) {
        result_.logits[k] += logits[k] / time_steps();
      }
    }
    return std::move(result_);
  }

 private:
  void prepare(std::size_t i) {
    for (const model::TensorSpec& spec : infos_[i].tensors) {
      weights_[spec.name] = model_.tensors.at(spec.name).to_double();
    }
    if (infos_[i].dense_macs > 0) {
      result_.synapses.push_back(
          {layers_[i].name, 0, 0, infos_[i].dense_macs * time_steps() * samples_});
    }
    if (is_spiking(i)) result_.spikes.push_back({layers_[i].name, {}});
  }

  void compute(const model::InputLayer& input) {
    const auto size = static_cast<std::size_t>(input.shape.elements());
    std::vector<double>& map = values_[i_].map;
    map.clear();
    for (std::size_t n = 0; n < static_cast<std::size_t>(samples_); ++n) {
      const std::size_t frame = frames_ ? n * time_steps() + t_ : n;
      map.insert(map.end(), input_.begin() + frame * size, input_.begin() + (frame + 1) * size);
    }
    if (input.kind == model::InputKind::kEvents) values_[i_].events = map;
  }

  void compute(const model::ConvLayer& conv) {
    const Value& input = source(0);
    values_[i_].map =
        convolve(conv, shape(0), infos_[i_].shape, samples_, input.map, tensor("weight"));
    if (conv.bias) add_bias();
    double operations = 0;
    if (!input.events.empty()) {
      // Every output channel sees the same number of spikes.
      model::ConvLayer ones = conv;
      ones.out_channels = 1;
      MapShape out = infos_[i_].shape;
      out.channels = 1;
      const std::vector<double> weight(tensor("weight").size() / conv.out_channels, 1.0);
      operations =
          conv.out_channels * sum(convolve(ones, shape(0), out, samples_, input.events, weight));
    }
    count(input, operations);
  }

  void compute(const model::LinearLayer& linear) {
    const Value& input = source(0);
    const std::vector<double>& weight = tensor("weight");
    std::vector<double>& map = values_[i_].map;
    map.assign(static_cast<std::size_t>(samples_ * linear.out_features), 0.0);
    for (std::int64_t n = 0; n < samples_; ++n) {
      for (std::int64_t o = 0; o < linear.out_features; ++o) {
        for (std::int64_t k = 0; k < linear.in_features; ++k) {
          map[n * linear.out_features + o] +=
              weight[o * linear.in_features + k] * input.map[n * linear.in_features + k];
        }
      }
    }
    if (linear.bias) add_bias();
    count(input, linear.out_features * sum(input.events));
  }

  void compute(const model::ScaleLayer&) {
    const Value& input = source(0);
    const std::vector<double>& weight = tensor("weight");
    values_[i_].map = input.map;
    for_each_channel([&](double& value, std::size_t c) { value *= weight[c]; });
    count(input, sum(input.events));
  }

  void compute(const model::BatchNormLayer& norm) {
    values_[i_].map = source(0).map;
    const std::vector<double>& weight = tensor("weight");
    const std::vector<double>& bias = tensor("bias");
    const std::vector<double>& mean = tensor("running_mean");
    const std::vector<double>& var = tensor("running_var");
    for_each_channel([&](double& value, std::size_t c) {
      const double normalised = norm.scale * (value - mean[c]) / std::sqrt(var[c] + norm.eps);
      value = weight[c] * normalised + bias[c];
    });
  }

  void compute(const model::NeuronLayer& layer) {
    const std::vector<double>& current = source(0).map;
    Value& value = values_[i_];
    value.map.resize(current.size());
    if (layer.neuron.kind == model::NeuronKind::kRelu) {
      for (std::size_t k = 0; k < current.size(); ++k) value.map[k] = std::max(current[k], 0.0);
      return;
    }
    const bool trainable = layer.neuron.kind == model::NeuronKind::kTrainableTernary;
    const double amplitude = trainable ? tensor("amplitude")[0] : 1.0;
    model::NeuronSpec neuron = layer.neuron;
    if (neuron.trainable_threshold) neuron.threshold = tensor("threshold")[0];
    potentials_[i_].resize(current.size(), 0.0);
    value.events.resize(current.size());
    model::SpikeRecord& record = result_.spikes[neuron_++];
    for (std::size_t k = 0; k < current.size(); ++k) {
      const int spike = spike_of(neuron, potentials_[i_][k], current[k]);
      value.map[k] = amplitude * spike;
      value.events[k] = std::abs(spike);
      record.spikes.push_back(static_cast<std::int8_t>(spike));
    }
  }

  void compute(const model::AddLayer&) {
    const std::vector<double>& a = source(0).map;
    const std::vector<double>& b = source(1).map;
    values_[i_].map.resize(a.size());
    std::transform(a.begin(), a.end(), b.begin(), values_[i_].map.begin(), std::plus<>());
  }

  void compute(const model::AvgPoolLayer& layer) {
    const MapShape& out = infos_[i_].shape;
    const Value& input = source(0);
    values_[i_].map = pool(layer, shape(0), out, samples_, input.map, true);
    if (!input.events.empty()) {
      values_[i_].events = pool(layer, shape(0), out, samples_, input.events, false);
    }
  }

  void compute(const model::GlobalAvgPoolLayer&) {
    const Value& input = source(0);
    const double positions = static_cast<double>(shape(0).height * shape(0).width);
    values_[i_].map = sum_over_positions(shape(0), samples_, input.map);
    for (double& value : values_[i_].map) value /= positions;
    if (!input.events.empty()) {
      values_[i_].events = sum_over_positions(shape(0), samples_, input.events);
    }
  }

  // A layer that reads the static image is computed once.
  void count(const Value& input, double synaptic_operations) {
    model::SynapseActivity& synapse = result_.synapses[synapse_++];
    const bool repeats = layers_[i_].inputs[0] == 0 && !frames_ && t_ > 0;
    if (!input.events.empty()) {
      synapse.synaptic_operations += static_cast<std::int64_t>(synaptic_operations);
    } else if (!repeats) {
      synapse.macs += infos_[i_].dense_macs * samples_;
    }
  }

  void add_bias() {
    const std::vector<double>& bias = tensor("bias");
    for_each_channel([&](double& value, std::size_t c) { value += bias[c]; });
  }

  template <class Function>
  void for_each_channel(const Function& function) {
    const MapShape& out = infos_[i_].shape;
    std::vector<double>& map = values_[i_].map;
    for (std::size_t k = 0; k < map.size(); ++k) {
      function(map[k], k / (out.height * out.width) % out.channels);
    }
  }

  static double sum(const std::vector<double>& values) {
    double total = 0;
    for (const double value : values) total += value;
    return total;
  }

  bool is_spiking(std::size_t i) const {
    const auto* layer = std::get_if<model::NeuronLayer>(&layers_[i].params);
    return layer && layer->neuron.kind != model::NeuronKind::kRelu;
  }

  int time_steps() const { return model_.network.time_steps; }
  const Value& source(std::size_t k) const { return values_[layers_[i_].inputs[k]]; }
  const MapShape& shape(std::size_t k) const { return infos_[layers_[i_].inputs[k]].shape; }
  const std::vector<double>& tensor(const char* role) const {
    return weights_.at(layers_[i_].name + "." + role);
  }

  const model::ModelData& model_;
  const std::vector<model::Layer>& layers_;
  std::vector<model::LayerInfo> infos_;
  const std::vector<double>& input_;
  const int samples_;
  const bool frames_;
  std::map<std::string, std::vector<double>> weights_;
  std::vector<Value> values_;                    // of each layer, at this time step
  std::vector<std::vector<double>> potentials_;  // of each neuron layer
  int t_ = 0;                                    // this time step
  std::size_t i_ = 0;                            // this layer
  std::size_t synapse_ = 0;                      // this layer's record, if it has weights
  std::size_t neuron_ = 0;                       // this layer's record, if it is spiking
  ReferenceResult result_;
};

}  // namespace

ReferenceResult run_reference(const model::ModelData& model, const std::vector<double>& input,
                              int samples) {
  return Reference(model, input, samples).run();
}

double firing_rate(const std::vector<model::SpikeRecord>& spikes) {
  double fired = 0;
  double all = 0;
  for (const model::SpikeRecord& record : spikes) {
    for (const std::int8_t spike : record.spikes) fired += spike != 0;
    all += static_cast<double>(record.spikes.size());
  }
  return fired / all;
}

}  // namespace trispike::test
