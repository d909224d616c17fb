// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "trispike/data/error.h"

namespace trispike::data {
namespace {

constexpr std::uint64_t kMaxChunk = std::uint64_t{1} << 24;

}  // namespace

InputFile::InputFile(const std::filesystem::path& path)
    : name_(path.string()), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  struct stat status;
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
    const int error = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    throw DataError(name_, "", std::string("cannot be read: ") + std::strerror(error));
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw DataError(name_, "", "is not a regular file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t count =
        ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      throw DataError(name_, "byte " + std::to_string(offset),
                      count == 0 ? "the file ends here, " + std::to_string(bytes.size()) +
                                       " more bytes expected"
                                 : std::string("cannot be read: ") + std::strerror(errno));
    }
    offset += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

std::vector<std::byte> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const InputFile file(path);
  if (file.size() > max_bytes) {
    throw DataError(file.name(), "",
                    "has " + std::to_string(file.size()) + " bytes, more than the allowed " +
                        std::to_string(max_bytes));
  }
  std::vector<std::byte> bytes(file.size());
  file.read_at(0, bytes);
  return bytes;
}

struct MaybeGzipFile::Stream {
  gzFile file = nullptr;
  ~Stream() { gzclose(file); }
};

MaybeGzipFile::MaybeGzipFile(const std::filesystem::path& path)
    : name_(path.string()), stream_(std::make_unique<Stream>()) {
  size_ = InputFile(path).size();  // says clearly what cannot be opened
  stream_->file = gzopen(path.c_str(), "rb");
  if (stream_->file == nullptr) throw DataError(name_, "", "cannot be opened");
}

MaybeGzipFile::~MaybeGzipFile() = default;

std::vector<std::uint8_t> MaybeGzipFile::read(std::uint64_t count) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(count);
  std::uint64_t chunk = std::uint64_t{1} << 16;
  while (bytes.size() < count) {
    const std::size_t used = bytes.size();
    bytes.resize(used + std::min(chunk, count - used));
    const int got =
        gzread(stream_->file, bytes.data() + used, static_cast<unsigned>(bytes.size() - used));
    int code = Z_OK;
    const char* message = gzerror(stream_->file, &code);
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) {
      throw DataError(name_, "unpacked byte " + std::to_string(position_),
                      code == Z_BUF_ERROR ? "the gzip data end too early"
                                          : std::string("damaged gzip data: ") + message);
    }
    bytes.resize(used + static_cast<std::size_t>(got));
    position_ += static_cast<std::uint64_t>(got);
    if (got == 0) break;
    chunk = std::min(2 * chunk, kMaxChunk);
  }
  return bytes;
}

std::vector<Line> read_lines(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path, 1 << 20);
  std::vector<Line> lines = {{1, ""}};
  for (const std::byte byte : bytes) {
    const char c = static_cast<char>(byte);
    if (c == '\n') {
      // An empty line's place is taken by the next.
      if (lines.back().text.empty()) {
        ++lines.back().number;
      } else {
        lines.push_back({lines.back().number + 1, ""});
      }
    } else if (c != '\r') {
      lines.back().text += c;
    }
  }
  if (lines.back().text.empty()) lines.pop_back();
  return lines;
}

}  // namespace trispike::data
