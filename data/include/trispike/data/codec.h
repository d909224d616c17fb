// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// JPEG and PNG pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "trispike/data/image.h"

namespace trispike::data {

struct DecodeOptions {
  /// Larger pictures are refused by their header, before any memory is taken.
  std::int64_t max_pixels = std::int64_t{64} << 20;
};

/// What a picture's header says.
struct ImageHeader {
  std::string_view format;  ///< "JPEG" or "PNG"
  int channels = 0;         ///< of the decoded picture: 1 or 3
  int height = 0;
  int width = 0;
};

/// Reads the header only. Throws DataError as decode_image does.
ImageHeader read_image_header(std::span<const std::byte> bytes, const std::string& name,
                              const DecodeOptions& options = {});

/// Decodes JPEG (grey, YCbCr, RGB, CMYK, YCCK; accurate integer DCT, smooth chroma upsampling) or
/// PNG (any depth and colour type; 16 bits keep the upper 8, alpha is dropped) as Pillow's
/// convert("RGB") or, for grey pictures, convert("L") does: JPEG within one level, PNG exactly.
/// `name` names the picture in messages. Throws DataError if it is of neither kind, truncated,
/// damaged or too large.
Image decode_image(std::span<const std::byte> bytes, const std::string& name,
                   const DecodeOptions& options = {});

/// Reads and decodes a file.
Image read_image(const std::string& path, const DecodeOptions& options = {});

}  // namespace trispike::data
