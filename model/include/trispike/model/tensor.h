// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A plain named array, as it stands in a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trispike::model {

enum class DType { kF64, kF32, kBF16, kI64, kI32, kI16, kI8, kU8 };

std::size_t size_bytes(DType dtype);
std::string_view to_string(DType dtype);  ///< as in safetensors: "F64", "F32", "BF16", ...

/// Row-major, little-endian, owned.
struct Tensor {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;  ///< empty: a scalar
  std::vector<std::byte> data;

  std::int64_t elements() const;
  static Tensor from(std::vector<std::int64_t> shape, const std::vector<double>& values);
  static Tensor from(std::vector<std::int64_t> shape, const std::vector<float>& values);
  static Tensor from(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values);
  static Tensor from(std::vector<std::int64_t> shape, const std::vector<std::int32_t>& values);
  static Tensor from(std::vector<std::int64_t> shape, const std::vector<std::int8_t>& values);
  /// The elements as double, exactly: any dtype but I64, which throws Error.
  std::vector<double> to_double() const;
  /// Floating numbers as F32 (rounded to nearest) or F64; throws Error for other dtypes.
  Tensor cast(DType to) const;
  bool operator==(const Tensor&) const = default;
};

using TensorMap = std::map<std::string, Tensor, std::less<>>;

std::string shape_string(const std::vector<std::int64_t>& shape);  ///< "[64, 3, 3, 3]"

}  // namespace trispike::model
