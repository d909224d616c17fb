// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "trispike/data/folds.h"
#include "trispike/model/model_data.h"

namespace trispike::train {

/// Why a run on `fold` must not learn from `model`, or "": a model trained on another fold of a
/// cross-validation, or on the data set's own split instead of one, has seen samples that the run
/// is tested on. A model whose provenance does not say that it was trained here (an imported one)
/// is taken as it is.
std::string fold_mismatch(const model::ModelData& model, const data::Fold& fold);

}  // namespace trispike::train
