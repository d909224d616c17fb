// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Weights as other programs leave them: named tensors, in a file of torch.save (.pth, .pt) or in
// safetensors.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "trispike/model/tensor.h"

namespace trispike::interop {

struct StateDict {
  model::TensorMap tensors;              ///< names without the wrappers' prefixes
  std::string entry;                     ///< of a checkpoint: the key that held the state dict
  std::string prefix;                    ///< what every name began with and was dropped, "module."
  std::vector<std::string> not_tensors;  ///< names of what else stood beside the tensors
};

/// Reads a file of torch.save (zip format, PyTorch 1.6 and later) without executing anything that
/// it contains: known opcodes and names only, all others are refused by name. Float16 is read as
/// F32 and bool as U8; the other types stay. Takes no more memory beside `bytes` than twice their
/// size and 32 MiB.
///
/// Which dict is read: if `entry` is not empty, the value of that key of the outermost dict. Else,
/// if exactly one value of the outermost dict is itself a dict that holds tensors (a checkpoint
/// like {"state_dict": ..., "epoch": ...}), that one; if several are, FormatError names them. Else
/// the outermost dict. A prefix `module.` (DataParallel) or `_orig_mod.` (torch.compile) that all
/// names have is dropped.
///
/// `name` is for messages. Throws FormatError.
StateDict read_torch(std::span<const std::byte> bytes, const std::string& name,
                     const std::string& entry = "");

/// Reads a file of either kind, told apart by its first bytes. Throws FormatError, IoError, or
/// ConfigError if `entry` is given for a safetensors file, which has no such thing.
StateDict read_state_dict(const std::string& path, const std::string& entry = "");

}  // namespace trispike::interop
