// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The training library of a build without LibTorch.
#include "trispike/model/error.h"
#include "trispike/train/evaluate.h"
#include "trispike/train/trainer.h"

namespace trispike::train {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw Error(std::string(what) +
              " needs LibTorch, and this trispike was built without it "
              "(TRISPIKE_BUILD_TRAIN=OFF); build the preset 'release'");
}

}  // namespace

TrainResult train(const TrainRequest&, const TrainCallbacks&) { refuse("training"); }

EvaluationResult evaluate(const model::ModelData&, const std::shared_ptr<const data::Dataset>&,
                          const EvaluationOptions&) {
  refuse("the libtorch engine");
}

Recording record(const model::ModelData&, const std::vector<double>&, std::int64_t) {
  refuse("the proof of folding");
}

void configure_process() {}

}  // namespace trispike::train
