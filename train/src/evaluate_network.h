// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/communicator.h"
#include "src/network.h"
#include "trispike/data/loader.h"
#include "trispike/train/evaluate.h"

namespace trispike::train {

/// All batches of `loader` through `network`, in float32 with running statistics.
EvaluationResult evaluate_network(const Network& network, data::Loader& loader,
                                  const EvaluationOptions& options,
                                  const ForwardOptions& forward = {});

/// From the results of all ranks on samples of their own, that on all samples; predictions stay
/// this rank's. Complete if all are.
void sum_over_ranks(EvaluationResult& result, const Network& network, Communicator& group);

}  // namespace trispike::train
