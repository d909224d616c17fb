// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/zip_archive.h"

#include <gmock/gmock.h>

#include "interop/zip_builder.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

using test::deflated;
using test::stored;
using test::ZipBuilder;
using test::ZipPart;
using ::testing::HasSubstr;

std::string contents(const std::string& zip, const std::string& name) {
  MemoryBudget budget("z", zip.size());
  const ZipArchive archive(std::as_bytes(std::span(zip)), "z", budget);
  const ZipContent content = archive.read(archive.entries().at(name));
  return {reinterpret_cast<const char*>(content.bytes.data()), content.bytes.size()};
}

/// Of opening the archive and reading every entry.
std::string refusal(const std::string& zip) {
  try {
    MemoryBudget budget("z", zip.size());
    const ZipArchive archive(std::as_bytes(std::span(zip)), "z", budget);
    for (const auto& [name, entry] : archive.entries()) archive.read(entry);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

std::string refusal(const ZipPart& part) { return refusal(ZipBuilder().add(part).finish()); }

std::string long_text() {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i * i) + ",";
  return text;
}

class Zip : public testing::TestWithParam<bool> {};

TEST_P(Zip, StoredAndDeflatedEntries) {
  const std::string zip = ZipBuilder(GetParam())
                              .add(stored("a/data.pkl", "hello"))
                              .add(deflated("a/data/0", long_text()))
                              .add(stored("a/data/1", ""))
                              .finish();
  EXPECT_EQ(contents(zip, "a/data.pkl"), "hello");
  EXPECT_EQ(contents(zip, "a/data/0"), long_text());
  EXPECT_EQ(contents(zip, "a/data/1"), "");
  EXPECT_EQ(refusal(zip), "nothing was thrown");
}

TEST_P(Zip, CutAnywhereIsRefused) {
  const std::string zip =
      ZipBuilder(GetParam()).add(stored("a", "hello")).add(deflated("b", "hello")).finish();
  for (std::size_t size = 0; size < zip.size(); ++size) {
    EXPECT_THAT(refusal(zip.substr(0, size)), HasSubstr("z: byte ")) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(SizesOf, Zip, testing::Values(false, true),
                         [](const auto& zip64) { return zip64.param ? "64Bits" : "32Bits"; });

TEST(ZipArchiveTest, ACommentMayFollow) {
  std::string zip = ZipBuilder().add(stored("a", "hello")).finish();
  zip[zip.size() - 2] = 3;
  EXPECT_EQ(contents(zip + "abc", "a"), "hello");
  EXPECT_THAT(refusal(zip + "ab"), HasSubstr("no end of a zip directory is found"));
}

TEST(ZipArchiveTest, DamageIsNamed) {
  ZipPart part = stored("name", "hello");
  part.crc ^= 1;
  EXPECT_THAT(refusal(part), HasSubstr("z: byte 34: zip entry 'name' is damaged: its CRC-32"));
  part = deflated("name", long_text());
  part.data[5] ^= 0x10;
  EXPECT_THAT(refusal(part), HasSubstr("zip entry 'name'"));
  part = deflated("name", long_text());
  --part.bytes;
  EXPECT_THAT(refusal(part), HasSubstr("z: byte 34: zip entry 'name' does not unpack to"));
  part.bytes += 2;
  EXPECT_THAT(refusal(part), HasSubstr("does not unpack to"));
  part = deflated("name", "hello");
  part.data += "x";
  EXPECT_THAT(refusal(part), HasSubstr("does not unpack to"));
}

TEST(ZipArchiveTest, WhatIsNotReadIsNamed) {
  ZipPart part = stored("name", "hello");
  part.flags = 1;
  EXPECT_THAT(refusal(part), HasSubstr("zip entry 'name' is encrypted"));
  part = stored("name", "hello");
  part.method = 14;
  EXPECT_THAT(refusal(part), HasSubstr("'name' is compressed by method 14, expected 0 (stored)"));
  part = stored("name", "hello");
  part.bytes = 4;
  EXPECT_THAT(refusal(part), HasSubstr("has 5 bytes in the archive and 4 outside"));
  EXPECT_THAT(refusal(ZipBuilder().add(stored("n", "")).add(stored("n", "")).finish()),
              HasSubstr("zip entry 'n' is there twice"));
}

TEST(ZipArchiveTest, PlacesMustAgree) {
  const std::string zip = ZipBuilder().add(stored("name", "hello")).finish();
  const std::size_t directory = 30 + 4 + 5;
  std::string other = zip;
  other[directory + 42] = 1;  // offset of the entry
  EXPECT_THAT(refusal(other), HasSubstr("z: byte 1: zip entry 'name' should begin here"));
  other = zip;
  other[30] = 'N';
  EXPECT_THAT(refusal(other), HasSubstr("z: byte 0: zip entry 'name' has another name here"));
  other = zip;
  other[directory + 20] = 6;  // both sizes, one byte more than there are
  other[directory + 24] = 6;
  EXPECT_THAT(refusal(other), HasSubstr("is said to have 6 bytes, but only 5 follow"));
  other = zip;
  other[zip.size() - 12] = 2;  // entries, on this part and on all
  other[zip.size() - 14] = 2;
  EXPECT_THAT(refusal(other), HasSubstr("cannot hold 2 entries"));
}

// 1,000 times smaller than what it unpacks to.
TEST(ZipArchiveTest, MemoryIsBounded) {
  const std::string zip =
      ZipBuilder().add(deflated("bomb", std::string(std::size_t{40} << 20, 'a'))).finish();
  EXPECT_LT(zip.size(), 100'000u);
  EXPECT_THAT(refusal(zip), HasSubstr("out of all proportion to the file"));
}

}  // namespace
}  // namespace trispike::interop
