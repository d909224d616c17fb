// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// libpng reports errors by longjmp, so the functions that call it hold plain data only; what needs
// a destructor lives in their callers.
#include "src/png.h"

#include <png.h>

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <vector>

#include "trispike/data/error.h"

namespace trispike::data {
namespace {

constexpr png_uint_32 kMaxSide = 1 << 16;  // rows that are buffered stay small

// Deflate packs at most about 1032 bytes into one.
constexpr std::uint64_t kMaxBytesPerByte = 1032;

struct Reader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const std::byte* bytes = nullptr;
  std::size_t size = 0;
  std::size_t position = 0;
  std::jmp_buf leave;
  std::array<char, 200> message{};

  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* reader = static_cast<Reader*>(png_get_error_ptr(png));
  std::snprintf(reader->message.data(), reader->message.size(), "%s", message);
  std::longjmp(reader->leave, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep to, std::size_t count) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  if (count > reader->size - reader->position) png_error(png, "the picture is truncated");
  std::memcpy(to, reader->bytes + reader->position, count);
  reader->position += count;
}

// Reads up to the pixels. Must be called under the setjmp of `reader`.
void begin(Reader& reader) {
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
  if (reader.png != nullptr) reader.info = png_create_info_struct(reader.png);
  if (reader.info == nullptr) {
    std::snprintf(reader.message.data(), reader.message.size(), "out of memory");
    std::longjmp(reader.leave, 1);
  }
  png_set_read_fn(reader.png, &reader, on_read);
  png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_chunk_malloc_max(reader.png, 1 << 20);
  png_set_user_limits(reader.png, kMaxSide, kMaxSide);
  png_read_info(reader.png, reader.info);
}

bool read_header(Reader& reader, ImageHeader* header) {
  if (setjmp(reader.leave) != 0) return false;
  begin(reader);
  const png_byte color_type = png_get_color_type(reader.png, reader.info);
  header->channels = (color_type & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;
  header->height = static_cast<int>(png_get_image_height(reader.png, reader.info));
  header->width = static_cast<int>(png_get_image_width(reader.png, reader.info));
  const std::uint64_t raw_bytes =
      std::uint64_t{png_get_rowbytes(reader.png, reader.info)} * std::uint64_t(header->height);
  if (raw_bytes / kMaxBytesPerByte > reader.size) {
    png_error(reader.png, "the picture is truncated: too few bytes for its size");
  }
  return true;
}

// `rows` point into an image of the header's size and channels.
bool read_pixels(Reader& reader, std::size_t row_bytes, png_bytepp rows) {
  if (setjmp(reader.leave) != 0) return false;
  begin(reader);
  png_set_palette_to_rgb(reader.png);
  png_set_expand_gray_1_2_4_to_8(reader.png);
  png_set_strip_16(reader.png);
  png_set_strip_alpha(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  if (png_get_rowbytes(reader.png, reader.info) != row_bytes) {
    png_error(reader.png, "unexpected kind of pixels");
  }
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

}  // namespace

bool is_png(std::span<const std::byte> bytes) {
  return bytes.size() >= 8 &&
         png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) == 0;
}

ImageHeader read_png_header(std::span<const std::byte> bytes, const std::string& name) {
  Reader reader;
  reader.bytes = bytes.data();
  reader.size = bytes.size();
  ImageHeader header{"PNG", 0, 0, 0};
  if (!read_header(reader, &header)) throw DataError(name, "PNG header", reader.message.data());
  return header;
}

Image decode_png(std::span<const std::byte> bytes, const std::string& name) {
  const ImageHeader header = read_png_header(bytes, name);
  Image image(header.channels, header.height, header.width);
  std::vector<png_bytep> rows(header.height);
  for (int y = 0; y < header.height; ++y) rows[y] = image.row(y);
  Reader reader;
  reader.bytes = bytes.data();
  reader.size = bytes.size();
  if (!read_pixels(reader, std::size_t(header.width) * header.channels, rows.data())) {
    throw DataError(name, "PNG data", reader.message.data());
  }
  return image;
}

}  // namespace trispike::data
