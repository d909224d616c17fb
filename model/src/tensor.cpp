// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/model/tensor.h"

#include <bit>
#include <cstring>
#include <stdexcept>

#include "trispike/model/error.h"

namespace trispike::model {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are kept as they stand in files, which are little-endian");

struct DTypeInfo {
  std::string_view name;
  std::size_t size_bytes;
};

const DTypeInfo& dtype_info(DType dtype) {
  static constexpr DTypeInfo kInfos[] = {{"F64", 8}, {"F32", 4}, {"BF16", 2}, {"I64", 8},
                                         {"I32", 4}, {"I16", 2}, {"I8", 1},   {"U8", 1}};
  return kInfos[static_cast<std::size_t>(dtype)];
}

template <class Value>
Tensor make(DType dtype, std::vector<std::int64_t> shape, const std::vector<Value>& values) {
  Tensor tensor{dtype, std::move(shape), {}};
  if (tensor.elements() != static_cast<std::int64_t>(values.size())) {
    throw std::invalid_argument("a tensor of shape " + shape_string(tensor.shape) +
                                " cannot hold " + std::to_string(values.size()) + " values");
  }
  tensor.data.resize(values.size() * sizeof(Value));
  if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

template <class Stored>
std::vector<Stored> stored(const Tensor& tensor) {
  std::vector<Stored> values(tensor.data.size() / sizeof(Stored));
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

template <class Stored>
std::vector<double> widened(const Tensor& tensor) {
  const std::vector<Stored> values = stored<Stored>(tensor);
  return {values.begin(), values.end()};
}

}  // namespace

std::size_t size_bytes(DType dtype) { return dtype_info(dtype).size_bytes; }

std::string_view to_string(DType dtype) { return dtype_info(dtype).name; }

std::int64_t Tensor::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

Tensor Tensor::from(std::vector<std::int64_t> shape, const std::vector<double>& values) {
  return make(DType::kF64, std::move(shape), values);
}

Tensor Tensor::from(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  return make(DType::kF32, std::move(shape), values);
}

Tensor Tensor::from(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values) {
  return make(DType::kI64, std::move(shape), values);
}

Tensor Tensor::from(std::vector<std::int64_t> shape, const std::vector<std::int32_t>& values) {
  return make(DType::kI32, std::move(shape), values);
}

Tensor Tensor::from(std::vector<std::int64_t> shape, const std::vector<std::int8_t>& values) {
  return make(DType::kI8, std::move(shape), values);
}

std::vector<double> Tensor::to_double() const {
  switch (dtype) {
    case DType::kF64:
      return stored<double>(*this);
    case DType::kF32:
      return widened<float>(*this);
    case DType::kI32:
      return widened<std::int32_t>(*this);
    case DType::kI16:
      return widened<std::int16_t>(*this);
    case DType::kI8:
      return widened<std::int8_t>(*this);
    case DType::kU8:
      return widened<std::uint8_t>(*this);
    case DType::kBF16: {
      std::vector<double> values;
      values.reserve(data.size() / sizeof(std::uint16_t));
      // A bfloat16 is the upper half of a float.
      for (const std::uint16_t bits : stored<std::uint16_t>(*this)) {
        values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16));
      }
      return values;
    }
    default:
      throw Error("a tensor of dtype " + std::string(to_string(dtype)) +
                  " cannot be read as real numbers");
  }
}

Tensor Tensor::cast(DType to) const {
  const auto floating = [](DType type) {
    return type == DType::kF64 || type == DType::kF32 || type == DType::kBF16;
  };
  if (!floating(dtype) || (to != DType::kF32 && to != DType::kF64)) {
    throw Error("a tensor of dtype " + std::string(to_string(dtype)) + " cannot be cast to " +
                std::string(to_string(to)) + "; expected floating numbers to F64 or F32");
  }
  if (to == dtype) return *this;
  const std::vector<double> values = to_double();
  if (to == DType::kF64) return from(shape, values);
  return from(shape, std::vector<float>(values.begin(), values.end()));
}

std::string shape_string(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(size);
  }
  return text + "]";
}

}  // namespace trispike::model
