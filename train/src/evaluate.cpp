// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/evaluate.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <chrono>
#include <cmath>

#include "src/batch.h"
#include "src/evaluate_network.h"
#include "src/network.h"
#include "src/post_training.h"
#include "src/process.h"

namespace trispike::train {

namespace {

/// Fills in the mean over all neurons.
void average_rates(EvaluationResult& result, const Network& network) {
  double spikes = 0.0, places = 0.0;
  for (std::size_t i = 0; i < result.firing_rates.size(); ++i) {
    spikes += result.firing_rates[i] * static_cast<double>(network.neuron_counts()[i]);
    places += static_cast<double>(network.neuron_counts()[i]);
  }
  result.firing_rate = places > 0 ? spikes / places : 0.0;
}

}  // namespace

void sum_over_ranks(EvaluationResult& result, const Network& network, Communicator& group) {
  std::vector<double> numbers{static_cast<double>(result.samples),
                              static_cast<double>(result.correct), result.complete ? 0.0 : 1.0};
  for (const double rate : result.firing_rates) {
    numbers.push_back(rate * static_cast<double>(result.samples));
  }
  const at::Tensor sums = at::tensor(numbers, at::kDouble);
  group.all_reduce(sums);
  const double* sum = sums.data_ptr<double>();
  result.samples = std::llround(sum[0]);
  result.correct = std::llround(sum[1]);
  result.complete = sum[2] == 0.0;
  for (std::size_t i = 0; i < result.firing_rates.size(); ++i) {
    result.firing_rates[i] = sum[0] > 0 ? sum[3 + i] / sum[0] : 0.0;
  }
  average_rates(result, network);
}

EvaluationResult evaluate_network(const Network& network, data::Loader& loader,
                                  const EvaluationOptions& options, const ForwardOptions& forward) {
  c10::NoGradGuard no_grad;
  const auto start = std::chrono::steady_clock::now();
  EvaluationResult result;
  std::vector<double> rate_sums(network.neuron_layers().size(), 0.0);
  data::Batch batch;
  while (loader.next(batch)) {
    const ForwardResult out =
        network.forward(on_device(images_of(batch, network.spec()), network.device()), forward);
    const at::Tensor top = out.logits.argmax(1).cpu();
    const at::Tensor rates = at::stack(out.firing_rates).to(at::kCPU, at::kDouble);
    result.correct += top.eq(labels_of(batch)).sum().item<std::int64_t>();
    for (std::int64_t i = 0; i < batch.size; ++i) {
      result.predictions.push_back(top.data_ptr<std::int64_t>()[i]);
    }
    for (std::size_t i = 0; i < rate_sums.size(); ++i) {
      rate_sums[i] += rates.data_ptr<double>()[i] * static_cast<double>(batch.size);
    }
    result.samples += batch.size;
    if (options.progress) options.progress(result.samples, loader.num_samples());
    if (options.interrupted && options.interrupted()) {
      result.complete = false;
      break;
    }
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const double sum : rate_sums) {
    result.firing_rates.push_back(result.samples > 0 ? sum / static_cast<double>(result.samples)
                                                     : 0.0);
  }
  average_rates(result, network);
  return result;
}

EvaluationResult evaluate(const model::ModelData& model,
                          const std::shared_ptr<const data::Dataset>& dataset,
                          const EvaluationOptions& options) {
  use_threads(options.threads);
  const at::Device device = use_device(options.device);
  data::LoaderOptions loading = loader_for(model.network, model.preprocessing);
  loading.batch_size = options.batch_size;
  data::Loader loader(dataset, loading);
  const Network network(model, at::kFloat, device);
  if (!options.post_training) return evaluate_network(network, loader, options);
  const PostTraining& rounding = *options.post_training;
  ForwardOptions forward;
  forward.activation_bits = rounding.activation_bits;
  forward.activation_steps =
      activation_steps(network, *rounding.calibration, loading, rounding.activation_bits);
  const Network rounded(with_rounded_weights(model, rounding.weight_bits), at::kFloat, device);
  return evaluate_network(rounded, loader, options, forward);
}

Recording record(const model::ModelData& model, const std::vector<double>& input,
                 std::int64_t samples) {
  c10::NoGradGuard no_grad;
  const Network network(model, at::kDouble);
  const model::InputLayer& layer = model.network.input();
  std::vector<std::int64_t> shape{samples};
  if (layer.kind != model::InputKind::kStatic) shape.push_back(model.network.time_steps);
  shape.insert(shape.end(), {layer.shape.channels, layer.shape.height, layer.shape.width});
  const std::int64_t expected = c10::multiply_integers(shape);
  TORCH_CHECK(expected == static_cast<std::int64_t>(input.size()), "[record] the input has ",
              input.size(), " numbers, expected ", expected);
  const at::Tensor x = at::from_blob(const_cast<double*>(input.data()), shape, at::kDouble).clone();
  ForwardOptions options;
  options.record_spikes = true;
  options.fused = false;  // the equations themselves
  const ForwardResult out = network.forward(x, options);
  Recording recording;
  const at::Tensor logits = out.logits.contiguous();
  recording.logits.assign(logits.data_ptr<double>(), logits.data_ptr<double>() + logits.numel());
  for (std::size_t i = 0; i < out.spikes.size(); ++i) {
    const auto index = static_cast<std::size_t>(network.neuron_layers()[i]);
    const model::Layer& neuron = model.network.layers[index];
    if (!model::info(std::get<model::NeuronLayer>(neuron.params).neuron.kind).spiking) continue;
    // The amplitude may be negative: the spike is the sign of what was emitted over that of the
    // amplitude.
    const auto amplitude = model.tensors.find(neuron.name + ".amplitude");
    const bool flipped =
        amplitude != model.tensors.end() && amplitude->second.to_double().front() < 0.0;
    at::Tensor spikes = out.spikes[i].contiguous().sign().to(at::kChar);
    if (flipped) spikes.neg_();
    recording.spikes.push_back(
        {neuron.name,
         {spikes.data_ptr<std::int8_t>(), spikes.data_ptr<std::int8_t>() + spikes.numel()}});
  }
  return recording;
}

}  // namespace trispike::train
