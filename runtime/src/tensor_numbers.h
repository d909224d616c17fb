// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The numbers of a tensor where they lie: a copy as doubles would be eight times the size of int8
// weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "trispike/model/error.h"
#include "trispike/model/tensor.h"

namespace trispike::runtime {

template <class Stored>
struct TensorNumbers {
  const std::byte* data;
  double operator[](std::size_t i) const {
    Stored value;
    std::memcpy(&value, data + i * sizeof value, sizeof value);
    return static_cast<double>(value);
  }
};

/// Calls visit(numbers), where numbers[i] is element i of the tensor as a double.
template <class Visit>
void visit_numbers(const model::Tensor& tensor, const Visit& visit) {
  const std::byte* data = tensor.data.data();
  switch (tensor.dtype) {
    case model::DType::kF64:
      return visit(TensorNumbers<double>{data});
    case model::DType::kF32:
      return visit(TensorNumbers<float>{data});
    case model::DType::kI32:
      return visit(TensorNumbers<std::int32_t>{data});
    case model::DType::kI8:
      return visit(TensorNumbers<std::int8_t>{data});
    default:
      throw Error("the runtime reads no tensors of dtype " +
                  std::string(model::to_string(tensor.dtype)));
  }
}

}  // namespace trispike::runtime
