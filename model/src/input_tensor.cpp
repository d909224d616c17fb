// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/model/input_tensor.h"

#include <algorithm>
#include <cmath>

#include "trispike/model/error.h"
#include "trispike/model/safetensors.h"

namespace trispike::model {
namespace {

void check_form(const std::string& path, const Tensor& input,
                const std::vector<std::int64_t>& sample) {
  if (input.dtype != DType::kF32 && input.dtype != DType::kF64) {
    throw Error(path + ": tensor 'input' is " + std::string(to_string(input.dtype)) +
                ", expected F32 or F64");
  }
  if (input.shape.size() != sample.size() + 1 ||
      !std::equal(sample.begin(), sample.end(), input.shape.begin() + 1)) {
    std::string wanted = "[N";
    for (const std::int64_t size : sample) wanted += ", " + std::to_string(size);
    throw Error(path + ": tensor 'input' has the shape " + shape_string(input.shape) +
                ", the model takes " + wanted + "]");
  }
}

}  // namespace

std::vector<std::int64_t> sample_shape(const NetworkSpec& network) {
  const MapShape& map = network.input().shape;
  std::vector<std::int64_t> shape = {map.channels, map.height, map.width};
  if (network.input().kind != InputKind::kStatic) shape.insert(shape.begin(), network.time_steps);
  return shape;
}

std::vector<double> read_input_tensor(const std::string& path, const NetworkSpec& network) {
  const Safetensors file = read_safetensors(path);
  if (file.tensors.size() != 1 || file.tensors.begin()->first != "input") {
    throw Error(path + ": expected one tensor called 'input', found " +
                (file.tensors.empty()
                     ? "none"
                     : std::to_string(file.tensors.size()) + ", the first called '" +
                           file.tensors.begin()->first + "'"));
  }
  const Tensor& input = file.tensors.begin()->second;
  check_form(path, input, sample_shape(network));
  std::vector<double> values = input.to_double();
  const auto bad = std::ranges::find_if_not(values, [](double x) { return std::isfinite(x); });
  if (bad != values.end()) {
    throw Error(path + ": tensor 'input': element " + std::to_string(bad - values.begin()) +
                " is " + std::to_string(*bad) + ", expected a finite number");
  }
  return values;
}

}  // namespace trispike::model
