// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The inside of libtrispike_train.so.
#include "plugin/api.h"

extern "C" __attribute__((visibility("default"))) const trispike::train::Api* trispike_train_api() {
  using namespace trispike::train;
  static constexpr Api kApi = {train, evaluate, record, configure_process};
  return &kApi;
}
