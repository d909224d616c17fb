// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The training library as a shared library that is loaded when it is first needed: LibTorch takes a
// third of a second to load, and most commands of the program do without it.
#pragma once

#include "trispike/train/evaluate.h"
#include "trispike/train/trainer.h"

namespace trispike::train {

/// The public functions of the library. Program and library are built together: there is no
/// version.
struct Api {
  TrainResult (*train)(const TrainRequest&, const TrainCallbacks&);
  EvaluationResult (*evaluate)(const model::ModelData&, const std::shared_ptr<const data::Dataset>&,
                               const EvaluationOptions&);
  Recording (*record)(const model::ModelData&, const std::vector<double>&, std::int64_t);
  void (*configure_process)();
};

/// The one symbol that the shared library exports: `const Api* trispike_train_api()`.
inline constexpr const char* kApiSymbol = "trispike_train_api";

}  // namespace trispike::train
