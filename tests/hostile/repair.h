// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Checksums made right again behind damage: without that, nearly every damaged file would be
// refused at the first check, and what stands behind it would never be tried.
#pragma once

#include "data/fixtures.h"

namespace trispike::hostile {

/// The digests of a model file. Leaves a file alone that is no safetensors file.
void repair_digests(data::Bytes& bytes);
/// The checksum of every chunk.
void repair_png(data::Bytes& bytes);
/// The checksum of every header.
void repair_tar(data::Bytes& bytes);
/// The checksum of every entry that is stored as it is.
void repair_zip(data::Bytes& bytes);

}  // namespace trispike::hostile
