// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/measure.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <chrono>

#include "src/batch.h"
#include "src/cuda_plugin.h"
#include "src/measure.h"
#include "src/norm_neuron.h"
#include "src/process.h"
#include "src/training_step.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class F>
std::vector<double> time_iterations(const MeasureOptions& options, F&& iterate) {
  for (int i = 0; i < options.warm_up; ++i) iterate();
  std::vector<double> times;
  const auto start = Clock::now();
  // Ranks must agree on the number: they do not look at the clock.
  const bool alone = options.processes.count == 1;
  while (static_cast<int>(times.size()) < options.least ||
         (alone && seconds_since(start) < options.seconds)) {
    const auto before = Clock::now();
    iterate();
    times.push_back(seconds_since(before));
  }
  return times;
}

}  // namespace

model::NetworkSpec network_to_measure(const Recipe& recipe) {
  model::NetworkOptions options = recipe.network.options;
  if (options.input == model::MapShape{0, 0, 0}) options.input = {3, 32, 32};
  if (options.num_classes == 0) options.num_classes = 10;
  return model::build_network(recipe.network.name, options);
}

at::Tensor random_images(const model::NetworkSpec& network, std::int64_t batch,
                         at::Generator& generator) {
  const model::MapShape& shape = network.input().shape;
  if (network.input().kind == model::InputKind::kStatic) {
    return at::randn({batch, shape.height, shape.width, shape.channels}, generator, at::kFloat)
        .permute({0, 3, 1, 2});
  }
  return at::randn({batch, network.time_steps, shape.height, shape.width, shape.channels},
                   generator, at::kFloat)
      .permute({0, 1, 4, 2, 3});
}

StepTimes measure_training(const Recipe& recipe, const MeasureOptions& options) {
  StepTimes result;
  if (!recipe.train.teacher.empty() || recipe.train.average_decay > 0) {
    throw ConfigError(recipe.train.teacher.empty() ? "train.average_decay" : "train.teacher",
                      "is not part of what is measured");
  }
  result.threads = use_threads(recipe.train.threads, options.processes.on_this_machine);
  const at::Device device = use_device(options.device, options.processes);
  const at::ScalarType maps = map_type(recipe.train.precision, device);
  result.precision = precision_name(maps);
  Network network(network_to_measure(recipe), recipe.train.seed, at::kFloat, device);
  OptimizerState optimizer(recipe.train, network.parameters());
  const std::unique_ptr<Communicator> group =
      connect(options.processes, Transport::kAutomatic, device);
  TrainingStep step(recipe.train, network, optimizer, maps, group.get());
  at::Generator generator = at::detail::createCPUGenerator(recipe.train.seed);
  const std::int64_t batch = share_of(recipe.train.batch_size, group.get()).size;
  const at::Tensor images = on_device(random_images(network.spec(), batch, generator), device);
  const at::Tensor labels =
      on_device(at::randint(network.spec().num_classes(), {batch}, generator, at::kLong), device);
  FiringWeights penalty = FiringObjective(recipe.train, network.spec()).first_weights();
  LossScale loss_scale = first_loss_scale(maps);
  std::int64_t iteration = 0;
  // A small rate: weights that run away would change the firing rates, and what is measured.
  constexpr double kLearningRate = 0.01;
  result.seconds = time_iterations(options, [&] {
    const StepResult done = step.run({images, labels, recipe.train.batch_size}, kLearningRate,
                                     iteration++, penalty, &loss_scale);
    result.firing_rate = done.firing_rate;
    result.loss = done.loss;
  });
  if (!device.is_cpu()) {
    result.device = cuda_plugin().device_name(device.index());
    result.peak_device_bytes = cuda_plugin().peak_bytes();
  }
  return result;
}

StepTimes measure_neuron_layer(const model::NeuronSpec& neuron, const LayerShape& shape,
                               int threads, const MeasureOptions& options) {
  StepTimes result;
  result.threads = use_threads(threads);
  result.precision = "float32";
  at::Generator generator = at::detail::createCPUGenerator(0);
  const auto map = [&] {
    return at::randn({shape.time_steps * shape.batch, shape.channels, shape.height, shape.width},
                     generator, at::kFloat)
        .contiguous(at::MemoryFormat::ChannelsLast);
  };
  at::Tensor current = map().requires_grad_();
  const at::Tensor gradient = map();
  result.seconds = time_iterations(options, [&] {
    current.mutable_grad() = at::Tensor();
    NormNeuronInput in;
    in.current = current;
    in.neuron = neuron;
    in.time_steps = shape.time_steps;
    in.training = true;
    const NormNeuronOutput out = fused_norm_neuron(in);
    out.spikes.backward(gradient);
    result.firing_rate = out.firing_rate.item<double>();
  });
  return result;
}

}  // namespace trispike::train
