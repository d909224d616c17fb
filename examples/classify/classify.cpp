// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Classifies one input with a trained model. INPUT.raw holds float32 numbers, [C, H, W] for an
// image, [T, C, H, W] for frames, scaled and normalised as in training.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "trispike/runtime/runtime.h"

int main(int argc, char** argv) try {
  if (argc != 3) return std::fprintf(stderr, "usage: classify MODEL.safetensors INPUT.raw\n"), 2;
  const auto model = trispike::runtime::Model::load(argv[1]);
  trispike::runtime::Session session(model, {.record_activity = true});

  std::vector<float> input(std::filesystem::file_size(argv[2]) / sizeof(float));
  std::ifstream(argv[2], std::ios::binary)
      .read(reinterpret_cast<char*>(input.data()), input.size() * sizeof(float));
  const auto logits = session.run(input);

  const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
  const auto& names = model.class_names();
  std::printf("class %td %s, logit %.4f\n", best, names.empty() ? "" : names[best].c_str(),
              logits[best]);
  long long additions = 0;
  for (const auto& layer : session.activity().synapses) additions += layer.synaptic_operations;
  std::printf("%lld additions caused by spikes\n", additions);
} catch (const std::exception& error) {
  std::fprintf(stderr, "classify: %s\n", error.what());
  return 1;
}
