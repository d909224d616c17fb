// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/model/sha256.h"

#include <gtest/gtest.h>

#include "src/sha256_compress.h"

namespace trispike::model {
namespace {

std::string sha256(std::string_view text) {
  Sha256 sha;
  sha.update(text);
  return sha.finish();
}

// The example messages that NIST publishes with FIPS 180-4.
TEST(Sha256, NistVectors) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                   "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  const std::string text(300, 'x');
  for (const std::size_t piece : {1u, 3u, 55u, 63u, 64u, 65u, 128u, 299u}) {
    Sha256 sha;
    for (std::size_t i = 0; i < text.size(); i += piece) sha.update(text.substr(i, piece));
    EXPECT_EQ(sha.finish(), sha256(text)) << piece;
  }
}

TEST(Sha256, InstructionsDoTheSame) {
  const Sha256Compress in_hardware = sha256_compress_in_hardware();
  if (in_hardware == nullptr) GTEST_SKIP() << "this processor has no SHA instructions";
  Sha256State expected{1, 2, 3, 4, 5, 6, 7, 8};
  Sha256State found = expected;
  std::array<std::uint8_t, 65> block;  // not aligned
  for (int turn = 0; turn < 100; ++turn) {
    for (std::size_t i = 0; i < block.size(); ++i) {
      block[i] = static_cast<std::uint8_t>(expected[i % 8] >> (i / 8));
    }
    sha256_compress(expected, block.data() + 1);
    in_hardware(found, block.data() + 1);
    ASSERT_EQ(found, expected) << turn;
  }
}

}  // namespace
}  // namespace trispike::model
