// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "events/unpack.h"

#include <lz4frame.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <new>

namespace trispike::data {
namespace {

constexpr std::size_t kFirstSize = std::size_t{1} << 16;
// Of frames that do not tell their size; those that do need no window beside the output.
constexpr int kZstdWindowLog = 23;

const std::string kTooLarge = "unpacks to more than " + std::to_string(kMaxUnpacked >> 20) + " MiB";
const std::string kTruncated = "the compressed data end too early";
const std::string kExcess = "data behind the end of the compressed data";

// Room for more than is used; false if there may be no more.
bool grow(std::vector<std::byte>& out) {
  if (out.size() == kMaxUnpacked) return false;
  out.resize(std::min(std::max(2 * out.size(), kFirstSize), kMaxUnpacked));
  return true;
}

struct Lz4Closer {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};
struct ZstdCloser {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

std::string unpack_lz4(std::span<const std::byte> packed, std::vector<std::byte>& out) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)) != 0) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<LZ4F_dctx, Lz4Closer> context(raw);
  std::size_t used = 0;
  std::size_t filled = 0;
  for (std::size_t hint = 1; hint != 0;) {
    if (filled == out.size() && !grow(out)) return kTooLarge;
    std::size_t in_size = packed.size() - used;
    std::size_t out_size = out.size() - filled;
    hint = LZ4F_decompress(context.get(), out.data() + filled, &out_size, packed.data() + used,
                           &in_size, nullptr);
    if (LZ4F_isError(hint) != 0) return std::string("damaged LZ4 data: ") + LZ4F_getErrorName(hint);
    used += in_size;
    filled += out_size;
    if (hint != 0 && used == packed.size() && filled < out.size()) return kTruncated;
  }
  out.resize(filled);
  return used == packed.size() ? "" : kExcess;
}

std::string unpack_zstd(std::span<const std::byte> packed, std::vector<std::byte>& out) {
  const std::unique_ptr<ZSTD_DCtx, ZstdCloser> context(ZSTD_createDCtx());
  if (context == nullptr) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  const unsigned long long told = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (told != ZSTD_CONTENTSIZE_UNKNOWN && told != ZSTD_CONTENTSIZE_ERROR) {
    if (told > kMaxUnpacked) return kTooLarge;
    out.resize(std::max<std::size_t>(told, 1));
  }
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::size_t filled = 0;
  for (std::size_t hint = 1; hint != 0;) {
    if (filled == out.size() && !grow(out)) return kTooLarge;
    ZSTD_outBuffer part{out.data(), out.size(), filled};
    hint = ZSTD_decompressStream(context.get(), &part, &in);
    if (ZSTD_isError(hint) != 0) {
      return std::string("damaged Zstandard data: ") + ZSTD_getErrorName(hint);
    }
    filled = part.pos;
    if (hint != 0 && in.pos == in.size && filled < out.size()) return kTruncated;
  }
  out.resize(filled);
  return in.pos == in.size ? "" : kExcess;
}

}  // namespace trispike::data
