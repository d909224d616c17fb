// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Classifies one input with a trained model, in C. INPUT.raw holds float32 numbers, [C, H, W] for
// an image, [T, C, H, W] for frames, scaled and normalised as in training.
#include <stdio.h>
#include <stdlib.h>

#include "trispike.h"

static void check(trispike_status status) {
  if (status == TRISPIKE_OK) return;
  fprintf(stderr, "classify: %s\n", trispike_last_error());
  exit(1);
}

// At most `most` numbers of a file; *count becomes how many.
static float* read_input(const char* path, size_t most, size_t* count) {
  FILE* file = fopen(path, "rb");
  float* input = malloc(most * sizeof *input);
  if (file == NULL || input == NULL) {
    fprintf(stderr, "classify: cannot read %s\n", path);
    exit(1);
  }
  *count = fread(input, sizeof *input, most, file);
  fclose(file);
  return input;
}

int main(int argc, char** argv) {
  trispike_model* model = NULL;
  trispike_session* session = NULL;
  trispike_activity* activity = NULL;
  trispike_model_info info = {.struct_size = sizeof info};
  trispike_activity_totals totals = {.struct_size = sizeof totals};
  const trispike_session_options options = {.struct_size = sizeof options, .record_activity = 1};
  if (argc != 3) {
    fprintf(stderr, "usage: classify MODEL.safetensors INPUT.raw\n");
    return 2;
  }
  check(trispike_model_load(argv[1], NULL, &model));
  check(trispike_model_get_info(model, &info));
  check(trispike_session_create(model, &options, &session));

  size_t input_size = 0;  // one more is read, so that a file that is too long is refused
  float* input = read_input(argv[2], info.input_size + 1, &input_size);
  double* logits = calloc(info.num_classes, sizeof *logits);
  check(trispike_session_run(session, input, input_size, logits, info.num_classes));

  size_t best = 0;
  for (size_t i = 1; i < info.num_classes; ++i) {
    if (logits[i] > logits[best]) best = i;
  }
  const char* name = NULL;
  check(trispike_model_class_name(model, best, &name));
  printf("class %zu %s, logit %.4f\n", best, name == NULL ? "" : name, logits[best]);

  check(trispike_session_get_activity(session, &activity));
  check(trispike_activity_get_totals(activity, &totals));
  printf("%lld additions caused by spikes\n", (long long)totals.synaptic_operations);

  trispike_activity_destroy(activity);
  trispike_session_destroy(session);
  trispike_model_destroy(model);
  free(logits);
  free(input);
  return 0;
}
