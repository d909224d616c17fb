// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The pickle inside a file of torch.save, read as data. Nothing is ever called or constructed: the
// few functions and classes that state dicts refer to are known by name and have fixed meanings
// here (an ordered dict, a tensor, a parameter, a storage); everything else is refused by name.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/memory_budget.h"

namespace trispike::interop {

/// The number type of a storage.
enum class ScalarType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

/// A run of numbers in the file, by its name there.
struct StorageReference {
  std::string_view key;
  ScalarType type = ScalarType::kF32;
  std::int64_t elements = 0;
};

/// A window on a storage; offset and strides count elements. As in the file: not checked against
/// the storage, which read_tensor() does.
struct TensorReference {
  StorageReference storage;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

struct PickleValue {
  enum class Kind : std::uint8_t {
    kNone,
    kBool,
    kInteger,
    kReal,
    kText,
    kTuple,
    kList,
    kDict,
    kStorage,
    kTensor,
    kGlobal  ///< one of the known functions and classes
  };
  Kind kind = Kind::kNone;
  std::int64_t integer = 0;  ///< the number, or where the document keeps it
};

/// What a pickle describes. Values refer to one another by index, so cycles do no harm. Texts are
/// views into the pickle's bytes.
struct PickleDocument {
  using Values = std::vector<PickleValue>;

  PickleValue root;
  std::deque<Values> containers;  ///< tuples, lists, and dicts as key, value, key, value, ...
  std::deque<std::string_view> texts;
  std::deque<StorageReference> storages;
  std::deque<TensorReference> tensors;

  const Values& items(const PickleValue& value) const { return containers[value.integer]; }
  std::string_view text(const PickleValue& value) const { return texts[value.integer]; }
};

/// Reads protocols 2 to 5. `bytes` must outlive the document; `file` is for messages. Throws
/// FormatError with the byte of the pickle for anything a state dict does not need.
PickleDocument read_pickle(std::span<const std::byte> bytes, const std::string& file,
                           MemoryBudget& budget);

}  // namespace trispike::interop
