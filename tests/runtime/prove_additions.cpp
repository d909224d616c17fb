// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// usage: trispike_prove_additions MODEL INPUT OUT
//
// The proof of addition_only_test.cpp on a model of one's own. INPUT holds one tensor `input`, as
// `trispike predict --tensor` takes it. Runs the network with numbers that cannot multiply, checks
// that the additions they counted are those that the runtime reports, and writes all spikes, input
// events and counts to OUT, for tools/count_synaptic_operations.py to count again.
#include <cstdio>
#include <cstring>

#include "runtime/adding_runtime.h"
#include "trispike/model/error.h"
#include "trispike/model/safetensors.h"

namespace {

using namespace trispike;

/// Spikes of all samples: [N, T, C, H, W].
model::Tensor spike_tensor(std::int64_t samples, std::int64_t time_steps,
                           const model::MapShape& shape, const std::vector<std::int8_t>& spikes) {
  model::Tensor tensor;
  tensor.dtype = model::DType::kI8;
  tensor.shape = {samples, time_steps, shape.channels, shape.height, shape.width};
  tensor.data.resize(spikes.size());
  std::memcpy(tensor.data.data(), spikes.data(), spikes.size());
  return tensor;
}

void write_proof(const std::string& path, const model::ModelData& folded, std::int64_t samples,
                 const model::Activity& activity,
                 const std::vector<std::vector<std::int8_t>>& spikes,
                 const std::vector<double>& input) {
  model::Safetensors out;
  const model::Layer& first = folded.network.layers.front();
  if (folded.network.input().kind == model::InputKind::kEvents) {
    const model::MapShape& shape = folded.network.input().shape;
    out.tensors[first.name] = model::Tensor::from(
        {samples, folded.network.time_steps, shape.channels, shape.height, shape.width},
        std::vector<std::int64_t>(input.begin(), input.end()));
  }
  out.metadata["network"] = model::to_json(folded.network);
  out.metadata["stage"] = std::string(to_string(folded.stage));
  const std::vector<model::LayerInfo> infos = model::infer(folded.network);
  for (std::size_t i = 0; i < activity.neurons.size(); ++i) {
    const std::string& layer = activity.neurons[i].layer;
    const auto index = static_cast<std::size_t>(folded.network.find(layer));
    out.tensors[layer] =
        spike_tensor(samples, folded.network.time_steps, infos[index].shape, spikes[i]);
  }
  for (const model::SynapseActivity& synapse : activity.synapses) {
    out.metadata["synaptic_operations." + synapse.layer] =
        std::to_string(synapse.synaptic_operations);
  }
  model::write_safetensors(path, out);
}

template <class Number>
int prove(const model::ModelData& folded, const char* input_path, const char* out_path) {
  const std::vector<double> input =
      model::read_safetensors(input_path).tensors.at("input").to_double();
  const bool frames = folded.network.input().kind != model::InputKind::kStatic;
  const auto size = static_cast<std::size_t>(folded.network.input().shape.elements() *
                                             (frames ? folded.network.time_steps : 1));
  if (input.empty() || input.size() % size != 0) throw Error("INPUT does not fit the network");

  runtime::AddingRuntime<Number> runtime(folded);
  std::vector<std::vector<std::int8_t>> spikes(runtime.spikes().size());
  std::int64_t additions = 0;
  for (std::size_t at = 0; at < input.size(); at += size) {
    additions += runtime.run(std::span(input).subspan(at, size));
    for (std::size_t i = 0; i < spikes.size(); ++i) {
      const std::vector<std::int8_t>& of_sample = runtime.spikes()[i].spikes;
      spikes[i].insert(spikes[i].end(), of_sample.begin(), of_sample.end());
    }
  }
  const std::int64_t reported = runtime::synaptic_operations(runtime.activity());
  const auto samples = static_cast<std::int64_t>(input.size() / size);
  std::printf("%lld samples: %lld additions executed, %lld synaptic operations reported\n",
              static_cast<long long>(samples), static_cast<long long>(additions),
              static_cast<long long>(reported));
  write_proof(out_path, folded, samples, runtime.activity(), spikes, input);
  return additions == reported ? 0 : 1;
}

int prove(const char* model_path, const char* input_path, const char* out_path) {
  model::ModelData folded = model::read_model(model_path);
  if (folded.stage == model::Stage::kTrained) folded = model::fold(folded);
  if (folded.stage == model::Stage::kQuantised) {
    return prove<runtime::AddableInteger>(folded, input_path, out_path);
  }
  return prove<runtime::AddableReal>(folded, input_path, out_path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: trispike_prove_additions MODEL INPUT OUT\n");
    return 2;
  }
  try {
    return prove(argv[1], argv[2], argv[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "trispike_prove_additions: %s\n", error.what());
    return 1;
  }
}
