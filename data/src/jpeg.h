// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trispike/data/codec.h"

namespace trispike::data {

bool is_jpeg(std::span<const std::byte> bytes);
ImageHeader read_jpeg_header(std::span<const std::byte> bytes, const std::string& name);

/// The header must have been read and its size found acceptable.
Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name);

}  // namespace trispike::data
