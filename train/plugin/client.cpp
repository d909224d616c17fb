// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The public functions of the training library for a program that does not link it.
#include <dlfcn.h>

#include <cstdlib>

#include "plugin/api.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

/// By default OpenMP's waiting threads spin for milliseconds, and on a machine that has other work
/// they take the core from the thread they wait for: training slows down fivefold. Some ten
/// microseconds of spinning are enough to bridge the gaps between two operations; putting the
/// threads to sleep in each of them would cost a fifth of the speed. Read once, when OpenMP is
/// loaded.
void wait_with_little_spinning() {
  constexpr int kKeep = 0;  // what the user has set
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "10000", kKeep);
}

/// LibTorch's network code writes to standard error what its exceptions say, too.
void let_exceptions_speak() {
  constexpr int kKeep = 0;
  setenv("TORCH_CPP_LOG_LEVEL", "FATAL", kKeep);
}

const Api& load() {
  wait_with_little_spinning();
  let_exceptions_speak();
  // Looked for where the program's run path says: beside it, or in the library folder of the
  // installation. Stays loaded.
  void* library = dlopen(TRISPIKE_TRAIN_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(std::string("the training library cannot be loaded: ") + dlerror());
  }
  const auto get = reinterpret_cast<const Api* (*)()>(dlsym(library, kApiSymbol));
  if (get == nullptr) {
    throw Error(std::string("the training library is not one: ") + dlerror());
  }
  return *get();
}

const Api& api() {
  static const Api& loaded = load();
  return loaded;
}

}  // namespace

TrainResult train(const TrainRequest& request, const TrainCallbacks& callbacks) {
  return api().train(request, callbacks);
}

EvaluationResult evaluate(const model::ModelData& model,
                          const std::shared_ptr<const data::Dataset>& dataset,
                          const EvaluationOptions& options) {
  return api().evaluate(model, dataset, options);
}

Recording record(const model::ModelData& model, const std::vector<double>& input,
                 std::int64_t samples) {
  return api().record(model, input, samples);
}

void configure_process() { api().configure_process(); }

}  // namespace trispike::train
