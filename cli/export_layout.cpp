// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "export_layout.h"

#include <fmt/format.h>

#include "format.h"
#include "json.h"
#include "trispike/interop/convert.h"
#include "trispike/model/error.h"
#include "trispike/model/model_data.h"

namespace trispike::cli {
namespace {

/// Of the first neuron layer; networks have one kind of neuron.
const model::NeuronSpec& neuron_of(const model::NetworkSpec& network) {
  for (const model::Layer& layer : network.layers) {
    if (const auto* neuron = std::get_if<model::NeuronLayer>(&layer.params)) return neuron->neuron;
  }
  throw Error("the network has no neurons");
}

Json neuron_json(const model::NeuronSpec& neuron) {
  return {{"kind", model::to_string(neuron.kind)},
          {"threshold", neuron.threshold},
          {"strict", neuron.strict},
          {"decay", neuron.decay},
          {"reset", model::to_string(neuron.reset)}};
}

}  // namespace

int run_layout_export(const LayoutExport& options) {
  for (const std::string_view suffix : {".pth", ".pt"}) {
    if (options.output.ends_with(suffix)) {
      throw ConfigError("--output", "'" + options.output +
                                        "' is named like a file of torch.save, but weights are "
                                        "written as safetensors; expected *.safetensors");
    }
  }
  const model::ModelData model = model::read_model(options.model);
  model::Safetensors weights;
  try {
    weights = interop::export_weights(model, options.layout);
  } catch (const ConfigError&) {
    throw;
  } catch (const Error& error) {
    throw Error(options.model + ": " + error.what());
  }
  model::write_safetensors(options.output, weights);
  const model::NeuronSpec& neuron = neuron_of(model.network);
  if (options.json) {
    print_json({{"weights", options.output},
                {"layout", options.layout},
                {"network", model.network.name},
                {"time_steps", model.network.time_steps},
                {"tensors", weights.tensors.size()},
                {"neuron", neuron_json(neuron)}});
    return kSuccess;
  }
  print(fmt::format("weights   {}: {} tensors, layout {}\n", printable(options.output),
                    weights.tensors.size(), options.layout));
  print(
      fmt::format("neurons   {}, fire {} {}, decay {}, {} reset, {} time steps: not in the "
                  "weights, to be set in the other program\n",
                  model::to_string(neuron.kind), neuron.strict ? "above" : "from", neuron.threshold,
                  neuron.decay, model::to_string(neuron.reset), model.network.time_steps));
  return kSuccess;
}

}  // namespace trispike::cli
