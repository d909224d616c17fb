// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "support/integer_network.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

namespace trispike::test {
namespace {

using Map = std::vector<std::int64_t>;

/// What a layer gives: spikes (or, behind pools, how many of them count for how much), or sums of
/// weights. Sums with the input have a finer unit and are kept apart.
struct Value {
  Map events;
  Map products;
};

class IntegerNetwork {
 public:
  explicit IntegerNetwork(const model::ModelData& model)
      : model_(model), layers_(model.network.layers), infos_(model::infer(model.network)) {}

  IntegerResult run(const std::vector<double>& input) {
    IntegerResult result;
    const auto size = static_cast<std::size_t>(infos_.front().shape.elements());
    const bool frames = model_.network.input().kind != model::InputKind::kStatic;
    result.logits.assign(static_cast<std::size_t>(infos_.back().shape.channels), 0.0);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (std::holds_alternative<model::NeuronLayer>(layers_[i].params)) {
        result.spikes.push_back({layers_[i].name, {}});
      }
    }
    for (int t = 0; t < model_.network.time_steps; ++t) {
      const auto* map = input.data() + (frames ? static_cast<std::size_t>(t) * size : 0);
      step({map, map + size}, result);
    }
    for (double& logit : result.logits) logit /= model_.network.time_steps;
    return result;
  }

 private:
  void step(const std::vector<double>& input, IntegerResult& result) {
    std::vector<Value> values;
    std::size_t record = 0;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const model::Layer& layer = layers_[i];
      if (i == 0) {
        values.push_back(
            {takes_events() ? Map(input.begin(), input.end()) : fixed_point(input), {}});
      } else if (const auto* neuron = std::get_if<model::NeuronLayer>(&layer.params)) {
        const Map currents = total(layer, values[in(layer)]);
        values.push_back({fire(layer, neuron->neuron, currents), {}});
        for (const std::int64_t spike : values.back().events) {
          result.spikes[record].spikes.push_back(static_cast<std::int8_t>(spike));
        }
        ++record;
      } else if (std::holds_alternative<model::AddLayer>(layer.params)) {
        values.push_back(add(values[in(layer)], values[in(layer, 1)]));
      } else {
        const Map& source = values[in(layer)].events;
        const Map sums = std::visit(
            [&](const auto& params) { return (*this)(layer, params, source); }, layer.params);
        const bool numbers = layer.inputs[0] == 0 && !takes_events();
        Value value{numbers ? Map(sums.size(), 0) : sums, numbers ? sums : Map{}};
        add_bias(layer, value.events);
        values.push_back(value);
      }
    }
    const Map sums = total(layers_.back(), values.back());
    const double scale = number(layers_.back(), "scale");
    for (std::size_t k = 0; k < result.logits.size(); ++k) {
      result.logits[k] += scale * static_cast<double>(sums[k]);
    }
  }

  static std::size_t in(const model::Layer& layer, std::size_t k = 0) {
    return static_cast<std::size_t>(layer.inputs[k]);
  }
  const model::MapShape& shape(std::size_t layer) const { return infos_[layer].shape; }
  const model::MapShape& out(const model::Layer& layer) const {
    return shape(static_cast<std::size_t>(model_.network.find(layer.name)));
  }
  Map tensor(const model::Layer& layer, const char* role) const {
    const auto found = model_.tensors.find(layer.name + "." + role);
    if (found == model_.tensors.end()) return {};
    const std::vector<double> values = found->second.to_double();
    return {values.begin(), values.end()};
  }
  double number(const model::Layer& layer, const char* role) const {
    return model_.tensors.at(layer.name + "." + role).to_double().front();
  }

  bool takes_events() const { return model_.network.input().kind == model::InputKind::kEvents; }

  Map fixed_point(const std::vector<double>& input) const {
    const auto bits = static_cast<int>(number(layers_.front(), "fraction_bits"));
    Map fixed;
    for (const double x : input) {
      fixed.push_back(static_cast<std::int64_t>(
          std::nearbyint(std::max(-32767.0, std::min(32767.0, x * std::pow(2.0, bits))))));
    }
    return fixed;
  }

  static Value add(const Value& a, const Value& b) {
    Value sum = a;
    for (std::size_t i = 0; i < a.events.size(); ++i) sum.events[i] += b.events[i];
    if (sum.products.empty()) sum.products = b.products;
    if (!a.products.empty() && !b.products.empty()) {
      for (std::size_t i = 0; i < a.products.size(); ++i) sum.products[i] += b.products[i];
    }
    return sum;
  }

  void add_bias(const model::Layer& layer, Map& sums) const {
    const Map bias = tensor(layer, "bias");
    const auto positions = static_cast<std::int64_t>(sums.size()) / out(layer).channels;
    for (std::size_t i = 0; i < sums.size() && !bias.empty(); ++i) {
      sums[i] += bias[i / static_cast<std::size_t>(positions)];
    }
  }

  /// The current of a membrane: both kinds of sums in its unit.
  Map total(const model::Layer& membrane, const Value& value) const {
    Map sums = value.events;
    for (std::size_t i = 0; i < value.products.size(); ++i) {
      const double unit = std::pow(2.0, tensor(membrane, "input_shift").front());
      sums[i] += static_cast<std::int64_t>(
          std::floor((static_cast<double>(value.products[i]) + std::floor(unit / 2)) / unit));
    }
    return sums;
  }

  Map fire(const model::Layer& layer, const model::NeuronSpec& neuron, const Map& currents) {
    Map& u = potentials_[layer.name];
    u.resize(currents.size(), 0);
    const Map thresholds = tensor(layer, "threshold");
    const std::size_t positions = currents.size() / thresholds.size();
    Map spikes(currents.size(), 0);
    for (std::size_t i = 0; i < u.size(); ++i) {
      const std::int64_t threshold = thresholds[i / positions];
      u[i] = static_cast<std::int64_t>(std::floor(static_cast<double>(u[i]) * neuron.decay)) +
             currents[i];
      if (u[i] >= threshold) spikes[i] = 1;
      if (u[i] <= -threshold && neuron.kind != model::NeuronKind::kBinary) spikes[i] = -1;
      if (spikes[i] != 0 && neuron.reset == model::ResetMode::kHard) u[i] = 0;
      if (neuron.reset == model::ResetMode::kSoft) u[i] -= spikes[i] * threshold;
      u[i] = std::max<std::int64_t>(-(1 << 30), std::min<std::int64_t>(1 << 30, u[i]));
    }
    return spikes;
  }

  template <class Visit>
  static void for_each_cell(const model::MapShape& map, std::int64_t y, std::int64_t x,
                            std::int64_t kernel, const Visit& visit) {
    for (std::int64_t ky = 0; ky < kernel; ++ky) {
      for (std::int64_t kx = 0; kx < kernel; ++kx) {
        const bool inside = y + ky >= 0 && y + ky < map.height && x + kx >= 0 && x + kx < map.width;
        if (inside) visit((y + ky) * map.width + x + kx, ky * kernel + kx);
      }
    }
  }

  Map operator()(const model::Layer& layer, const model::ConvLayer& conv, const Map& source) const {
    const model::MapShape& from = shape(in(layer));
    const model::MapShape& to = out(layer);
    const Map weight = tensor(layer, "weight");
    Map sums(static_cast<std::size_t>(to.elements()), 0);
    for (std::int64_t o = 0; o < to.channels; ++o) {
      for (std::int64_t p = 0; p < to.height * to.width; ++p) {
        std::int64_t& sum = sums[static_cast<std::size_t>(o * to.height * to.width + p)];
        for_each_cell(
            from, p / to.width * conv.stride - conv.padding,
            p % to.width * conv.stride - conv.padding, conv.kernel,
            [&](std::int64_t position, std::int64_t cell) {
              for (std::int64_t c = 0; c < from.channels; ++c) {
                const std::int64_t w = (o * from.channels + c) * conv.kernel * conv.kernel;
                sum += weight[static_cast<std::size_t>(w + cell)] *
                       source[static_cast<std::size_t>(c * from.height * from.width + position)];
              }
            });
      }
    }
    return sums;
  }

  Map operator()(const model::Layer& layer, const model::LinearLayer& linear,
                 const Map& source) const {
    const Map weight = tensor(layer, "weight");
    Map sums;
    for (std::int64_t o = 0; o < linear.out_features; ++o) {
      sums.push_back(std::inner_product(source.begin(), source.end(),
                                        weight.begin() + o * linear.in_features, std::int64_t{0}));
    }
    return sums;
  }

  Map operator()(const model::Layer& layer, const model::ScaleLayer&, const Map& source) const {
    const Map weight = tensor(layer, "weight");
    Map sums = source;
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i] *= weight[i * weight.size() / sums.size()];
    return sums;
  }

  /// A window of fewer positions than the common divisor counts each of its events more often.
  Map operator()(const model::Layer& layer, const model::AvgPoolLayer& pool,
                 const Map& source) const {
    const model::MapShape& from = shape(in(layer));
    const model::MapShape& to = out(layer);
    const auto origin = [&](std::int64_t i) { return i * pool.stride - pool.padding; };
    std::vector<std::int64_t> sizes;
    std::int64_t divisor = 1;
    for (std::int64_t p = 0; p < to.height * to.width; ++p) {
      std::int64_t inside = 0;
      for_each_cell(from, origin(p / to.width), origin(p % to.width), pool.kernel,
                    [&](std::int64_t, std::int64_t) { ++inside; });
      sizes.push_back(pool.count_padding ? pool.kernel * pool.kernel : inside);
      divisor = std::lcm(divisor, sizes.back());
    }
    Map sums(static_cast<std::size_t>(to.elements()), 0);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const auto positions = static_cast<std::size_t>(to.height * to.width);
      const auto p = static_cast<std::int64_t>(i % positions);
      const auto c = static_cast<std::int64_t>(i / positions);
      for_each_cell(
          from, origin(p / to.width), origin(p % to.width), pool.kernel,
          [&](std::int64_t position, std::int64_t) {
            sums[i] += source[static_cast<std::size_t>(c * from.height * from.width + position)] *
                       (divisor / sizes[i % positions]);
          });
    }
    return sums;
  }

  Map operator()(const model::Layer& layer, const model::GlobalAvgPoolLayer&,
                 const Map& source) const {
    const std::size_t positions = source.size() / static_cast<std::size_t>(out(layer).channels);
    Map sums;
    for (auto from = source.begin(); from != source.end();
         from += static_cast<std::ptrdiff_t>(positions)) {
      sums.push_back(
          std::accumulate(from, from + static_cast<std::ptrdiff_t>(positions), std::int64_t{0}));
    }
    return sums;
  }

  // Handled by step().
  Map operator()(const model::Layer&, const model::InputLayer&, const Map&) const { return {}; }
  Map operator()(const model::Layer&, const model::NeuronLayer&, const Map&) const { return {}; }
  Map operator()(const model::Layer&, const model::AddLayer&, const Map&) const { return {}; }
  Map operator()(const model::Layer&, const model::BatchNormLayer&, const Map&) const { return {}; }

  const model::ModelData& model_;
  const std::vector<model::Layer>& layers_;
  const std::vector<model::LayerInfo> infos_;
  std::map<std::string, Map> potentials_;
};

}  // namespace

IntegerResult run_integer(const model::ModelData& model, const std::vector<double>& input) {
  return IntegerNetwork(model).run(input);
}

}  // namespace trispike::test
