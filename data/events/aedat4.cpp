// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// AEDAT 4, written by DV and dv-processing: a first line, a header and packets. Header and packets
// are FlatBuffers (aedat4.fbs), each verified before anything in it is looked at; a packet's are
// compressed, and 4 bytes of stream number and 4 of size stand in front, little-endian.
#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <pugixml.hpp>
#include <string>
#include <utility>

#include "aedat4_generated.h"
#include "events/event_formats.h"
#include "events/unpack.h"

namespace trispike::data {
namespace {

constexpr std::string_view kMagic = "#!AER-DAT4.0\r\n";
constexpr std::size_t kMaxHeader = std::size_t{1} << 20;
constexpr std::size_t kPacketHeader = 8;
constexpr std::size_t kSizePrefix = 4;
constexpr std::size_t kTypeOffset = kSizePrefix + 4;  // behind the offset of the root table
constexpr std::size_t kTypeBytes = 4;

// The table in `bytes`, nothing if they are no whole FlatBuffer of this type.
template <typename Table>
const Table* verified(std::span<const std::byte> bytes, const char* type) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (bytes.size() < kTypeOffset + kTypeBytes) return nullptr;  // the verifier takes it for granted
  flatbuffers::Verifier verifier(data, bytes.size());
  if (!verifier.VerifySizePrefixedBuffer<Table>(type)) return nullptr;
  return flatbuffers::GetSizePrefixedRoot<Table>(data);
}

class Aedat4Reader final : public EventReader {
 public:
  explicit Aedat4Reader(std::unique_ptr<ByteSource> source)
      : EventReader("aedat4", source->name()), source_(std::move(source)) {
    read_header();
  }

  std::size_t read(std::span<Event> events) override {
    while (next_ == events_end_) {
      if (source_->position() >= std::min(packets_end_, source_->size())) {
        if (packets_end_ == kUnknownEnd || packets_end_ <= source_->size()) return 0;
        source_->fail(source_->size(),
                      "the recording ends here, by its header its packets go to byte " +
                          std::to_string(packets_end_));
      }
      read_packet();
    }
    const std::size_t count = std::min<std::size_t>(events.size(), events_end_ - next_);
    for (Event& event : events.first(count)) {
      // Copied, as a damaged packet may place it where no such number may lie.
      aedat4::PixelEvent pixel;
      std::memcpy(static_cast<void*>(&pixel), elements_->Data() + next_++ * sizeof pixel,
                  sizeof pixel);
      event = {pixel.t_us(), static_cast<std::uint16_t>(pixel.x()),
               static_cast<std::uint16_t>(pixel.y()), static_cast<std::uint8_t>(pixel.on())};
    }
    return count;
  }

 private:
  static constexpr std::uint64_t kUnknownEnd = ~std::uint64_t{0};

  void read_header() {
    const std::span<const std::byte> magic = source_->take(kMagic.size(), "the first line");
    if (!std::ranges::equal(magic, std::as_bytes(std::span(kMagic)))) {
      source_->fail(0, "does not begin with #!AER-DAT4.0");
    }
    const std::span<const std::byte> prefix = source_->peek(kSizePrefix);
    const std::size_t size =
        prefix.size() < kSizePrefix ? 0 : load_little<std::uint32_t>(prefix.data());
    if (size > kMaxHeader) {
      source_->fail(kMagic.size(),
                    "header of " + std::to_string(size) + " bytes, at most 1 MiB expected");
    }
    copy(source_->take(kSizePrefix + size, "the header"));
    const auto* header = verified<aedat4::FileHeader>(unpacked_, "IOHE");
    header_bytes_ = source_->position();
    if (header == nullptr) source_->fail(kMagic.size(), "the header is damaged");
    compression_ = header->compression();
    if (compression_ < aedat4::Compression_MIN || compression_ > aedat4::Compression_MAX) {
      source_->fail(kMagic.size(), "unknown compression " + std::to_string(compression_) +
                                       ", known: 0 to " + std::to_string(aedat4::Compression_MAX));
    }
    if (header->data_table_position() >= 0) {
      packets_end_ = static_cast<std::uint64_t>(header->data_table_position());
      if (packets_end_ < source_->position()) {
        source_->fail(kMagic.size(), "by the header its packets end at byte " +
                                         std::to_string(packets_end_) +
                                         ", where they do not yet begin");
      }
    }
    read_streams(header->info() == nullptr ? "" : header->info()->c_str());
  }

  // <dv><node name="outInfo"><node name="0"><attr key="typeIdentifier">EVTS</attr><node
  // name="info">...
  void read_streams(const char* xml) {
    pugi::xml_document document;
    const pugi::xml_parse_result result = document.load_string(xml);
    if (!result) {
      source_->fail(kMagic.size(),
                    std::string("the header's XML is damaged: ") + result.description());
    }
    const auto child = [](const pugi::xml_node& node, const char* name) {
      return node.find_child_by_attribute("node", "name", name);
    };
    const auto value = [](const pugi::xml_node& node, const char* key) {
      return node.find_child_by_attribute("attr", "key", key).text();
    };
    for (const pugi::xml_node& stream : child(document.child("dv"), "outInfo").children("node")) {
      const std::string type = value(stream, "typeIdentifier").as_string();
      streams_[stream.attribute("name").as_int(-1)] = type;
      if (type == "EVTS" && width_ == 0) {
        width_ = std::max(value(child(stream, "info"), "sizeX").as_int(), 0);
        height_ = std::max(value(child(stream, "info"), "sizeY").as_int(), 0);
      }
    }
  }

  void read_packet() {
    const std::uint64_t at = source_->position();
    const std::byte* header = source_->take(kPacketHeader, "a packet's header").data();
    const auto stream = load_little<std::int32_t>(header);
    const auto size = load_little<std::int32_t>(header + 4);
    const auto described = streams_.find(stream);
    if (described == streams_.end()) {
      source_->fail(at, "packet of stream " + std::to_string(stream) +
                            ", which the header does not describe");
    }
    const std::uint64_t end = std::min(packets_end_, source_->size());
    if (size < 0 || std::uint64_t(size) > end - std::min(end, source_->position())) {
      source_->fail(at + 4, "packet of " + std::to_string(size) + " bytes, " +
                                std::to_string(end - std::min(end, source_->position())) +
                                " are left");
    }
    unpack(source_->take(static_cast<std::size_t>(size), "a packet"), at);
    look_into_packet(described->second, at);
  }

  void unpack(std::span<const std::byte> packed, std::uint64_t at) {
    std::string damage;
    switch (compression_) {
      case aedat4::Compression_NONE:
        copy(packed);
        break;
      case aedat4::Compression_LZ4:
      case aedat4::Compression_LZ4_HIGH:
        damage = unpack_lz4(packed, unpacked_);
        break;
      default:
        damage = unpack_zstd(packed, unpacked_);
    }
    if (!damage.empty()) source_->fail(at, "packet: " + damage);
  }

  // Into memory that is aligned as the tables need it.
  void copy(std::span<const std::byte> bytes) { unpacked_.assign(bytes.begin(), bytes.end()); }

  void look_into_packet(const std::string& type, std::uint64_t at) {
    elements_ = nullptr;
    next_ = events_end_ = 0;
    const std::string found(reinterpret_cast<const char*>(unpacked_.data()) + kTypeOffset,
                            unpacked_.size() < kTypeOffset + kTypeBytes ? 0 : kTypeBytes);
    if (found != type) {
      source_->fail(at, "packet of type '" + found + "', the header says '" + type + "'");
    }
    if (type == "EVTS") {
      const auto* packet = verified<aedat4::PixelEvents>(unpacked_, "EVTS");
      if (packet == nullptr) source_->fail(at, "damaged packet of pixel events");
      elements_ = packet->elements();
      events_end_ = elements_ == nullptr ? 0 : elements_->size();
      records_ += events_end_;
    } else if (type == "IMUS" || type == "TRIG") {
      const auto* packet = verified<aedat4::Samples>(unpacked_, type.c_str());
      if (packet == nullptr) source_->fail(at, "damaged packet of type " + type);
      records_ += packet->elements() == nullptr ? 0 : packet->elements()->size();
    } else {
      ++records_;  // a frame, or something of a program's own
    }
  }

  std::unique_ptr<ByteSource> source_;
  int compression_ = 0;
  std::uint64_t packets_end_ = kUnknownEnd;
  std::map<int, std::string> streams_;  // type of each
  std::vector<std::byte> unpacked_;     // the current packet
  const flatbuffers::Vector<const aedat4::PixelEvent*>* elements_ = nullptr;
  flatbuffers::uoffset_t next_ = 0;  // of elements_
  flatbuffers::uoffset_t events_end_ = 0;
};

}  // namespace

bool probe_aedat4(std::string_view, std::span<const std::byte> head) {
  return header_line(head, "#").starts_with("#!AER-DAT4.0");
}

std::unique_ptr<EventReader> open_aedat4(std::unique_ptr<ByteSource> source) {
  return std::make_unique<Aedat4Reader>(std::move(source));
}

}  // namespace trispike::data
