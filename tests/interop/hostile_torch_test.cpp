// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Damaged files of torch.save: whatever is flipped or cut off, the answer is a state dict or a
// FormatError. The damage is drawn from fixed seeds. Stored entries have a CRC-32, so the pickle is
// also damaged by itself, where nothing protects it.
#include <gmock/gmock.h>

#include <map>
#include <random>

#include "interop/torch_golden.h"
#include "interop/zip_builder.h"
#include "src/zip_archive.h"
#include "trispike/interop/state_dict.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

constexpr int kCopies = 2000;

/// A few bits flipped, bytes overwritten with extreme values, or the end cut off.
template <class Bytes>
Bytes damaged(const Bytes& good, std::mt19937_64& random) {
  Bytes bytes = good;
  using Byte = typename Bytes::value_type;
  const auto below = [&](std::size_t limit) { return random() % limit; };
  const std::size_t faults = 1 + below(4);
  switch (below(3)) {
    case 0:
      for (std::size_t k = 0; k < faults; ++k) {
        Byte& byte = bytes[below(bytes.size())];
        byte = static_cast<Byte>(static_cast<int>(byte) ^ (1 << below(8)));
      }
      break;
    case 1:
      for (std::size_t k = 0; k < faults; ++k) {
        bytes[below(bytes.size())] = static_cast<Byte>(below(2) == 0 ? 0 : 0xff);
      }
      break;
    default:
      bytes.resize(below(bytes.size()));
  }
  return bytes;
}

/// Number of refusals. Anything but a FormatError escapes and fails the test.
int refusals(std::span<const std::byte> bytes, int before) {
  try {
    const StateDict dict = read_torch(bytes, "damaged.pth");
    std::size_t total = 0;
    for (const auto& [name, tensor] : dict.tensors) total += tensor.data.size();
    EXPECT_LE(total, 2 * bytes.size() + (std::size_t{32} << 20));
    return before;
  } catch (const FormatError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("damaged.pth"));
    EXPECT_THAT(error.what(), testing::HasSubstr(": byte "));
    return before + 1;
  }
}

std::map<std::string, std::string> unpacked(std::span<const std::byte> zip) {
  MemoryBudget budget("zip", zip.size());
  const ZipArchive archive(zip, "zip", budget);
  std::map<std::string, std::string> entries;
  for (const auto& [name, entry] : archive.entries()) {
    const ZipContent content = archive.read(entry);
    entries[std::string(name)] = {reinterpret_cast<const char*>(content.bytes.data()),
                                  content.bytes.size()};
  }
  return entries;
}

class HostileTorch : public testing::TestWithParam<const char*> {};

TEST_P(HostileTorch, FileIsReadOrRefused) {
  const auto good = test::load_bytes(test::torch_golden(GetParam()));
  std::mt19937_64 random(2026);
  int refused = 0;
  for (int k = 0; k < kCopies; ++k) refused = refusals(damaged(good, random), refused);
  EXPECT_GT(refused, kCopies / 4);
}

TEST_P(HostileTorch, PickleIsReadOrRefused) {
  const auto good = test::load_bytes(test::torch_golden(GetParam()));
  const std::map<std::string, std::string> entries = unpacked(good);
  std::mt19937_64 random(2027);
  int refused = 0;
  for (int k = 0; k < kCopies; ++k) {
    test::ZipBuilder zip;
    for (const auto& [name, data] : entries) {
      zip.add(test::stored(name, name.ends_with("data.pkl") ? damaged(data, random) : data));
    }
    const std::string file = zip.finish();
    refused = refusals(std::as_bytes(std::span(file)), refused);
  }
  EXPECT_GT(refused, kCopies / 4);
}

INSTANTIATE_TEST_SUITE_P(Files, HostileTorch,
                         testing::Values("dtypes.pth", "windows.pth", "checkpoint.pth",
                                         "protocol5.pth", "deflated.pth"),
                         [](const auto& file) {
                           const std::string name = file.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace trispike::interop
