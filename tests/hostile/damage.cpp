// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "hostile/damage.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "trispike/data/random.h"

namespace trispike::hostile {
namespace {

using data::Bytes;
using data::Random;

constexpr std::size_t kHeader = 64;  // bytes at the front that get half of all damage

// A position in the file, which must not be empty.
std::size_t position(const Bytes& bytes, Random& random) {
  const bool anywhere = random.below(2) == 0;
  return random.below(anywhere ? bytes.size() : std::min(bytes.size(), kHeader));
}

void cut(Bytes& bytes, Random& random) { bytes.resize(random.below(bytes.size())); }

void flip_bits(Bytes& bytes, Random& random) {
  for (std::uint64_t left = 1 + random.below(8); left > 0; --left) {
    bytes[position(bytes, random)] ^= std::byte(1 << random.below(8));
  }
}

void set_bytes(Bytes& bytes, Random& random) {
  constexpr std::uint8_t kValues[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
  for (std::uint64_t left = 1 + random.below(8); left > 0; --left) {
    bytes[position(bytes, random)] = std::byte(kValues[random.below(std::size(kValues))]);
  }
}

// Writes a number that is tempting as a length over 1, 2, 4 or 8 bytes of either byte order.
void inflate_binary(Bytes& bytes, Random& random) {
  const std::uint64_t size = bytes.size();
  const std::uint64_t values[] = {0,          1,           size - 1,   size,         size + 1,
                                  2 * size,   0x7f,        0x80,       0xff,         0x7fff,
                                  0x8000,     0xffff,      0x10000,    0x7fffffff,   1 << 30,
                                  0x80000000, 0xfffffffe,  0xffffffff, 1ull << 32,   1ull << 40,
                                  ~0ull / 2,  1ull << 63u, ~0ull,      random.next()};
  const std::uint64_t value = values[random.below(std::size(values))];
  const std::size_t width = std::size_t{1} << random.below(4);
  const bool big_endian = random.below(2) == 0;
  const std::size_t at = position(bytes, random);
  for (std::size_t k = 0; k < width && at + k < bytes.size(); ++k) {
    bytes[at + k] = std::byte(value >> 8 * (big_endian ? width - 1 - k : k) & 0xff);
  }
}

// Replaces a run of decimal digits; in a file without digits, inserts one somewhere.
void inflate_decimal(Bytes& bytes, Random& random) {
  constexpr std::string_view kValues[] = {"0",
                                          "-1",
                                          "1",
                                          "255",
                                          "65535",
                                          "2147483647",
                                          "2147483648",
                                          "4294967296",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "18446744073709551615",
                                          "99999999999999999999999",
                                          "1e308",
                                          "1e999",
                                          "-0.0",
                                          "nan",
                                          "inf",
                                          "0x7f",
                                          "1e-400"};
  const auto is_digit = [](std::byte byte) {
    return std::isdigit(std::to_integer<int>(byte)) != 0;
  };
  const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size()));
  const auto first = std::find_if(from, bytes.end(), is_digit);
  const auto last = std::find_if_not(first, bytes.end(), is_digit);
  const std::string_view value = kValues[random.below(std::size(kValues))];
  const auto at = bytes.erase(first, last);
  const auto* begin = reinterpret_cast<const std::byte*>(value.data());
  bytes.insert(at, begin, begin + value.size());
}

// A part of `from` written over, or put between, what stands at a place of `bytes`; or a part of
// `bytes` taken out.
void splice(Bytes& bytes, const Bytes& from, Random& random) {
  const std::size_t begin = random.below(from.size());
  const std::size_t length = 1 + random.below(std::min<std::size_t>(from.size() - begin, 4096));
  const auto part = from.begin() + static_cast<std::ptrdiff_t>(begin);
  const std::size_t at = position(bytes, random);
  const auto to = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.below(3)) {
    case 0:
      std::copy_n(part, std::min(length, bytes.size() - at), to);
      break;
    case 1:
      bytes.insert(to, part, part + static_cast<std::ptrdiff_t>(length));
      break;
    default:
      bytes.erase(to, to + static_cast<std::ptrdiff_t>(std::min(length, bytes.size() - at)));
  }
}

void damage_once(Bytes& bytes, std::span<const Bytes> seeds, Random& random) {
  switch (random.below(6)) {
    case 0:
      return cut(bytes, random);
    case 1:
      return flip_bits(bytes, random);
    case 2:
      return set_bytes(bytes, random);
    case 3:
      return inflate_binary(bytes, random);
    case 4:
      return inflate_decimal(bytes, random);
    default:
      return splice(bytes, seeds[random.below(seeds.size())], random);
  }
}

}  // namespace

Bytes damaged(std::span<const Bytes> seeds, std::uint64_t number) {
  Random random(2026, 0, number);
  Bytes bytes = seeds[random.below(seeds.size())];
  const std::uint64_t times = random.below(4) == 0 ? 2 : 1;
  for (std::uint64_t k = 0; k < times && !bytes.empty(); ++k) damage_once(bytes, seeds, random);
  return bytes;
}

}  // namespace trispike::hostile
