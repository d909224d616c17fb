// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// libjpeg reports errors by longjmp, so the functions that call it hold plain data only; what needs
// a destructor lives in their callers.
#include "src/jpeg.h"

// clang-format off: jpeglib.h needs FILE, jerror.h needs jpeglib.h
#include <jerror.h>
#include <jpeglib.h>

#include <cstdio>
// clang-format on

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "src/memory_limit.h"
#include "trispike/data/error.h"

namespace trispike::data {
namespace {

// Honest progressive files have about ten scans; each costs a pass over the whole picture.
constexpr int kMaxScans = 100;

// No Huffman-coded picture has fewer bits than one per 8x8 block.
constexpr std::uint64_t kMaxPixelsPerByte = 8 * 64;

// libjpeg's handlers get a pointer to the first member only, so the order matters.
struct ErrorState {
  jpeg_error_mgr manager;
  std::jmp_buf leave;
  std::array<char, JMSG_LENGTH_MAX> message;
};

struct Decompressor {
  jpeg_decompress_struct info;
  ErrorState error;
  jpeg_progress_mgr progress;
};

[[noreturn]] void leave(ErrorState* state, const char* message) {
  std::snprintf(state->message.data(), state->message.size(), "%s", message);
  std::longjmp(state->leave, 1);
}

[[noreturn]] void on_error(j_common_ptr info) {
  auto* state = reinterpret_cast<ErrorState*>(info->err);
  info->err->format_message(info, state->message.data());
  if (info->err->msg_code == JERR_NO_BACKING_STORE) {
    leave(state,
          "needs more memory than a picture of its size may take (4 times the file + 64 MiB)");
  }
  std::longjmp(state->leave, 1);
}

// libjpeg goes on after damage with made-up pixels and calls that a warning. Only remarks on odd
// but readable files stay warnings.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
      return;
    case JWRN_JPEG_EOF:
      leave(reinterpret_cast<ErrorState*>(info->err), "the picture is truncated");
    default:
      on_error(info);
  }
}

void on_progress(j_common_ptr info) {
  const auto* decompressor = reinterpret_cast<jpeg_decompress_struct*>(info);
  if (decompressor->input_scan_number > kMaxScans) {
    leave(reinterpret_cast<ErrorState*>(info->err), "has too many scans");
  }
}

void create(Decompressor& d, std::span<const std::byte> bytes) {
  d.info.err = jpeg_std_error(&d.error.manager);
  d.error.manager.error_exit = on_error;
  d.error.manager.emit_message = on_message;
  jpeg_create_decompress(&d.info);
  d.progress.progress_monitor = on_progress;
  d.info.progress = &d.progress;
  jpeg_mem_src(&d.info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

int decoded_channels(Decompressor& d) {
  switch (d.info.num_components) {
    case 1:
      return 1;
    case 3:
    case 4:
      return 3;
    default:
      leave(&d.error, "has neither 1, 3 nor 4 colour components");
  }
}

// Ink stored inverted, as Adobe does it, to light.
void cmyk_to_rgb(const JSAMPLE* cmyk, std::uint8_t* rgb, int count) {
  for (int i = 0; i < count; ++i, cmyk += 4, rgb += 3) {
    const int light = cmyk[3];
    for (int c = 0; c < 3; ++c) {
      const int product = (255 - cmyk[c]) * light + 128;
      const int absorbed = (product + (product >> 8)) >> 8;  // product / 255, rounded
      rgb[c] = static_cast<std::uint8_t>(std::max(light - absorbed, 0));
    }
  }
}

// Returns false with d.error.message set if the header cannot be read.
bool read_header(Decompressor& d, std::span<const std::byte> bytes, ImageHeader* header) {
  std::memset(&d, 0, sizeof(d));
  if (setjmp(d.error.leave) != 0) {
    jpeg_destroy_decompress(&d.info);
    return false;
  }
  create(d, bytes);
  jpeg_read_header(&d.info, TRUE);
  header->channels = decoded_channels(d);
  header->height = static_cast<int>(d.info.image_height);
  header->width = static_cast<int>(d.info.image_width);
  const std::uint64_t pixels = std::uint64_t{d.info.image_height} * d.info.image_width;
  if (!d.info.arith_code && pixels / kMaxPixelsPerByte > bytes.size()) {
    leave(&d.error, "the picture is truncated: too few bytes for its size");
  }
  jpeg_destroy_decompress(&d.info);
  return true;
}

// Fills the pixels of an image whose size is that of the header. `line` has room for four channels.
// A picture in several scans is kept whole as coefficients: within what `image` leaves free.
bool read_pixels(Decompressor& d, std::span<const std::byte> bytes, Image* image, JSAMPLE* line) {
  std::memset(&d, 0, sizeof(d));
  if (setjmp(d.error.leave) != 0) {
    jpeg_destroy_decompress(&d.info);
    return false;
  }
  create(d, bytes);
  d.info.mem->max_memory_to_use =
      static_cast<long>(memory_limit(bytes.size()) - image->pixels.size());
  jpeg_read_header(&d.info, TRUE);
  const bool cmyk = d.info.num_components == 4;
  d.info.out_color_space = cmyk ? JCS_CMYK : image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  d.info.dct_method = JDCT_ISLOW;
  d.info.do_fancy_upsampling = TRUE;
  jpeg_start_decompress(&d.info);
  while (d.info.output_scanline < d.info.output_height) {
    JSAMPLE* to = image->row(static_cast<int>(d.info.output_scanline));
    JSAMPROW row = cmyk ? line : to;
    jpeg_read_scanlines(&d.info, &row, 1);
    if (cmyk) cmyk_to_rgb(line, to, image->width);
  }
  jpeg_finish_decompress(&d.info);
  jpeg_destroy_decompress(&d.info);
  return true;
}

}  // namespace

bool is_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() >= 3 && bytes[0] == std::byte{0xff} && bytes[1] == std::byte{0xd8} &&
         bytes[2] == std::byte{0xff};
}

ImageHeader read_jpeg_header(std::span<const std::byte> bytes, const std::string& name) {
  Decompressor decompressor;
  ImageHeader header{"JPEG", 0, 0, 0};
  if (!read_header(decompressor, bytes, &header)) {
    throw DataError(name, "JPEG header", decompressor.error.message.data());
  }
  return header;
}

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  const ImageHeader header = read_jpeg_header(bytes, name);
  Image image(header.channels, header.height, header.width);
  std::vector<JSAMPLE> line(std::size_t(4) * header.width);
  Decompressor decompressor;
  if (!read_pixels(decompressor, bytes, &image, line.data())) {
    throw DataError(name, "JPEG data", decompressor.error.message.data());
  }
  return image;
}

}  // namespace trispike::data
