// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What hostile files are built of.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/fixtures.h"

namespace trispike::hostile {

using data::Bytes;
using data::operator+;

void put_big_endian(Bytes& bytes, std::uint32_t value);
/// So many zeros, packed as zlib does it.
Bytes packed_zeros(std::size_t count);

/// A black PNG of 8 bits, its chunks right, as (type, contents) with `chunks` before the pixels.
/// Those are left out above 100 megapixels.
Bytes black_png(std::uint32_t width, std::uint32_t height, int color_type,
                const std::vector<std::pair<std::string, Bytes>>& chunks);

/// A JPEG of tests/golden/data that claims to have another size.
Bytes resized_jpeg(const std::string& name, int width, int height);
/// A grey progressive JPEG with up to 883 scans, all of them as they should be and nearly empty.
Bytes many_scans(int width, int height, int scans);
/// A baseline JPEG that claims to be coded arithmetically.
Bytes as_arithmetic(Bytes jpeg);
/// A comment of `count` bytes in front: such a file may be as large as it claims.
Bytes padded(const Bytes& jpeg, std::size_t count);

/// The checksums of all headers made right.
Bytes with_tar_checksums(Bytes tar);

}  // namespace trispike::hostile
