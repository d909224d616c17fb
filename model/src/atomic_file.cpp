// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "trispike/model/error.h"

namespace trispike::model {
namespace {

namespace fs = std::filesystem;

// Where a rename must go: behind symbolic links, and never onto a device such as /dev/null.
fs::path resolved(const std::string& path) {
  std::error_code ignored;
  const fs::path target =
      fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : fs::path(path);
  if (fs::exists(target, ignored) && !fs::is_regular_file(target, ignored)) {
    throw IoError(path + ": cannot be written: it is there and not a regular file");
  }
  return target;
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(resolved(path)) {
  static std::atomic<unsigned> counter{0};
  temporary_ = path_;
  temporary_ += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("created");
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, bytes, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      fail("written");
    }
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  // Content first, name second: after a power cut the name never stands for an empty file.
  if (::fsync(descriptor_) != 0) fail("flushed to disk");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("renamed");
  ::close(descriptor_);
  descriptor_ = -1;
}

void AtomicFile::fail(const char* action) const {
  throw IoError(path_.string() + ": cannot be " + action + ": " + std::strerror(errno));
}

}  // namespace trispike::model
