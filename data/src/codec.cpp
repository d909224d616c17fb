// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/codec.h"

#include "src/input_file.h"
#include "src/jpeg.h"
#include "src/memory_limit.h"
#include "src/png.h"
#include "trispike/data/error.h"

namespace trispike::data {
namespace {

// Of each way to store pictures: how to know it, and how to read it.
struct Codec {
  bool (*matches)(std::span<const std::byte> bytes);
  ImageHeader (*read_header)(std::span<const std::byte> bytes, const std::string& name);
  Image (*decode)(std::span<const std::byte> bytes, const std::string& name);
};

constexpr Codec kCodecs[] = {
    {is_jpeg, read_jpeg_header, decode_jpeg},
    {is_png, read_png_header, decode_png},
};

const Codec& codec_of(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.empty()) throw DataError(name, "", "is empty");
  for (const Codec& codec : kCodecs) {
    if (codec.matches(bytes)) return codec;
  }
  throw DataError(name, "byte 0", "begins neither as a JPEG nor as a PNG picture");
}

ImageHeader checked_header(const Codec& codec, std::span<const std::byte> bytes,
                           const std::string& name, const DecodeOptions& options) {
  const ImageHeader header = codec.read_header(bytes, name);
  if (std::int64_t{header.height} * header.width > options.max_pixels) {
    throw DataError(name, "header",
                    std::to_string(header.width) + "x" + std::to_string(header.height) +
                        " pixels are more than the allowed " + std::to_string(options.max_pixels));
  }
  // A grey picture may be wanted in colour, next to what it was.
  const std::uint64_t needed =
      (header.channels == 1 ? 4 : 3) * std::uint64_t(header.height) * std::uint64_t(header.width);
  if (needed > contents_limit(bytes.size())) {
    throw DataError(name, "header",
                    std::to_string(header.width) + "x" + std::to_string(header.height) +
                        " pixels need " + std::to_string(needed) + " bytes, more than " +
                        contents_limit_text(bytes.size()));
  }
  return header;
}

}  // namespace

ImageHeader read_image_header(std::span<const std::byte> bytes, const std::string& name,
                              const DecodeOptions& options) {
  return checked_header(codec_of(bytes, name), bytes, name, options);
}

Image decode_image(std::span<const std::byte> bytes, const std::string& name,
                   const DecodeOptions& options) {
  const Codec& codec = codec_of(bytes, name);
  checked_header(codec, bytes, name, options);
  return codec.decode(bytes, name);
}

Image read_image(const std::string& path, const DecodeOptions& options) {
  return decode_image(read_file(path), path, options);
}

}  // namespace trispike::data
