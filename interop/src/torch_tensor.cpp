// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/torch_tensor.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

using model::DType;

constexpr std::size_t kMaxRank = 16;  // as in our safetensors reader

struct TypeInfo {
  std::uint64_t bytes;
  DType dtype;
};

// In the order of the enumerators.
constexpr std::array<TypeInfo, 10> kTypes{{{8, DType::kF64},
                                           {4, DType::kF32},
                                           {2, DType::kF32},
                                           {2, DType::kBF16},
                                           {8, DType::kI64},
                                           {4, DType::kI32},
                                           {2, DType::kI16},
                                           {1, DType::kI8},
                                           {1, DType::kU8},
                                           {1, DType::kU8}}};

const TypeInfo& info(ScalarType type) { return kTypes.at(static_cast<std::size_t>(type)); }

// IEEE 754 binary16: 1 bit sign, 5 bits exponent (bias 15), 10 bits fraction.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const std::uint32_t exponent = (half >> 10) & 31;
  const std::uint32_t fraction = half & 1023;
  if (exponent == 0) {  // zero and subnormal: fraction * 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

void copy_number(ScalarType type, const std::byte* from, std::byte* to) {
  if (type == ScalarType::kF16) {
    std::uint16_t half = 0;
    std::memcpy(&half, from, sizeof(half));
    const float value = from_half(half);
    std::memcpy(to, &value, sizeof(value));
  } else {
    std::memcpy(to, from, info(type).bytes);
  }
}

class Window {
 public:
  Window(const TensorReference& tensor, const std::string& place)
      : tensor_(tensor), place_(place) {}

  // Number of elements; refuses what does not lie within the storage.
  std::uint64_t check() const {
    if (tensor_.shape.size() > kMaxRank) {
      fail("has " + std::to_string(tensor_.shape.size()) + " dimensions, expected at most " +
           std::to_string(kMaxRank));
    }
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 8;
    std::int64_t product = 1;  // without the zeros, so that no order of sizes overflows
    std::int64_t last = tensor_.offset;
    bool empty = false;
    for (std::size_t d = 0; d < tensor_.shape.size(); ++d) {
      const std::int64_t size = tensor_.shape[d];
      empty |= size == 0;
      if (size == 0) continue;
      if (product > kMax / size) fail("has a shape of more than 2^60 elements");
      product *= size;
      const std::int64_t stride = tensor_.strides[d];
      if (stride > 0 && size - 1 > (kMax - std::min(last, kMax)) / stride) fail_outside();
      last += (size - 1) * stride;
    }
    if (empty) return 0;
    if (last >= tensor_.storage.elements) fail_outside();
    return static_cast<std::uint64_t>(product);
  }

  bool contiguous() const {
    std::int64_t expected = 1;
    for (std::size_t d = tensor_.shape.size(); d-- > 0;) {
      if (tensor_.shape[d] != 1 && tensor_.strides[d] != expected) return false;
      expected *= tensor_.shape[d];
    }
    return true;
  }

  // Calls visit(element of the storage) for each element of the tensor in row-major order.
  template <class Visit>
  void for_each(std::uint64_t elements, const Visit& visit) const {
    std::vector<std::int64_t> index(tensor_.shape.size(), 0);
    std::int64_t at = tensor_.offset;
    for (std::uint64_t i = 0; i < elements; ++i) {
      visit(static_cast<std::uint64_t>(at));
      for (std::size_t d = index.size(); d-- > 0;) {
        at += tensor_.strides[d];
        if (++index[d] < tensor_.shape[d]) break;
        at -= tensor_.shape[d] * tensor_.strides[d];
        index[d] = 0;
      }
    }
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw FormatError(place_, 0, "the tensor " + message);
  }

  [[noreturn]] void fail_outside() const {
    fail("of shape " + model::shape_string(tensor_.shape) + ", strides " +
         model::shape_string(tensor_.strides) + " and offset " + std::to_string(tensor_.offset) +
         " reaches beyond its storage of " + std::to_string(tensor_.storage.elements) +
         " elements");
  }

  const TensorReference& tensor_;
  const std::string& place_;
};

}  // namespace

std::uint64_t size_bytes(ScalarType type) { return info(type).bytes; }

model::Tensor read_tensor(const TensorReference& tensor, std::span<const std::byte> storage,
                          const std::string& place, MemoryBudget& budget) {
  const Window window(tensor, place);
  const std::uint64_t elements = window.check();
  const ScalarType type = tensor.storage.type;
  const std::uint64_t step = info(type).bytes;
  model::Tensor result{info(type).dtype, tensor.shape, {}};
  const std::uint64_t width = model::size_bytes(result.dtype);
  if (elements == 0) return result;
  budget.take(elements * width);
  result.data.resize(elements * width);
  if (type != ScalarType::kF16 && window.contiguous()) {
    std::memcpy(result.data.data(),
                storage.data() + static_cast<std::uint64_t>(tensor.offset) * step,
                elements * width);
    return result;
  }
  std::byte* to = result.data.data();
  window.for_each(elements, [&](std::uint64_t at) {
    copy_number(type, storage.data() + at * step, to);
    to += width;
  });
  return result;
}

}  // namespace trispike::interop
