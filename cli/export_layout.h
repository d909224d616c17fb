// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace trispike::cli {

struct LayoutExport {
  std::string model;   ///< the trained model to read
  std::string layout;  ///< name of an interop::Layout
  std::string output;  ///< the safetensors file to write
  bool json = false;
};

/// Writes a trained model's weights under another program's names and reports; an ExitCode.
int run_layout_export(const LayoutExport& options);

}  // namespace trispike::cli
