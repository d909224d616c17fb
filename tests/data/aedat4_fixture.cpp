// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// FlatBuffers laid out by hand, from the description of their format: size, offset of the root
// table, type, table of fields ("vtable"), table, what it points to.
#include <lz4frame.h>
#include <zstd.h>

#include <stdexcept>

#include "event_fixtures.h"

namespace trispike::data {
namespace {

constexpr std::string_view kMagic = "#!AER-DAT4.0\r\n";

Bytes with_size(const Bytes& contents) {
  return Writer().little(contents.size(), 4).append(contents).bytes();
}

// A table whose only field is a vector, the vector's number of elements, and then its elements.
Writer one_vector(std::string_view type, std::size_t count) {
  Writer writer;
  writer.little(16, 4).text(type);                             // root at byte 16 + 4
  writer.little(6, 2).little(8, 2).little(4, 2).little(0, 2);  // vtable: one field at 4
  writer.little(8, 4).little(4, 4);  // table: vtable 8 before, vector 4 after
  writer.little(count, 4);
  return writer;
}

}  // namespace

Bytes aedat4_events(const std::vector<Event>& events) {
  Writer writer = one_vector("EVTS", events.size());
  for (const Event& event : events) {
    writer.little(static_cast<std::uint64_t>(event.t), 8).little(event.x, 2).little(event.y, 2);
    writer.little(event.p, 1).little(0, 3);
  }
  return with_size(writer.bytes());
}

Bytes aedat4_samples(std::string_view type, int count) {
  Writer writer = one_vector(type, static_cast<std::size_t>(count));
  // All offsets lead to one empty table behind them and its vtable.
  for (int i = 0; i < count; ++i) writer.little(static_cast<std::uint64_t>(4 * (count - i) + 4), 4);
  writer.little(4, 2).little(4, 2).little(4, 4);
  return with_size(writer.bytes());
}

Bytes aedat4_compress(const Bytes& bytes, int compression) {
  if (compression == 0) return bytes;
  const bool lz4 = compression <= 2;
  Bytes packed(lz4 ? LZ4F_compressFrameBound(bytes.size(), nullptr)
                   : ZSTD_compressBound(bytes.size()));
  const std::size_t size =
      lz4 ? LZ4F_compressFrame(packed.data(), packed.size(), bytes.data(), bytes.size(), nullptr)
          : ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3);
  if (size > packed.size()) throw std::runtime_error("cannot compress");
  packed.resize(size);
  return packed;
}

Bytes aedat4_header(int compression, std::int64_t data_table) {
  const std::string xml =
      "<dv version=\"2.0\"><node name=\"outInfo\">"
      "<node name=\"0\"><attr key=\"typeIdentifier\">EVTS</attr><node name=\"info\">"
      "<attr key=\"sizeX\">346</attr><attr key=\"sizeY\">260</attr></node></node>"
      "<node name=\"1\"><attr key=\"typeIdentifier\">IMUS</attr></node>"
      "<node name=\"2\"><attr key=\"typeIdentifier\">FRME</attr></node></node></dv>";
  Writer writer;
  writer.little(20, 4).text("IOHE");
  writer.little(10, 2).little(20, 2).little(4, 2).little(8, 2).little(16, 2).little(0, 2);
  writer.little(12, 4).little(static_cast<std::uint64_t>(compression), 4);
  writer.little(static_cast<std::uint64_t>(data_table), 8).little(4, 4);
  writer.little(xml.size(), 4).text(xml).little(0, 1);
  return Writer().text(kMagic).append(with_size(writer.bytes())).bytes();
}

Bytes aedat4_file(int compression, const std::vector<Aedat4Packet>& packets) {
  Writer data;
  for (const Aedat4Packet& packet : packets) {
    const Bytes packed = aedat4_compress(packet.contents, compression);
    data.little(static_cast<std::uint64_t>(packet.stream), 4).little(packed.size(), 4);
    data.append(packed);
  }
  const std::size_t header_size = aedat4_header(compression, -1).size();
  const auto end = static_cast<std::int64_t>(header_size + data.bytes().size());
  return Writer().append(aedat4_header(compression, end)).append(data.bytes()).bytes();
}

EventSample aedat4_sample(int compression) {
  EventSample sample{.format = "aedat4",
                     .file = "dv" + std::to_string(compression) + ".aedat4",
                     .width = 346,
                     .height = 260};
  sample.events = {{.t = 1605537493718345, .x = 345, .y = 1, .p = 1},
                   {.t = 1605537493718344, .x = 2, .y = 259, .p = 0},
                   {.t = -1, .x = 32767, .y = 0, .p = 1}};
  sample.bytes = aedat4_file(compression, {{1, aedat4_samples("IMUS", 3)},
                                           {0, aedat4_events({sample.events[0], sample.events[1]})},
                                           {2, aedat4_samples("FRME", 1)},
                                           {0, aedat4_events({})},
                                           {0, aedat4_events({sample.events[2]})}});
  sample.header_bytes = aedat4_header(compression, -1).size();
  sample.records = 7;
  return sample;
}

}  // namespace trispike::data
