// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Writes what torch.save writes for {"epoch": 3, "state_dict": OrderedDict of float tensors}.
#pragma once

#include <fstream>
#include <string>

#include "interop/zip_builder.h"
#include "trispike/model/tensor.h"

namespace trispike::test {

class TorchWriter {
 public:
  /// `prefix` goes before every name; `epoch` and the nesting make it a checkpoint.
  TorchWriter(const model::TensorMap& tensors, const std::string& prefix) {
    pickle_ = "\x80\x02}(";
    text("epoch");
    pickle_ += "K\x03";
    text("state_dict");
    pickle_ += "ccollections\nOrderedDict\n)R(";
    for (const auto& [name, tensor] : tensors) {
      text(prefix + name);
      add(tensor);
    }
    pickle_ += "uu.";
    zip_.add(stored("archive/data.pkl", pickle_));
    zip_.add(stored("archive/byteorder", "little"));
  }

  void write(const std::string& path) { std::ofstream(path, std::ios::binary) << zip_.finish(); }

 private:
  void add(const model::Tensor& tensor) {
    const std::string key = std::to_string(storages_++);
    zip_.add(stored("archive/data/" + key,
                    {reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size()}));
    pickle_ += "ctorch._utils\n_rebuild_tensor_v2\n((";
    text("storage");
    pickle_ += "ctorch\nFloatStorage\n";
    text(key);
    text("cpu");
    integer(tensor.elements());
    pickle_ += "tQK";
    pickle_ += '\0';
    pickle_ += "(";
    for (const std::int64_t size : tensor.shape) integer(size);
    pickle_ += "t(";
    std::int64_t stride = tensor.elements();
    for (const std::int64_t size : tensor.shape) integer(stride /= size);
    pickle_ +=
        "t\x89"
        "ccollections\nOrderedDict\n)RtR";
  }

  void text(const std::string& value) {
    pickle_ += 'X';
    number(value.size());
    pickle_ += value;
  }

  void integer(std::int64_t value) {
    pickle_ += 'J';
    number(static_cast<std::uint64_t>(value));
  }

  void number(std::uint64_t value) {
    for (int i = 0; i < 4; ++i) pickle_ += static_cast<char>(value >> (8 * i) & 0xff);
  }

  std::string pickle_;
  ZipBuilder zip_;
  int storages_ = 0;
};

}  // namespace trispike::test
