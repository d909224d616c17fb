// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trispike::cli {

/// Runs this program's own command line, less `--processes`, in `count` processes that find each
/// other as torchrun's do, and waits for all of them. If one fails, the others are stopped. Returns
/// the exit code of the first that failed, else that of rank 0. The first Ctrl-C is passed on,
/// the second ends all at once; should this process end, the others end, too (Linux).
int run_processes(int count);

}  // namespace trispike::cli
