// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fixtures.h"
#include "golden.h"
#include "trispike/data/error.h"
#include "trispike/data/random.h"

namespace trispike::data {
namespace {

using testing::HasSubstr;

std::string message_of(std::span<const std::byte> bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(bytes, "cat.jpg", options);
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Codec, DecodingEqualsPillow) {
  for (const GoldenCase& item : golden_cases("decode")) {
    const Image image = read_image(golden_folder() / item.source);
    const int allowed = item.source.ends_with(".jpg") ? 1 : 0;
    EXPECT_LE(max_difference(image, item.image), allowed) << item.source;
  }
}

TEST(Codec, HeaderAgreesWithThePicture) {
  for (const GoldenCase& item : golden_cases("decode")) {
    const ImageHeader header = read_image_header(load(golden_folder() / item.source), item.source);
    EXPECT_EQ(header.format, item.source.ends_with(".jpg") ? "JPEG" : "PNG");
    EXPECT_EQ(header.channels, item.image.channels) << item.source;
    EXPECT_EQ(header.height, item.image.height);
    EXPECT_EQ(header.width, item.image.width);
  }
}

TEST(Codec, PngOfAnotherEncoderIsExact) {
  for (const int channels : {1, 3}) {
    const Image image = numbered_picture(5, channels, 19, 70);
    EXPECT_EQ(decode_image(encode_png(image), "x"), image);
  }
}

// Noise does not compress: its one chunk of pixels is larger than what other chunks may have.
TEST(Codec, ReadsAPngWithOneLargeChunk) {
  Image image(3, 700, 800);
  Random random(1);
  for (std::uint8_t& sample : image.pixels) sample = static_cast<std::uint8_t>(random.next());
  EXPECT_EQ(decode_image(encode_png(image), "x"), image);
}

// 16 bits: two bytes a sample, the upper one counts.
TEST(Codec, SixteenBitPngKeepsTheUpperByte) {
  Image doubled(1, 2, 4);
  doubled.pixels = {10, 200, 20, 0, 0xff, 0xff, 1, 255};
  Bytes png = encode_png(doubled);
  // IHDR: width at 16, bit depth at 24, checksum at 29 (of "IHDR" and 13 bytes).
  png[19] = std::byte{2};
  png[24] = std::byte{16};
  const std::uint32_t checksum = png_checksum(std::span(png).subspan(12, 17));
  for (int i = 0; i < 4; ++i) png[29 + i] = std::byte(checksum >> (24 - 8 * i) & 0xff);
  const Image image = decode_image(png, "x");
  EXPECT_EQ(image.width, 2);
  EXPECT_EQ(image.pixels, (std::vector<std::uint8_t>{10, 20, 0xff, 1}));
}

TEST(Codec, RefusesWhatIsNoPicture) {
  EXPECT_EQ(message_of({}), "cat.jpg: is empty");
  EXPECT_THAT(message_of(to_bytes("hello")), HasSubstr("neither as a JPEG nor as a PNG"));
  EXPECT_THAT(message_of(to_bytes("\xff\xd8\xff")), HasSubstr("cat.jpg: JPEG header: "));
}

TEST(Codec, NamesTruncation) {
  for (const char* name : {"420.jpg", "progressive.jpg", "restart.jpg", "grey.jpg", "colour.png"}) {
    const Bytes whole = load(golden_folder() / name);
    for (const double part : {0.5, 0.7, 0.9, 0.99}) {
      const auto size = static_cast<std::size_t>(part * double(whole.size()));
      const std::string message = message_of(std::span(whole).first(size));
      EXPECT_THAT(message, HasSubstr("cat.jpg: ")) << name << " " << part;
      EXPECT_THAT(message, HasSubstr("truncated")) << name << " " << part;
    }
    EXPECT_EQ(message_of(whole), "no error") << name;
  }
}

TEST(Codec, NamesDamagedPixelsOfJpeg) {
  Bytes bytes = load(golden_folder() / "444.jpg");
  // A marker in the middle of the entropy-coded data ends it too early.
  bytes[bytes.size() - 200] = std::byte{0xff};
  bytes[bytes.size() - 199] = std::byte{0xd9};
  EXPECT_THAT(message_of(bytes), HasSubstr("JPEG data: "));
}

TEST(Codec, NamesWrongChecksumOfPng) {
  Bytes bytes = load(golden_folder() / "colour.png");
  bytes[bytes.size() - 100] ^= std::byte{1};
  EXPECT_THAT(message_of(bytes), HasSubstr("PNG data: "));
}

TEST(Codec, RefusesTooManyPixelsByTheHeader) {
  const Bytes jpeg = load(golden_folder() / "420.jpg");
  EXPECT_EQ(message_of(jpeg, {.max_pixels = 23 * 29}), "no error");
  EXPECT_EQ(message_of(jpeg, {.max_pixels = 23 * 29 - 1}),
            "cat.jpg: header: 29x23 pixels are more than the allowed 666");
  EXPECT_THROW(read_image_header(jpeg, "x", {.max_pixels = 666}), DataError);
}

// A header that announces much more than the bytes behind it can hold costs no memory.
TEST(Codec, RefusesPicturesTooLargeForTheirBytes) {
  Bytes jpeg = load(golden_folder() / "grey.jpg");
  const std::byte frame[] = {std::byte{0xff}, std::byte{0xc0}};
  const auto at = std::search(jpeg.begin(), jpeg.end(), std::begin(frame), std::end(frame));
  ASSERT_NE(at, jpeg.end());
  for (int i = 5; i < 9; ++i) at[i] = std::byte{0x1f};  // 7967 x 7967
  EXPECT_THAT(message_of(jpeg), HasSubstr("too few bytes for its size"));

  Bytes png = encode_png(Image(3, 4, 4));
  png[18] = png[22] = std::byte{0x1f};
  const std::uint32_t checksum = png_checksum(std::span(png).subspan(12, 17));
  for (int i = 0; i < 4; ++i) png[29 + i] = std::byte(checksum >> (24 - 8 * i) & 0xff);
  EXPECT_THAT(message_of(png), HasSubstr("too few bytes for its size"));
}

TEST(Codec, NamesAMissingFile) {
  try {
    read_image("/no/such/picture.jpg");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(), "/no/such/picture.jpg: cannot be read: No such file or directory");
  }
}

}  // namespace
}  // namespace trispike::data
