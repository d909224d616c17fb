// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Files made to hurt: small ones that unpack to gigabytes, nest without end or go round in circles.
// Random damage never finds these.
#include "hostile/bombs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "hostile/parsers.h"
#include "hostile/trial.h"
#include "hostile/watchdog.h"

namespace trispike::hostile {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// `before`, so many times `text`, `after`.
std::string repeated(const std::string& text, std::size_t times, const std::string& before = "",
                     const std::string& after = "") {
  std::string all = before;
  all.reserve(before.size() + text.size() * times + after.size());
  for (std::size_t k = 0; k < times; ++k) all += text;
  all += after;
  return all;
}

const Parser& parser_called(std::string_view name) {
  const auto found = std::ranges::find(parsers(), name, &Parser::name);
  if (found == parsers().end()) throw std::logic_error("no parser " + std::string(name));
  return *found;
}

Outcome read(const Parser& parser, const Bytes& bytes) {
  const std::string label = parser.name + ", a bomb of " + std::to_string(bytes.size());
  const Trial trial(parser);
  const Watchdog watchdog(label, bytes);
  Outcome outcome = trial.run(bytes);
  EXPECT_EQ(outcome.broken_rule, "") << outcome.message;
  return outcome;
}

Outcome read(std::string_view parser, const Bytes& bytes) {
  return read(parser_called(parser), bytes);
}

// Why the parser refuses the file.
std::string refusal(std::string_view parser, const Bytes& bytes) {
  const Outcome outcome = read(parser, bytes);
  EXPECT_FALSE(outcome.accepted);
  return outcome.message;
}

std::string refusal(std::string_view parser, const std::string& text) {
  return refusal(parser, data::to_bytes(text));
}

constexpr std::size_t kMegabyte = 1 << 20;

TEST(PngBomb, HugeSizesAreRefusedByTheHeader) {
  for (const int color_type : {0, 2, 3, 4, 6}) {
    const Bytes png = black_png(65535, 65535, color_type, {});
    const Outcome outcome = read("png", png);
    EXPECT_THAT(outcome.message, HasSubstr("header")) << color_type;
    EXPECT_LT(outcome.peak_bytes, kMegabyte);
  }
  EXPECT_THAT(refusal("png", black_png(1, 1 << 20, 0, {})), HasSubstr("header"));
}

TEST(PngBomb, AsManyPixelsAsTheFileMayHave) {
  EXPECT_TRUE(read("png", black_png(4400, 4400, 2, {})).accepted);
  EXPECT_THAT(refusal("png", black_png(5000, 5000, 2, {})), HasSubstr("75000000 bytes"));
  EXPECT_THAT(refusal("png", black_png(5000, 5000, 0, {})), HasSubstr("100000000 bytes"));
}

// Each of 1,000 texts of 1 kB unpacks to 1 MB.
TEST(PngBomb, PackedTextIsNotUnpacked) {
  const Bytes text = data::to_bytes(std::string("Comment\0\0", 9)) + packed_zeros(kMegabyte);
  const std::vector<std::pair<std::string, Bytes>> chunks(1000, {"zTXt", text});
  const Outcome outcome = read("png", black_png(4, 4, 2, chunks));
  EXPECT_TRUE(outcome.accepted) << outcome.message;
  EXPECT_LT(outcome.peak_bytes, 4 * kMegabyte);
}

TEST(JpegBomb, HugeSizesAreRefusedByTheHeader) {
  for (const char* name : {"420.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg"}) {
    const Outcome outcome = read("jpeg", resized_jpeg(name, 65500, 65500));
    EXPECT_THAT(outcome.message, HasSubstr("header")) << name;
    EXPECT_LT(outcome.peak_bytes, kMegabyte);
  }
  EXPECT_THAT(refusal("jpeg", resized_jpeg("420.jpg", 0, 0)), HasSubstr("header"));
}

// Arithmetic coding spends next to nothing on an even surface.
TEST(JpegBomb, ArithmeticCoding) {
  const Bytes small = as_arithmetic(resized_jpeg("444.jpg", 4000, 4000));
  EXPECT_THAT(read("jpeg", small).message, testing::Not(HasSubstr("header")));
  EXPECT_THAT(refusal("jpeg", as_arithmetic(resized_jpeg("444.jpg", 8000, 8000))),
              HasSubstr("192000000 bytes"));
}

// Only coefficients of the first picture fit next to its pixels: they are kept until the last scan.
TEST(JpegBomb, CoefficientsOfProgressivePictures) {
  EXPECT_THAT(refusal("jpeg", padded(resized_jpeg("progressive.jpg", 4000, 4000), 40'000)),
              HasSubstr("more memory"));
}

// Each scan is a few bytes of file and a pass over the whole picture.
TEST(JpegBomb, Scans) {
  EXPECT_THAT(refusal("jpeg", many_scans(3000, 4000, 882)), HasSubstr("scans"));
  EXPECT_TRUE(read("jpeg", many_scans(3000, 4000, 90)).accepted);
}

TEST(IdxBomb, GzipOfZeros) {
  const Bytes zeros(80 * kMegabyte);
  Bytes header = {std::byte{0}, std::byte{0}, std::byte{8}, std::byte{3}};
  const auto with_sizes = [&](std::initializer_list<std::uint32_t> sizes) {
    Bytes bytes = header;
    for (const std::uint32_t size : sizes) put_big_endian(bytes, size);
    return data::gzip(bytes + zeros);
  };
  EXPECT_THAT(refusal("idx_images_gz", with_sizes({80, 1024, 1024})),
              HasSubstr("83886080 bytes of values"));
  EXPECT_THAT(refusal("idx_images_gz", with_sizes({3, 1, 1})), HasSubstr("more bytes of values"));
  EXPECT_THAT(refusal("idx_images_gz", with_sizes({0xffffffff, 1 << 14, 1 << 14})),
              HasSubstr("bytes of values"));
}

TEST(TarBomb, Sizes) {
  const Bytes png = black_png(4, 4, 2, {});
  for (const char* size : {"77777777777", "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",
                           "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    Bytes tar = data::make_tar({{"a/1.png", png}});
    std::memcpy(&tar[124], size, size[0] == '7' ? 11 : 12);
    EXPECT_NE(refusal("image_tar", with_tar_checksums(tar)), "") << size;
  }
}

TEST(TarBomb, LinksAndSparseEntries) {
  const Bytes png = black_png(4, 4, 2, {});
  for (const char type : {'1', '2', '3', '6', 'S'}) {
    Bytes tar = data::make_tar({{"a/1.png", png}, {"b/1.png", png}});
    tar[156] = std::byte(type);
    std::memcpy(&tar[157], "/etc/passwd", 12);
    read("image_tar", with_tar_checksums(tar));
  }
}

TEST(TarBomb, ChainsOfHeaders) {
  for (const char type : {'L', 'K', 'x', 'g'}) {
    Bytes link = data::make_tar({{"a/1.png", data::to_bytes("12 path=aaa\n")}});
    link.resize(1024);
    link[156] = std::byte(type);
    link = with_tar_checksums(link);
    Bytes tar;
    for (int k = 0; k < 20'000; ++k) tar = std::move(tar) + link;
    EXPECT_NE(refusal("image_tar", tar), "") << type;
  }
}

// A compressed tar is named as such without unpacking anything: this one asks for 1.5 GB.
TEST(TarBomb, CompressedWithAHugeDictionary) {
  const std::string lzma("\x5d\0\0\0\x60\xff\xff\xff\xff\xff\xff\xff\xff\0\x30\x98\x88\x98", 18);
  const Outcome outcome = read("image_tar", data::to_bytes(lzma + std::string(2000, '\x55')));
  EXPECT_THAT(outcome.message, HasSubstr("is compressed (lzma)"));
  EXPECT_LT(outcome.peak_bytes, kMegabyte);
}

// 500 lines that name the same 60,000 events.
TEST(EventListBomb, ARecordingThatIsNamedOften) {
  Parser parser = parser_called("event_list");
  parser.surroundings = [](const std::filesystem::path& folder) {
    data::save(folder / "a.bin", Bytes(60'000 * 5));
  };
  const std::string list = repeated("train\tone\ta.bin\n", 500, "# trispike event list\n");
  EXPECT_TRUE(read(parser, data::to_bytes(list)).accepted);
}

TEST(RecipeBomb, Nesting) {
  constexpr std::size_t kMany = 250'000;
  EXPECT_THAT(refusal("recipe", repeated("a.", kMany, "", "a = 1")),
              AllOf(HasSubstr("recipe.toml:1"), HasSubstr("dots")));
  EXPECT_NE(refusal("recipe", repeated("a.", kMany, "[", "a]")), "");
  EXPECT_NE(refusal("recipe", repeated("a.", 400, "", "a = 1")), "");
  EXPECT_NE(refusal("recipe", repeated("[", kMany, "a = ")), "");
  EXPECT_NE(refusal("recipe", repeated("{a=", kMany, "a = ")), "");
  EXPECT_NE(refusal("recipe", repeated("[[a]]\n", kMany / 2)), "");
  EXPECT_NE(refusal("recipe", repeated("k", 1'000'000, "", " = 1")), "");
}

TEST(JsonBomb, Nesting) {
  constexpr std::size_t kMany = 2'000'000;
  EXPECT_THAT(refusal("network_json", repeated("[", kMany)), HasSubstr("nested deeper"));
  EXPECT_THAT(refusal("network_json", repeated("{\"a\":", kMany)), HasSubstr("nested deeper"));
}

TEST(JsonBomb, ManyValues) {
  constexpr std::size_t kMany = 2'000'000;
  EXPECT_THAT(refusal("network_json", repeated("0,", kMany, "[", "0]")), HasSubstr("values"));
  EXPECT_THAT(refusal("network_json", repeated("{},", kMany, "[", "0]")), HasSubstr("values"));
  EXPECT_THAT(refusal("network_json", repeated("[],", kMany, "[", "0]")), HasSubstr("values"));
}

}  // namespace
}  // namespace trispike::hostile
