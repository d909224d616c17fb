// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trispike/data/sample.h"
#include "trispike/model/model_data.h"

namespace trispike::train {

/// The form in which `network` takes its samples, complete, channels first. Throws ShapeError if it
/// takes neither pictures nor, by `preprocessing.frames`, recordings of events.
data::SampleForm sample_form(const model::NetworkSpec& network,
                             const model::Preprocessing& preprocessing);

/// What a model file says about frames made with `options` (their number and size are the
/// network's).
model::FrameBinning frame_binning(const data::FrameOptions& options);

}  // namespace trispike::train
