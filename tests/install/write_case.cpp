// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// usage: write_case FOLDER
// Writes model.safetensors, input.raw and, as the example prints it, expected.txt.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "runtime/cases.h"
#include "trispike/runtime/runtime.h"

int main(int argc, char** argv) {
  using namespace trispike;
  if (argc != 2) return 2;
  const std::string folder = std::string(argv[1]) + "/";
  model::ModelData data = runtime::small_model();
  data.class_names = {"zero", "one", "two", "three"};
  model::write_model(folder + "model.safetensors", data);

  const std::vector<double> image = runtime::test_input(data.network);
  const std::vector<float> input(image.begin(), image.end());
  std::ofstream(folder + "input.raw", std::ios::binary)
      .write(reinterpret_cast<const char*>(input.data()),
             static_cast<std::streamsize>(input.size() * sizeof(float)));

  const runtime::Model model = runtime::Model::from(data);
  runtime::Session session(model, {.record_activity = true});
  const std::span<const double> logits = session.run(input);
  const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
  char logit[64];
  std::snprintf(logit, sizeof logit, "%.4f", logits[static_cast<std::size_t>(best)]);
  std::int64_t additions = 0;
  for (const auto& layer : session.activity().synapses) additions += layer.synaptic_operations;
  std::ofstream(folder + "expected.txt")
      << "class " << best << " " << data.class_names[static_cast<std::size_t>(best)] << ", logit "
      << logit << "\n"
      << additions << " additions caused by spikes\n";
}
