// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Pickles written by hand, opcode by opcode, as the comments of Python's pickletools define them.
#include "src/pickle.h"

#include <gmock/gmock.h>

#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

using Kind = PickleValue::Kind;
using ::testing::HasSubstr;

PickleDocument read(std::string_view pickle) {
  MemoryBudget budget("p", pickle.size());
  return read_pickle(std::as_bytes(std::span(pickle)), "p", budget);
}

/// The message of the refusal, which begins "p: byte <offset>: ".
std::string refusal(std::string_view pickle) {
  try {
    read(pickle);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

// A literal with zero bytes in it.
template <std::size_t size>
constexpr std::string_view bytes(const char (&text)[size]) {
  return {text, size - 1};
}

std::int64_t integer(std::string_view pickle) {
  const PickleDocument document = read(pickle);
  EXPECT_EQ(document.root.kind, Kind::kInteger);
  return document.root.integer;
}

TEST(Pickle, Numbers) {
  EXPECT_EQ(integer(bytes("\x80\x02K\xff.")), 255);
  EXPECT_EQ(integer(bytes("M\x01\x02.")), 513);
  EXPECT_EQ(integer(bytes("J\xfe\xff\xff\xff.")), -2);
  EXPECT_EQ(integer(bytes("\x8a\x00.")), 0);
  EXPECT_EQ(integer(bytes("\x8a\x01\xff.")), -1);
  EXPECT_EQ(integer(bytes("\x8a\x02\xff\x00.")), 255);
  EXPECT_EQ(integer(bytes("\x8a\x05\x00\x00\x00\x00\x01.")), std::int64_t{1} << 32);
  EXPECT_THAT(refusal(bytes("\x8a\x09\x01\x01\x01\x01\x01\x01\x01\x01\x01.")),
              HasSubstr("p: byte 0: a whole number has 9 bytes"));
  EXPECT_EQ(read("G\x3f\xf0\x10\x10\x10\x10\x10\x10.").root.kind, Kind::kReal);
  EXPECT_EQ(read("N.").root.kind, Kind::kNone);
  EXPECT_EQ(read("\x88.").root.integer, 1);
}

TEST(Pickle, Containers) {
  const PickleDocument document =
      read(bytes("}(X\x01\x00\x00\x00"
                 "a(K\x01K\x02t"
                 "U\x01"
                 "b]K\x05"
                 "au."));
  ASSERT_EQ(document.root.kind, Kind::kDict);
  const auto& items = document.items(document.root);
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(document.text(items[0]), "a");
  ASSERT_EQ(items[1].kind, Kind::kTuple);
  EXPECT_EQ(document.items(items[1]).at(1).integer, 2);
  EXPECT_EQ(document.text(items[2]), "b");
  ASSERT_EQ(items[3].kind, Kind::kList);
  EXPECT_EQ(document.items(items[3]).at(0).integer, 5);
}

TEST(Pickle, MemoAndMarks) {
  // The same list twice in a tuple: one object, so what is appended later is in both.
  const PickleDocument document =
      read(bytes("]q\x07h\x07K\x03"
                 "a\x86."));
  const auto& pair = document.items(document.root);
  EXPECT_EQ(pair[0].integer, pair[1].integer);
  EXPECT_EQ(document.items(pair[1]).at(0).integer, 3);
  // A list that holds itself.
  EXPECT_EQ(read(bytes("]q\x00h\x00"
                       "a."))
                .root.kind,
            Kind::kList);
  EXPECT_EQ(integer(bytes("(K\x01K\x02"
                          "1K\x04.")),
            4);
  EXPECT_EQ(integer(bytes("K\x01K\x02"
                          "0.")),
            1);
  EXPECT_THAT(refusal(bytes("h\x05.")), HasSubstr("p: byte 0: nothing was remembered as number 5"));
  EXPECT_THAT(refusal("K\x01t."), HasSubstr("p: byte 2: the pickle goes back to a mark"));
  EXPECT_THAT(refusal("K\x01(0."), HasSubstr("p: byte 3: the pickle takes a value where"));
  EXPECT_THAT(refusal("K\x01\x86."), HasSubstr("p: byte 2: the pickle takes a value where"));
  EXPECT_THAT(refusal("}(K\x01u."), HasSubstr("p: byte 4: a dict gets a key without a value"));
}

TEST(Pickle, EndsWhereItShould) {
  EXPECT_THAT(refusal("K\x01K\x01."), HasSubstr("p: byte 4: the pickle ends with more than one"));
  EXPECT_THAT(refusal("K\x01."
                      "N"),
              HasSubstr("1 bytes follow the end"));
  EXPECT_THAT(refusal("K\x01"), HasSubstr("p: byte 2: the pickle ends within"));
  EXPECT_THAT(refusal(bytes("X\xff\xff\xff\x7f"
                            "abc.")),
              HasSubstr("p: byte 0: the pickle ends"));
  EXPECT_THAT(refusal(bytes("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
                            "abc.")),
              HasSubstr("p: byte 0: the pickle ends"));
  EXPECT_THAT(refusal(bytes("\x95\xff\x00\x00\x00\x00\x00\x00\x00N.")),
              HasSubstr("p: byte 0: a frame has 255 bytes"));
  EXPECT_THAT(refusal("\x80\x01N."), HasSubstr("protocol 1, expected 2 to 5"));
  EXPECT_THAT(refusal("\x80\x06N."), HasSubstr("protocol 6"));
}

TEST(Pickle, OtherOpcodesAreRefusedByName) {
  EXPECT_THAT(refusal("N\x81."), HasSubstr("p: byte 1: pickle opcode NEWOBJ (0x81)"));
  EXPECT_THAT(refusal("I1\n."), HasSubstr("p: byte 0: pickle opcode INT (0x49)"));
  EXPECT_THAT(refusal("P1\n."), HasSubstr("opcode PERSID (0x50)"));
  EXPECT_THAT(refusal("i"), HasSubstr("opcode INST (0x69)"));
  EXPECT_THAT(refusal("\x82\x01."), HasSubstr("opcode EXT1 (0x82)"));
  EXPECT_THAT(refusal("\xff."), HasSubstr("pickle opcode (0xff)"));
}

TEST(Pickle, OtherFunctionsAreRefusedByName) {
  EXPECT_THAT(refusal("cposix\nsystem\n."), HasSubstr("p: byte 0: the pickle refers to "
                                                      "'posix.system'"));
  EXPECT_THAT(refusal("\x8c\x05posix\x8c\x06system\x93."),
              HasSubstr("p: byte 15: the pickle refers to 'posix.system'"));
  EXPECT_THAT(refusal("ctorch._utils\n_rebuild_tensor_v2x\n."), HasSubstr("v2x'"));
  EXPECT_THAT(refusal("ccollections\nOrderedDict"), HasSubstr("does not end"));
  EXPECT_THAT(refusal("K\x01)R."), HasSubstr("p: byte 3: something is called"));
  EXPECT_THAT(refusal("ctorch\nFloatStorage\n)R."), HasSubstr("'FloatStorage' is called"));
  EXPECT_THAT(refusal("ccollections\nOrderedDict\nK\x01R."), HasSubstr("a tuple of arguments"));
  EXPECT_THAT(refusal("ccollections\nOrderedDict\n]\x85R."),
              HasSubstr("OrderedDict has arguments"));
  EXPECT_THAT(refusal("ctorch._utils\n_rebuild_tensor_v2\n)R."), HasSubstr("other arguments"));
  EXPECT_THAT(refusal("ctorch._utils\n_rebuild_parameter\n)R."), HasSubstr("other arguments"));
}

TEST(Pickle, BuildOnlyTakesTheMetadataOfAStateDict) {
  const std::string dict = "ccollections\nOrderedDict\n)R";
  EXPECT_EQ(read(dict + "}U\x09_metadata}sb.").root.kind, Kind::kDict);
  EXPECT_THAT(refusal(dict + "}U\x04"
                             "evil}sb."),
              HasSubstr("BUILD sets other state"));
  EXPECT_THAT(refusal(dict + "}b."), HasSubstr("BUILD sets other state"));
  EXPECT_THAT(refusal("K\x01}U\x09_metadata}sb."), HasSubstr("an OrderedDict before BUILD"));
}

TEST(Pickle, PersistentIdsAreStorages) {
  EXPECT_THAT(refusal("NQ."), HasSubstr("p: byte 1: expected a tuple as persistent id"));
  EXPECT_THAT(refusal("(U\x06module00K\x01K\x01tQ."), HasSubstr("takes a value"));
  EXPECT_THAT(refusal("(U\x06moduleNNNNtQ."), HasSubstr("not that of a storage"));
  EXPECT_THAT(refusal("(U\x07storageccollections\nOrderedDict\nU\x01"
                      "0NK\x01tQ."),
              HasSubstr("'OrderedDict' stands where a storage class is expected"));
  EXPECT_THAT(refusal("(U\x07storagectorch\nFloatStorage\nU\x01"
                      "0NJ\xff\xff\xff\xfftQ."),
              HasSubstr("the size of a storage is not a whole number >= 0"));
}

// 1 MB of opcodes that each make an object would take a hundred times as much memory.
TEST(Pickle, MemoryIsBounded) {
  EXPECT_THAT(refusal(std::string(1 << 20, ']')), HasSubstr("out of all proportion"));
  EXPECT_THAT(refusal(std::string(1 << 20, '(')), HasSubstr("out of all proportion"));
  EXPECT_THAT(refusal("]" + std::string(1 << 20, '2')), HasSubstr("out of all proportion"));
}

}  // namespace
}  // namespace trispike::interop
