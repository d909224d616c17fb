// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// That the processes of a run train the same network on the same data: they would diverge without
// a word otherwise.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/communicator.h"
#include "src/samples.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// Names and values of what all ranks must have in common, the most telling first.
using RunIdentity = std::vector<std::pair<std::string, std::string>>;

/// The program's version, every key of the recipe that changes the result, the precision it means
/// on this machine, and the data set: classes, and of each split the number of samples, their
/// labels and their names without folders. `teacher_sha256`: of the teacher's file, "" without one.
/// Threads, workers and paths may differ.
RunIdentity run_identity(const Recipe& recipe, const Samples& samples, at::ScalarType maps,
                         const std::string& teacher_sha256);

/// Throws ConfigError, on all ranks, naming the first rank that differs from rank 0 and in what.
void check_same_run(const RunIdentity& identity, Communicator& group);

}  // namespace trispike::train
