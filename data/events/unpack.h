// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Compressed packets of recordings.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace trispike::data {

/// The most that one packet may unpack to.
inline constexpr std::size_t kMaxUnpacked = std::size_t{1} << 25;

/// Fills `out`, whose memory is used again, with what one LZ4 or Zstandard frame holds. Returns
/// what is wrong with it, empty if nothing: damaged, more or less than one frame, or more than
/// kMaxUnpacked bytes in it.
std::string unpack_lz4(std::span<const std::byte> packed, std::vector<std::byte>& out);
std::string unpack_zstd(std::span<const std::byte> packed, std::vector<std::byte>& out);

}  // namespace trispike::data
