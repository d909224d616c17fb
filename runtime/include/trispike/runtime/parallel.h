// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Many samples on several threads: one Session per thread.
//
//   auto activity = for_each_sample(model, {.record_activity = true}, images.size(), threads,
//       [&](Session& session, std::int64_t i) { answers[i] = top1(session.run(images[i])); });
#pragma once

#include <cstdint>
#include <functional>

#include "trispike/runtime/runtime.h"

namespace trispike::runtime {

/// Calls work(session, sample) once for each sample in [0, samples), on `threads` threads (at least
/// 1) at the same time; each call sees a session that was used for other samples before. What a
/// sample's run returns does not depend on the thread, so nothing depends on the number of threads.
/// Returns the activity of all samples together (empty unless options.record_activity).
/// If work throws, the remaining samples are left out and one of the exceptions is thrown on.
model::Activity for_each_sample(const Model& model, const SessionOptions& options,
                                std::int64_t samples, int threads,
                                const std::function<void(Session&, std::int64_t)>& work);

/// Adds `more`, of the same network, to `sum`; an empty `sum` becomes `more`.
void merge(model::Activity& sum, const model::Activity& more);

}  // namespace trispike::runtime
