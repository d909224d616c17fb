// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The container: round trips, exact bytes, hostile files, atomic writing.
#include "trispike/model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/temporary_folder.h"
#include "trispike/model/error.h"

namespace trispike::model {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string bytes_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void put_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string with_length(std::uint64_t length, const std::string& rest) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> (8 * i));
  return bytes + rest;
}

std::string file_of(const std::string& header, const std::string& data = "") {
  return with_length(header.size(), header + data);
}

class SafetensorsFile : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::string path_ = folder_.file("x.safetensors");

  std::string message_for(const std::string& bytes) {
    put_bytes(path_, bytes);
    try {
      read_safetensors(path_);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
};

TEST_F(SafetensorsFile, RoundTripOfEveryDType) {
  Safetensors contents;
  for (const DType dtype : {DType::kF64, DType::kF32, DType::kBF16, DType::kI64, DType::kI32,
                            DType::kI16, DType::kI8, DType::kU8}) {
    Tensor tensor{dtype, {3, 1}, std::vector<std::byte>(3 * size_bytes(dtype))};
    for (std::size_t i = 0; i < tensor.data.size(); ++i) tensor.data[i] = std::byte(i + 1);
    contents.tensors["t." + std::string(to_string(dtype))] = tensor;
  }
  contents.tensors["scalar"] = Tensor::from({}, std::vector<double>{-0.0});
  contents.tensors["empty"] = Tensor::from({0, 4}, std::vector<float>{});
  contents.metadata = {{"key", "value"}, {"quotes \" \\ \n", "Umlaut ä, 三"}, {"", ""}};
  write_safetensors(path_, contents);
  const Safetensors read = read_safetensors(path_);
  EXPECT_EQ(read.tensors, contents.tensors);
  EXPECT_EQ(read.metadata, contents.metadata);
}

TEST_F(SafetensorsFile, BytesAreThoseOfTheFormat) {
  Safetensors contents;
  contents.tensors["a"] = {DType::kU8, {2}, {std::byte{7}, std::byte{8}}};
  contents.tensors["b"] = Tensor::from({1}, std::vector<float>{1});
  contents.metadata["k"] = "v";
  write_safetensors(path_, contents);
  // Wider elements first, so that each is aligned; the header is padded to a multiple of 8.
  const std::string header =
      R"({"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
      R"("a":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}})";
  std::string padded = header;
  while (padded.size() % 8 != 0) padded += ' ';
  EXPECT_EQ(bytes_of(path_), file_of(padded, std::string("\0\0\x80\x3f\x07\x08", 6)));
}

TEST_F(SafetensorsFile, NothingAtAllIsAFileToo) {
  write_safetensors(path_, {});
  EXPECT_TRUE(read_safetensors(path_).tensors.empty());
}

TEST_F(SafetensorsFile, HostileLengths) {
  EXPECT_THAT(message_for(""), HasSubstr("byte 0: the file ends before"));
  EXPECT_THAT(message_for("1234567"), HasSubstr("byte 7: the file ends before"));
  EXPECT_THAT(message_for(with_length(3, "{}")), HasSubstr("the header's length is 3"));
  EXPECT_THAT(message_for(with_length(~0ull, "{}")),
              HasSubstr("the header's length is 18446744073709551615"));
  EXPECT_THAT(message_for(with_length(0, "")), HasSubstr("byte 8: not JSON"));
}

TEST_F(SafetensorsFile, HeaderAboveTheLimitIsRefusedUnread) {
  put_bytes(path_, with_length(100'000'001, ""));
  fs::resize_file(path_, 8 + 100'000'001);  // sparse
  EXPECT_THROW(read_safetensors(path_), FormatError);
}

TEST_F(SafetensorsFile, HostileHeaders) {
  EXPECT_THAT(message_for(file_of("[]")), HasSubstr("byte 8: the header is not a JSON object"));
  EXPECT_THAT(message_for(file_of("{\"a\" 1}")), HasSubstr("byte 13: not JSON"));
  EXPECT_THAT(message_for(file_of(std::string(1'000'000, '['))), HasSubstr("nested deeper than"));
  EXPECT_THAT(message_for(file_of("{\"a\":3}")),
              HasSubstr("byte 9: 'a' is not an object of dtype, shape and data_offsets"));
  EXPECT_THAT(message_for(file_of(R"({"__metadata__":[]})")),
              HasSubstr("'__metadata__' is not a JSON object"));
  EXPECT_THAT(message_for(file_of(R"({"__metadata__":{"k":1}})")),
              HasSubstr("byte 25: 'k' is metadata, but not a string"));
  const std::string a = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  EXPECT_THAT(message_for(file_of("{" + a + "," + a + "}", "x")),
              HasSubstr("JSON key 'a' stands twice"));
}

TEST_F(SafetensorsFile, HostileTensors) {
  const auto message = [this](const std::string& dtype, const std::string& shape,
                              const std::string& offsets) {
    return message_for(file_of(R"({"a":{"dtype":)" + dtype + R"(,"shape":)" + shape +
                                   R"(,"data_offsets":)" + offsets + "}}",
                               "12345678"));
  };
  EXPECT_EQ(message("\"F64\"", "[1]", "[0,8]"), "nothing was thrown");
  EXPECT_THAT(message("\"F16\"", "[4]", "[0,8]"),
              HasSubstr("'a' has dtype '\"F16\"', expected one of F64, F32, BF16"));
  EXPECT_THAT(message("7", "[1]", "[0,8]"), HasSubstr("'a' has dtype '7'"));
  EXPECT_THAT(message("\"F64\"", "1", "[0,8]"), HasSubstr("a shape that is not an array"));
  EXPECT_THAT(message("\"U8\"", "[-8]", "[0,8]"), HasSubstr("has '-8' in its shape"));
  EXPECT_THAT(message("\"U8\"", "[8.0]", "[0,8]"), HasSubstr("has '8.0' in its shape"));
  EXPECT_THAT(message("\"U8\"", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,8]", "[0,8]"),
              HasSubstr("not an array of at most 16"));
  // 2^32 * 2^32 * 8 bytes wraps to 0 in 64 bits.
  EXPECT_THAT(message("\"F64\"", "[4294967296,4294967296]", "[0,0]"),
              HasSubstr("more than 2^63 bytes"));
  EXPECT_THAT(message("\"U8\"", "[18446744073709551615]", "[0,8]"), HasSubstr("in its shape"));
  EXPECT_THAT(message("\"U8\"", "[9]", "[0,9]"),
              HasSubstr("has its data at 0 to 9, but the file holds 8 bytes"));
  EXPECT_THAT(message("\"U8\"", "[8]", "[8,0]"), HasSubstr("has its data at 8 to 0"));
  EXPECT_THAT(message("\"U8\"", "[4]", "[0,8]"), HasSubstr("but U8 [4] takes 4 bytes"));
  EXPECT_THAT(message("\"U8\"", "[8]", "[0]"), HasSubstr("data_offsets that are not two"));
  EXPECT_THAT(message("\"U8\"", "[8]", "[0,-8]"), HasSubstr("data_offsets that are not two"));
  EXPECT_THAT(message("\"U8\"", "[4]", "[4,8]"), HasSubstr("overlap or leave a gap"));
  EXPECT_THAT(message("\"U8\"", "[4]", "[0,4]"), HasSubstr("the file goes on for 4 bytes"));
}

TEST_F(SafetensorsFile, OverlapsAndGapsBetweenTensors) {
  const auto message = [this](const std::string& first, const std::string& second) {
    return message_for(file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + first +
                                   R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second +
                                   "}}",
                               "12345678"));
  };
  EXPECT_EQ(message("[0,4]", "[4,8]"), "nothing was thrown");
  EXPECT_EQ(message("[4,8]", "[0,4]"), "nothing was thrown");
  EXPECT_THAT(message("[0,4]", "[0,4]"), HasSubstr("overlap"));
  EXPECT_THAT(message("[0,4]", "[3,7]"), HasSubstr("overlap"));
}

TEST_F(SafetensorsFile, EveryTruncationIsRefused) {
  Safetensors contents;
  contents.tensors["a"] = Tensor::from({3}, std::vector<float>{1, 2, 3});
  contents.metadata["k"] = "v";
  write_safetensors(path_, contents);
  const std::string whole = bytes_of(path_);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(message_for(whole.substr(0, length)), HasSubstr(": byte ")) << length;
  }
  EXPECT_THAT(message_for(whole + "x"), HasSubstr("the file goes on for 1 bytes"));
}

TEST_F(SafetensorsFile, WhatIsNoFileIsSaidSo) {
  EXPECT_THROW(read_safetensors(folder_.file("missing")), IoError);
  EXPECT_THROW(read_safetensors(folder_.path().string()), IoError);
  EXPECT_THROW(write_safetensors(folder_.path().string(), {}), IoError);
  EXPECT_THROW(write_safetensors(folder_.file("no/such/folder"), {}), IoError);
  EXPECT_THROW(write_safetensors("/dev/null", {}), IoError);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(SafetensorsFile, AFailedWriteLeavesTheOldFileAndNothingElse) {
  write_text_atomically(path_, "before");
  Safetensors invalid;
  invalid.metadata["k"] = "\xff\xfe";  // not UTF-8
  EXPECT_THROW(write_safetensors(path_, invalid), Error);
  EXPECT_EQ(bytes_of(path_), "before");

  // A file that cannot be replaced: renaming onto a folder fails.
  fs::remove(path_);
  fs::create_directories(path_ + "/occupied");
  EXPECT_THROW(write_text_atomically(path_, "after"), IoError);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1);
}

// The limit on the file size stops the write half-way, after the temporary file exists.
TEST_F(SafetensorsFile, AWriteThatBreaksOffLeavesNothingBehind) {
  write_text_atomically(path_, "before");
  const auto write_beyond_limit = [this] {
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::_Exit(3);
    std::signal(SIGXFSZ, SIG_IGN);
    try {
      write_text_atomically(path_, std::string(100'000, 'x'));
    } catch (const IoError& error) {
      std::fprintf(stderr, "%s", error.what());
      std::_Exit(0);
    }
    std::_Exit(4);
  };
  EXPECT_EXIT(write_beyond_limit(), ::testing::ExitedWithCode(0), "cannot be written");
  EXPECT_EQ(bytes_of(path_), "before");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(SafetensorsFile, WritingThroughALinkKeepsTheLink) {
  write_text_atomically(path_, "before");
  const std::string link = folder_.file("link");
  fs::create_symlink(path_, link);
  write_text_atomically(link, "after");
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(bytes_of(path_), "after");
}

}  // namespace
}  // namespace trispike::model
