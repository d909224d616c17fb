// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/zip_archive.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "src/text.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

// Sizes of the fixed parts of the records, and their signatures.
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kZip64LocatorBytes = 20;
constexpr std::uint64_t kZip64EndBytes = 56;
constexpr std::uint64_t kEntryBytes = 46;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kZip64Locator = 0x07064b50;
constexpr std::uint32_t kZip64End = 0x06064b50;
constexpr std::uint32_t kEntry = 0x02014b50;
constexpr std::uint32_t kLocal = 0x04034b50;

constexpr std::uint32_t kIn64Bits = 0xffffffff;  // the number stands in the 64-bit extension
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint64_t kLongestComment = 0xffff;

std::uint32_t crc_of(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

ZipArchive::ZipArchive(std::span<const std::byte> bytes, std::string file, MemoryBudget& budget)
    : bytes_(bytes), file_(std::move(file)), budget_(budget) {
  const Directory directory = find_directory();
  const std::uint64_t end = directory.offset + directory.bytes;
  std::uint64_t at = directory.offset;
  for (std::uint64_t i = 0; i < directory.entries; ++i) at = read_entry(at, end);
  if (at != end) fail(at, "the zip directory goes on behind its last entry");
  for (auto& [name, entry] : entries_) find_data(entry, directory.offset);
}

ZipContent ZipArchive::read(const ZipEntry& entry) const {
  ZipContent content;
  if (entry.deflated) {
    content.unpacked = inflate(entry);
    content.bytes = content.unpacked;
  } else {
    content.bytes = bytes_.subspan(entry.offset, entry.bytes);
  }
  if (crc_of(content.bytes) != entry.crc) {
    fail(entry.offset, "zip entry " + in_quotes(entry.name) + " is damaged: its CRC-32 is " +
                           hex(crc_of(content.bytes)) + ", the directory says " + hex(entry.crc));
  }
  return content;
}

ZipArchive::Directory ZipArchive::find_directory() const {
  if (bytes_.size() < kEndBytes) fail(bytes_.size(), "the file is too short for a zip archive");
  const std::uint64_t last = bytes_.size() - kEndBytes;
  const std::uint64_t first = last - std::min(last, kLongestComment);
  std::uint64_t at = last;
  while (load<std::uint32_t>(at) != kEnd ||
         load<std::uint16_t>(at + 20) != bytes_.size() - at - kEndBytes) {
    if (at == first)
      fail(last, "no end of a zip directory is found: not a zip archive, or cut off");
    --at;
  }
  Directory directory{load<std::uint32_t>(at + 16), load<std::uint32_t>(at + 12),
                      load<std::uint16_t>(at + 10)};
  const bool parts = load<std::uint16_t>(at + 4) != load<std::uint16_t>(at + 6) ||
                     load<std::uint16_t>(at + 8) != load<std::uint16_t>(at + 10);
  if (parts) fail(at, "the zip archive has several parts, expected one");
  if (directory.offset == kIn64Bits || directory.bytes == kIn64Bits ||
      directory.entries == 0xffff) {
    directory = read_zip64_end(at, directory);
  }
  if (directory.offset > at || directory.bytes > at - directory.offset) {
    fail(at, "the zip directory is said to take " + std::to_string(directory.bytes) +
                 " bytes from byte " + std::to_string(directory.offset) + ", beyond this place");
  }
  if (directory.entries > directory.bytes / kEntryBytes) {
    fail(at, std::to_string(directory.bytes) + " bytes of zip directory cannot hold " +
                 std::to_string(directory.entries) + " entries");
  }
  return directory;
}

ZipArchive::Directory ZipArchive::read_zip64_end(std::uint64_t end, Directory found) const {
  if (end < kZip64LocatorBytes || load<std::uint32_t>(end - kZip64LocatorBytes) != kZip64Locator) {
    fail(end, "the 64-bit end of the zip directory is missing");
  }
  const auto at = load<std::uint64_t>(end - kZip64LocatorBytes + 8);
  const std::uint64_t behind = end - kZip64LocatorBytes;
  if (behind < kZip64EndBytes || at > behind - kZip64EndBytes ||
      load<std::uint32_t>(at) != kZip64End) {
    fail(end - kZip64LocatorBytes, "the 64-bit end of the zip directory is not at byte " +
                                       std::to_string(at) + ", as said here");
  }
  if (found.entries == 0xffff) found.entries = load<std::uint64_t>(at + 32);
  if (found.bytes == kIn64Bits) found.bytes = load<std::uint64_t>(at + 40);
  if (found.offset == kIn64Bits) found.offset = load<std::uint64_t>(at + 48);
  return found;
}

// Returns where the next entry of the directory begins.
std::uint64_t ZipArchive::read_entry(std::uint64_t at, std::uint64_t directory_end) {
  const std::uint64_t left = directory_end - at;
  if (left < kEntryBytes || load<std::uint32_t>(at) != kEntry) {
    fail(at, "expected an entry of the zip directory");
  }
  const auto name_bytes = load<std::uint16_t>(at + 28);
  const auto extra_bytes = load<std::uint16_t>(at + 30);
  const std::uint64_t size = kEntryBytes + name_bytes + extra_bytes + load<std::uint16_t>(at + 32);
  if (size > left) fail(at, "an entry of the zip directory reaches beyond the directory's end");

  ZipEntry entry;
  entry.name = text(at + kEntryBytes, name_bytes);
  const auto method = load<std::uint16_t>(at + 10);
  entry.deflated = method == kDeflated;
  entry.crc = load<std::uint32_t>(at + 16);
  entry.packed_bytes = load<std::uint32_t>(at + 20);
  entry.bytes = load<std::uint32_t>(at + 24);
  entry.offset = load<std::uint32_t>(at + 42);
  read_zip64_sizes(bytes_.subspan(at + kEntryBytes + name_bytes, extra_bytes), at, entry);
  const std::string name = "zip entry " + in_quotes(entry.name);
  if (load<std::uint16_t>(at + 8) & 1) fail(at, name + " is encrypted");
  if (method != kStored && method != kDeflated) {
    fail(at, name + " is compressed by method " + std::to_string(method) +
                 ", expected 0 (stored) or 8 (deflated)");
  }
  if (!entry.deflated && entry.packed_bytes != entry.bytes) {
    fail(at, name + " is stored as it is, but has " + std::to_string(entry.packed_bytes) +
                 " bytes in the archive and " + std::to_string(entry.bytes) + " outside");
  }
  budget_.take(sizeof(Entries::value_type) + 64, at);
  if (!entries_.emplace(entry.name, entry).second) fail(at, name + " is there twice");
  return at + size;
}

// The 64-bit numbers stand in this order, only those that did not fit in 32 bits.
void ZipArchive::read_zip64_sizes(std::span<const std::byte> extra, std::uint64_t at,
                                  ZipEntry& entry) const {
  std::vector<std::uint64_t*> wanted;
  for (std::uint64_t* number : {&entry.bytes, &entry.packed_bytes, &entry.offset}) {
    if (*number == kIn64Bits) wanted.push_back(number);
  }
  std::size_t position = 0;
  while (!wanted.empty() && extra.size() - position >= 4) {
    std::uint16_t id = 0;
    std::uint16_t size = 0;
    std::memcpy(&id, extra.data() + position, 2);
    std::memcpy(&size, extra.data() + position + 2, 2);
    position += 4;
    if (size > extra.size() - position) break;
    if (id == kZip64Extra && size >= 8 * wanted.size()) {
      for (std::uint64_t* number : wanted) {
        std::memcpy(number, extra.data() + position, 8);
        position += 8;
      }
      return;
    }
    position += size;
  }
  if (!wanted.empty()) {
    fail(at, "zip entry " + in_quotes(entry.name) + " lacks the 64-bit sizes that it refers to");
  }
}

// From the position of the local header, checked here, to that of the data.
void ZipArchive::find_data(ZipEntry& entry, std::uint64_t directory) const {
  const std::uint64_t at = entry.offset;
  const std::string name = "zip entry " + in_quotes(entry.name);
  if (directory < kLocalBytes || at > directory - kLocalBytes ||
      load<std::uint32_t>(at) != kLocal) {
    fail(std::min<std::uint64_t>(at, bytes_.size()), name + " should begin here, but does not");
  }
  const auto name_bytes = load<std::uint16_t>(at + 26);
  const std::uint64_t skipped = kLocalBytes + name_bytes + load<std::uint16_t>(at + 28);
  if (skipped > directory - at || text(at + kLocalBytes, name_bytes) != entry.name) {
    fail(at, name + " has another name here than in the directory");
  }
  entry.offset = at + skipped;
  if (entry.packed_bytes > directory - entry.offset) {
    fail(at, name + " is said to have " + std::to_string(entry.packed_bytes) + " bytes, but only " +
                 std::to_string(directory - entry.offset) + " follow before the directory");
  }
}

std::vector<std::byte> ZipArchive::inflate(const ZipEntry& entry) const {
  budget_.take(entry.bytes, entry.offset);
  std::vector<std::byte> unpacked(entry.bytes);
  z_stream stream{};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closed(&stream, ::inflateEnd);
  const std::byte* from = bytes_.data() + entry.offset;
  std::uint64_t packed_left = entry.packed_bytes;
  std::uint64_t left = entry.bytes;
  std::byte beyond{};  // one byte more than there should be: is there really nothing?
  bool too_long = false;
  int status = Z_OK;
  constexpr std::uint64_t kStep = 1 << 30;  // zlib counts in 32 bits
  while (status == Z_OK) {
    const auto in = static_cast<uInt>(std::min(packed_left, kStep));
    const auto out = static_cast<uInt>(std::min(left, kStep));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(from));
    stream.avail_in = in;
    stream.next_out =
        reinterpret_cast<Bytef*>(out > 0 ? unpacked.data() + (entry.bytes - left) : &beyond);
    stream.avail_out = out > 0 ? out : 1;
    status = ::inflate(&stream, Z_NO_FLUSH);
    from += in - stream.avail_in;
    packed_left -= in - stream.avail_in;
    too_long = out == 0 && stream.avail_out == 0;
    if (too_long) break;
    if (out > 0) left -= out - stream.avail_out;
  }
  if (status != Z_STREAM_END || too_long || left != 0 || packed_left != 0) {
    fail(entry.offset, "zip entry " + in_quotes(entry.name) + " does not unpack to " +
                           std::to_string(entry.bytes) + " bytes: its deflated data are damaged");
  }
  return unpacked;
}

template <class Integer>
Integer ZipArchive::load(std::uint64_t at) const {
  Integer value;
  std::memcpy(&value, bytes_.data() + at, sizeof(value));
  return value;
}

std::string_view ZipArchive::text(std::uint64_t at, std::size_t size) const {
  return {reinterpret_cast<const char*>(bytes_.data()) + at, size};
}

void ZipArchive::fail(std::uint64_t at, const std::string& message) const {
  throw FormatError(file_, at, message);
}

}  // namespace trispike::interop
