// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trispike/data/sample.h"
#include "trispike/model/model_data.h"

namespace trispike::train {

/// The form in which `network` takes its samples, complete, channels first. Throws ShapeError if it
/// takes no pictures.
data::SampleForm sample_form(const model::NetworkSpec& network,
                             const model::Preprocessing& preprocessing);

}  // namespace trispike::train
