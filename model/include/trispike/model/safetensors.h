// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The safetensors container: 8 bytes of header length, a JSON header, raw tensors. Files written
// here open with the standard safetensors package, and the other way round.
#pragma once

#include <map>
#include <string>

#include "trispike/model/tensor.h"

namespace trispike::model {

struct Safetensors {
  TensorMap tensors;
  std::map<std::string, std::string, std::less<>> metadata;  ///< the header's "__metadata__"
};

/// Reads the whole file. Trusts nothing: header length, dtypes, shapes, offsets (no overlap, no
/// gap, all inside the file) are checked before anything is allocated. Throws IoError or
/// FormatError.
Safetensors read_safetensors(const std::string& path);

/// Writes to a temporary name in the same folder, then renames: no half-written file is ever seen
/// under `path`. Throws IoError.
void write_safetensors(const std::string& path, const Safetensors& contents);

/// Writes `text` in the same atomic way.
void write_text_atomically(const std::string& path, std::string_view text);

}  // namespace trispike::model
