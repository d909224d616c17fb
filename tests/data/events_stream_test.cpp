// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Recordings much larger than the readers' buffers: memory does not grow with the recording.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "event_fixtures.h"

namespace trispike::data {
namespace {

constexpr std::uint64_t kMebibyte = 1 << 20;
constexpr std::uint64_t kLarge = 256 * kMebibyte;
// The thread sanitizer keeps several bytes of its own for each byte in use.
#ifdef __SANITIZE_THREAD__
constexpr std::uint64_t kAllowed = 40 * kMebibyte;
#else
constexpr std::uint64_t kAllowed = 8 * kMebibyte;
#endif

// Memory of this process that is in use now.
std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

struct Pass {
  std::uint64_t events = 0;
  std::uint64_t records = 0;
  std::uint64_t growth = 0;  ///< most memory in use during the pass, less that before it
};

Pass read_all(const std::filesystem::path& path, const std::string& format) {
  const std::uint64_t before = resident_bytes();
  std::uint64_t most = before;
  Pass pass;
  const auto reader = open_events(path, format);
  std::array<Event, 1024> events;
  for (std::uint64_t calls = 0; const std::size_t count = reader->read(events); ++calls) {
    pass.events += count;
    if (calls % 256 == 0) most = std::max(most, resident_bytes());
  }
  pass.records = reader->records();
  pass.growth = std::max(most, resident_bytes()) - before;
  return pass;
}

// The header, then zeros up to `size`, which take no room on the disk.
void save_sparse(const std::filesystem::path& path, const Bytes& header, std::uint64_t size) {
  save(path, header);
  std::filesystem::resize_file(path, size);
}

TEST(EventStream, RecordsOfOneSize) {
  const TemporaryFolder folder;
  for (const auto& [format, header, record] : {std::tuple("aedat2-dvs128", "#!AER-DAT2.0\r\n", 8),
                                               {"nmnist", "", 5},
                                               {"dat", "% Width 640\n\x0c\x08", 8}}) {
    const Bytes bytes = to_bytes(header);
    const std::uint64_t records = (kLarge - bytes.size()) / static_cast<std::uint64_t>(record);
    save_sparse(folder / "large", bytes, bytes.size() + records * record);
    const Pass pass = read_all(folder / "large", format);
    EXPECT_EQ(pass.events, records) << format;
    EXPECT_LT(pass.growth, kAllowed) << format;
  }
}

// One packet of 256 MiB; zeros are events that are marked as invalid.
TEST(EventStream, OneLargePacket) {
  const TemporaryFolder folder;
  Writer writer;
  writer.text("#!AER-DAT3.1\r\n#!END-HEADER\r\n").little(1, 2).little(1, 2);
  const std::uint64_t number = kLarge / 8;
  for (const std::uint64_t value :
       {std::uint64_t{8}, std::uint64_t{4}, std::uint64_t{0}, number, number, number}) {
    writer.little(value, 4);
  }
  save_sparse(folder / "large", writer.bytes(), writer.bytes().size() + kLarge);
  const Pass pass = read_all(folder / "large", "aedat3");
  EXPECT_EQ(pass.records, number);
  EXPECT_LT(pass.growth, kAllowed);
}

// 300 packets that unpack to 1 MiB each.
TEST(EventStream, ManyCompressedPackets) {
  const TemporaryFolder folder;
  const Bytes packet = aedat4_events(std::vector<Event>(65536));
  for (const int compression : {1, 3}) {
    save(folder / "large", aedat4_file(compression, std::vector<Aedat4Packet>(300, {0, packet})));
    const Pass pass = read_all(folder / "large", "aedat4");
    EXPECT_EQ(pass.events, 300u * 65536);
    EXPECT_LT(pass.growth, kAllowed);
  }
}

}  // namespace
}  // namespace trispike::data
