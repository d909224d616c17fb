// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/plan.h"

#include <algorithm>
#include <cmath>

#include "src/dense_spikes.h"
#include "src/integer_bounds.h"
#include "trispike/model/error.h"
#include "trispike/model/quantise.h"

namespace trispike::runtime {
namespace {

constexpr std::int64_t kMaxTaps = std::int64_t{1} << 27;   // of all connectivities together: 1 GiB
constexpr std::int64_t kMaxUnits = std::int64_t{1} << 27;  // of all populations together
constexpr std::size_t kMaxProjections = 256;               // of one population
constexpr std::int64_t kMaxFanIn = std::int64_t{1} << 28;  // of one neuron from one projection

/// Window that takes each position as it is.
Window identity_window(const model::MapShape& map) {
  return {map.height, map.width, map.height, map.width, 1, 1, 1, 0};
}

/// Window that covers the whole map.
Window whole_window(const model::MapShape& map) {
  return {map.height, map.width, 1, 1, map.height, map.width, 1, 0};
}

class Planner {
 public:
  explicit Planner(const model::ModelData& folded)
      : data_(folded),
        layers_(folded.network.layers),
        infos_(model::infer(folded.network)),
        population_of_(layers_.size(), kInputSource) {}

  Plan plan() {
    plan_.input = data_.network.input();
    plan_.time_steps = data_.network.time_steps;
    plan_.integer = data_.stage == model::Stage::kQuantised;
    for (const model::Layer& l : layers_) {
      const bool weighted = std::holds_alternative<model::ConvLayer>(l.params) ||
                            std::holds_alternative<model::LinearLayer>(l.params) ||
                            std::holds_alternative<model::ScaleLayer>(l.params);
      if (weighted) plan_.synapses.push_back(l.name);
    }
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (std::holds_alternative<model::NeuronLayer>(layers_[i].params)) add_neurons(int(i));
    }
    materialise(static_cast<int>(layers_.size()) - 1);
    if (plan_.integer) read_integer_constants();
    return std::move(plan_);
  }

 private:
  /// Where a signal comes from: a population and the pools on the way, source first.
  struct Source {
    int population = kInputSource;
    bool spiking = false;
    std::vector<Window> pools;
    std::int64_t divisor = 1;  // of the pools, if integer
  };

  const model::Layer& layer(int index) const { return layers_[static_cast<std::size_t>(index)]; }
  const model::MapShape& shape(int index) const {
    return infos_[static_cast<std::size_t>(index)].shape;
  }

  void add_neurons(int index) {
    const auto& neuron = std::get<model::NeuronLayer>(layer(index).params).neuron;
    Population population = empty_population(index);
    population.activation =
        model::info(neuron.kind).spiking ? Activation::kSpikes : Activation::kRelu;
    population.neuron = neuron;
    collect(layer(index).inputs[0], layer(index).name, population);
    add_population(index, std::move(population));
  }

  /// A population that holds the output of `index` as it is. Returns its index.
  int materialise(int index) {
    int& known = population_of_[static_cast<std::size_t>(index)];
    const bool readout = index + 1 == static_cast<int>(layers_.size());
    if (known != kInputSource && !readout) return known;
    Population population = empty_population(index);
    collect(index, layer(index).name, population);
    add_population(index, std::move(population));
    return known;
  }

  Population empty_population(int index) const {
    Population population;
    population.layer = layer(index).name;
    population.shape = shape(index);
    population.bias.assign(static_cast<std::size_t>(population.shape.channels), 0.0);
    if (population.shape.channels > kMaxChannels) {
      throw ShapeError(population.layer, "has " + std::to_string(population.shape.channels) +
                                             " channels; the runtime's limit is " +
                                             std::to_string(kMaxChannels));
    }
    return population;
  }

  void add_population(int index, Population population) {
    units_ += population.shape.elements();
    if (units_ > kMaxUnits) {
      throw ShapeError(population.layer, "the network has more than " + std::to_string(kMaxUnits) +
                                             " neurons up to here, the runtime's limit");
    }
    population_of_[static_cast<std::size_t>(index)] = static_cast<int>(plan_.populations.size());
    plan_.populations.push_back(std::move(population));
  }

  /// Adds what the output of layer `index` is made of to the projections of `population`.
  void collect(int index, const std::string& asking, Population& population) {
    const model::Layer& l = layer(index);
    Projection projection;
    projection.layer = l.name;
    projection.dense_operations = infos_[static_cast<std::size_t>(index)].dense_macs;
    if (std::holds_alternative<model::AddLayer>(l.params)) {
      collect(l.inputs[0], l.name, population);
      collect(l.inputs[1], l.name, population);
    } else if (const auto* conv = std::get_if<model::ConvLayer>(&l.params)) {
      add_bias(l, conv->bias, population);
      const model::MapShape& in = shape(l.inputs[0]);
      add_rows(l, projection,
               {in.height, in.width, shape(index).height, shape(index).width, conv->kernel,
                conv->kernel, conv->stride, conv->padding},
               population);
    } else if (const auto* linear = std::get_if<model::LinearLayer>(&l.params)) {
      add_bias(l, linear->bias, population);
      add_rows(l, projection, whole_window(shape(l.inputs[0])), population);
    } else if (std::holds_alternative<model::ScaleLayer>(l.params)) {
      projection.weight = l.name + ".weight";
      add_diagonal(l.inputs[0], projection, population);
    } else if (std::holds_alternative<model::BatchNormLayer>(l.params)) {
      throw ShapeError(l.name, "a batch_norm in a model that should be folded");
    } else {  // input, neurons or a pool: the signal itself
      projection.layer = asking;
      projection.dense_operations = population.shape.elements();
      add_diagonal(index, projection, population);
    }
  }

  void add_bias(const model::Layer& l, bool has_bias, Population& population) const {
    if (!has_bias) return;
    const std::vector<double> bias = data_.tensors.at(l.name + ".bias").to_double();
    for (std::size_t c = 0; c < bias.size(); ++c) population.bias[c] += bias[c];
  }

  void add_rows(const model::Layer& l, Projection projection, const Window& window,
                Population& population) {
    Source source = find_source(l.inputs[0]);
    if (!source.spiking && !source.pools.empty()) source = {materialise(l.inputs[0]), false, {}, 1};
    projection.weight = l.name + ".weight";
    projection.in_channels = shape(l.inputs[0]).channels;
    projection.cells = window.kernel_height * window.kernel_width;
    add_projection(source, window, std::move(projection), population);
  }

  void add_diagonal(int input, Projection projection, Population& population) {
    projection.diagonal = true;
    projection.in_channels = population.shape.channels;
    add_projection(find_source(input), identity_window(shape(input)), std::move(projection),
                   population);
  }

  void add_projection(const Source& source, const Window& window, Projection projection,
                      Population& population) {
    if (population.projections.size() == kMaxProjections) {
      throw ShapeError(population.layer, "adds more than " + std::to_string(kMaxProjections) +
                                             " maps, the runtime's limit");
    }
    projection.source = source.population;
    projection.event_driven = source.spiking;
    projection.window = window;
    if (!projection.adds_rows()) {
      projection.connectivity = connectivity(source, window, projection);
    } else if (!source.pools.empty()) {
      projection.connectivity = connectivity(
          source, identity_window({0, window.source_height, window.source_width}), projection);
    }
    check_fan_in(projection);
    if (!projection.weight.empty() || projection.event_driven) {
      projection.synapse = synapse(projection.layer);
    }
    population.projections.push_back(std::move(projection));
  }

  void check_fan_in(const Projection& projection) const {
    const std::int64_t fan_in = plan_.most_taps(projection) * projection.in_channels;
    if (fan_in > kMaxFanIn) {
      throw ShapeError(projection.layer, "adds up " + std::to_string(fan_in) +
                                             " numbers per output; the runtime's limit is " +
                                             std::to_string(kMaxFanIn));
    }
  }

  /// Follows layer `index` back through pools to what gives the signal.
  Source find_source(int index) {
    Source source;
    while (true) {
      const model::LayerParams& params = layer(index).params;
      if (plan_.integer && is_pool(params)) {
        source.divisor *= model::pool_divisor(params, shape(layer(index).inputs[0]), shape(index));
      }
      if (const auto* pool = std::get_if<model::AvgPoolLayer>(&params)) {
        const model::MapShape& in = shape(layer(index).inputs[0]);
        source.pools.push_back({in.height, in.width, shape(index).height, shape(index).width,
                                pool->kernel, pool->kernel, pool->stride, pool->padding,
                                pool->count_padding});
      } else if (std::holds_alternative<model::GlobalAvgPoolLayer>(params)) {
        source.pools.push_back(whole_window(shape(layer(index).inputs[0])));
      } else {
        break;
      }
      index = layer(index).inputs[0];
    }
    std::reverse(source.pools.begin(), source.pools.end());
    const model::LayerParams& root = layer(index).params;
    if (const auto* neuron = std::get_if<model::NeuronLayer>(&root)) {
      source.population = population_of_[static_cast<std::size_t>(index)];
      source.spiking = model::info(neuron->neuron.kind).spiking;
    } else if (const auto* input = std::get_if<model::InputLayer>(&root)) {
      source.spiking = input->kind == model::InputKind::kEvents;
    } else {
      source.population = materialise(index);
    }
    return source;
  }

  static bool is_pool(const model::LayerParams& params) {
    return std::holds_alternative<model::AvgPoolLayer>(params) ||
           std::holds_alternative<model::GlobalAvgPoolLayer>(params);
  }

  int connectivity(const Source& source, const Window& window, const Projection& projection) {
    std::vector<Window> key = source.pools;
    key.push_back(window);
    const auto known = std::find(windows_.begin(), windows_.end(), key);
    if (known != windows_.end()) return static_cast<int>(known - windows_.begin());
    Connectivity made = connect(source.pools, window, kMaxTaps - taps_, projection.layer);
    if (plan_.integer) {
      made = repeat_taps(made, source.divisor, kMaxTaps - taps_, projection.layer);
    }
    taps_ += static_cast<std::int64_t>(made.taps.size());
    plan_.connectivities.push_back(std::move(made));
    windows_.push_back(std::move(key));
    return static_cast<int>(windows_.size()) - 1;
  }

  /// What a quantised model has besides weights and biases.
  void read_integer_constants() {
    const auto first_number = [&](const std::string& name, double otherwise) {
      const auto found = data_.tensors.find(name);
      return found == data_.tensors.end() ? otherwise : found->second.to_double().front();
    };
    for (Population& population : plan_.populations) {
      if (population.activation == Activation::kSpikes) {
        population.thresholds = data_.tensors.at(population.layer + ".threshold").to_double();
      }
      population.input_shift = static_cast<int>(first_number(population.layer + ".input_shift", 0));
    }
    plan_.fraction_bits =
        static_cast<int>(first_number(layers_.front().name + ".fraction_bits", 0));
    plan_.logit_scale = first_number(layers_.back().name + ".scale", 1);
    prove_bounds(plan_, data_.tensors);
  }

  int synapse(const std::string& name) {
    const auto known = std::find(plan_.synapses.begin(), plan_.synapses.end(), name);
    if (known != plan_.synapses.end()) return static_cast<int>(known - plan_.synapses.begin());
    plan_.synapses.push_back(name);
    return static_cast<int>(plan_.synapses.size()) - 1;
  }

  const model::ModelData& data_;
  const std::vector<model::Layer>& layers_;
  const std::vector<model::LayerInfo> infos_;
  std::vector<int> population_of_;            // of each layer; kInputSource: none
  std::vector<std::vector<Window>> windows_;  // of each connectivity
  std::int64_t taps_ = 0;
  std::int64_t units_ = 0;
  Plan plan_;
};

/// From which firing rate of its source a projection multiplies, if it ever does.
std::string multiplied(const Plan& plan, const Population& population, const Projection& projection,
                       const DenseCost& cost) {
  const std::int64_t from = dense_from(plan, population, projection, cost);
  if (from == kNeverDense) return "";
  const Population& source = plan.populations[static_cast<std::size_t>(projection.source)];
  const double rate = 100 * double(from) / double(source.shape.elements());
  if (rate > 100 * kMostFiring) return "";
  return ", multiplied from " + std::to_string(static_cast<int>(std::ceil(rate))) + " % firing";
}

std::string map_string(const model::MapShape& shape) {
  return std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" +
         std::to_string(shape.width);
}

}  // namespace

std::vector<WeightBlock> Plan::weight_blocks(const Projection& projection) const {
  if (!projection.adds_rows()) return connectivity(projection).blocks;
  std::vector<WeightBlock> blocks;
  const std::vector<WeightBlock> copies = projection.connectivity == kNoPools
                                              ? std::vector<WeightBlock>{{0, 1}}
                                              : connectivity(projection).blocks;
  for (const WeightBlock& copy : copies) {
    for (std::int64_t x = 0; x < projection.window.kernel_width; ++x) {
      for (std::int64_t y = 0; y < projection.window.kernel_height; ++y) {
        blocks.push_back({y * projection.window.kernel_width + x, copy.divisor});
      }
    }
  }
  return blocks;
}

std::int64_t Plan::most_taps(const Projection& projection) const {
  if (!projection.adds_rows()) return connectivity(projection).most_taps;
  const Window& window = projection.window;
  return std::min(window.kernel_height, window.source_height) *
         std::min(window.kernel_width, window.source_width) * pooled_positions(projection);
}

std::int64_t Plan::pooled_positions(const Projection& projection) const {
  return projection.connectivity == kNoPools ? 1 : connectivity(projection).most_taps;
}

Plan make_plan(const model::ModelData& folded) { return Planner(folded).plan(); }

std::string describe(const Plan& plan, const DenseCost& cost) {
  std::string text;
  for (const Population& population : plan.populations) {
    const std::string kind = population.activation == Activation::kSpikes
                                 ? std::string(model::to_string(population.neuron.kind))
                             : population.activation == Activation::kRelu ? "relu"
                                                                          : "sum";
    text += population.layer + " " + kind + " " + map_string(population.shape);
    const char* separator = " <- ";
    for (const Projection& p : population.projections) {
      const std::string source = p.source == kInputSource
                                     ? "input"
                                     : plan.populations[static_cast<std::size_t>(p.source)].layer;
      text += separator + p.layer + " [" + (p.event_driven ? "gather" : "dense") +
              (p.diagonal ? "_diagonal" : "") + " from " + source + ", " +
              std::to_string(plan.weight_blocks(p).size()) + " weight blocks, at most " +
              std::to_string(plan.most_taps(p)) + " taps" + multiplied(plan, population, p, cost) +
              (p.rows_in_16_bits > 0
                   ? ", any " + std::to_string(p.rows_in_16_bits) + " rows fit 16 bits"
                   : "") +
              (p.narrow_rows > 0
                   ? ", any " + std::to_string(p.narrow_rows) + " of them potentials of 16 bits"
                   : "") +
              "]";
      separator = " + ";
    }
    text += "\n";
  }
  return text;
}

}  // namespace trispike::runtime
