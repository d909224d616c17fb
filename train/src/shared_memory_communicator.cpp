// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Rank 0 makes a file in memory without a name, which the others open through its /proc entry.
// Each rank counts its steps in words of its own there, and waits for the words of the others. A
// lock on the file that the system drops when a process ends, however it ends, says who is alive.
#include "src/shared_memory_communicator.h"

#if defined(__linux__)

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kSlot = std::size_t{64} << 10;  ///< bytes that travel at a time
constexpr std::size_t kPage = 65536;                  // the largest that kernels use
/// How long to look before sleeping, if every rank can have a core: ranks are rarely further apart,
/// and waking costs as much as a small layer.
constexpr auto kSpin = std::chrono::microseconds(2000);
constexpr auto kShortSpin = std::chrono::microseconds(20);
/// How often a sleeper looks whether the rank it waits for is still there.
constexpr auto kLookEvery = std::chrono::milliseconds(200);

/// A count that one rank moves and the others wait for.
struct alignas(128) Word {
  std::atomic<std::uint32_t> value;
  std::atomic<std::uint32_t> sleepers;
};

struct Words {
  Word step;   ///< small sums and broadcasts begun: its numbers are in its slot
  Word given;  ///< large sums whose part of this rank is there
  Word added;  ///< large sums of which this rank has added its share
};

struct alignas(128) Token {
  std::uint64_t value[2];
};

std::size_t whole_pages(std::size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

/// Counts wrap around.
bool reached(std::uint32_t value, std::uint32_t target) {
  return static_cast<std::int32_t>(value - target) >= 0;
}

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void move_to(Word& word, std::uint32_t value) {
  word.value.store(value, std::memory_order_seq_cst);
  if (word.sleepers.load(std::memory_order_seq_cst) > 0) {
    syscall(SYS_futex, &word.value, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
  }
}

void sleep_unless_moved(Word& word, std::uint32_t seen) {
  const timespec time{0, std::chrono::nanoseconds(kLookEvery).count()};
  word.sleepers.fetch_add(1, std::memory_order_seq_cst);
  syscall(SYS_futex, &word.value, FUTEX_WAIT, seen, &time, nullptr, 0);
  word.sleepers.fetch_sub(1, std::memory_order_seq_cst);
}

/// A file in memory that several processes have open.
class SharedFile {
 public:
  explicit SharedFile(int descriptor) : descriptor_(descriptor) {}
  ~SharedFile() {
    for (const auto& [address, bytes] : maps_) munmap(address, bytes);
    close(descriptor_);
  }
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;

  int descriptor() const { return descriptor_; }

  /// The part from `offset`, made if it does not exist yet, zero then. Null if there is no memory.
  /// Lives as long as the file.
  char* map(std::size_t offset, std::size_t bytes) {
    // Memory is had now: a lack of it must not be a signal in the middle of a sum.
    if (posix_fallocate(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(bytes)) != 0) {
      return nullptr;
    }
    void* address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_,
                         static_cast<off_t>(offset));
    if (address == MAP_FAILED) return nullptr;
    maps_.emplace_back(address, bytes);
    return static_cast<char*>(address);
  }

  bool lock(int rank) {
    struct flock what = byte(rank);
    return fcntl(descriptor_, F_OFD_SETLK, &what) == 0;
  }
  /// Not to be asked about the own rank.
  bool is_locked(int rank) const {
    struct flock what = byte(rank);
    return fcntl(descriptor_, F_OFD_GETLK, &what) != 0 || what.l_type != F_UNLCK;
  }

 private:
  static struct flock byte(int rank) {
    struct flock what {};
    what.l_type = F_WRLCK;
    what.l_whence = SEEK_SET;
    what.l_start = rank;
    what.l_len = 1;
    return what;
  }

  int descriptor_;
  std::vector<std::pair<void*, std::size_t>> maps_;
};

class SharedMemoryCommunicator final : public Communicator {
 public:
  SharedMemoryCommunicator(const Processes& processes, std::unique_ptr<SharedFile> file,
                           char* memory)
      : rank_(processes.rank),
        size_(processes.count),
        file_(std::move(file)),
        words_(reinterpret_cast<Words*>(memory + sizeof(Token))),
        slots_(memory + slots_at(size_)),
        end_(control_bytes(size_)),
        spin_(sysconf(_SC_NPROCESSORS_ONLN) >= size_ ? kSpin : kShortSpin) {}

  static std::size_t slots_at(int size) {
    return whole_pages(sizeof(Token) + static_cast<std::size_t>(size) * sizeof(Words));
  }
  static std::size_t control_bytes(int size) {
    return slots_at(size) + 2 * static_cast<std::size_t>(size) * kSlot;
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  std::string transport() const override { return "through shared memory"; }

  void all_reduce(const at::Tensor& values) override {
    TORCH_CHECK(values.is_contiguous(), "[communicator] sums are of contiguous tensors");
    if (values.scalar_type() == at::kDouble) {
      sum_in_pieces(values.data_ptr<double>(), static_cast<std::size_t>(values.numel()));
    } else {
      TORCH_CHECK(values.scalar_type() == at::kFloat, "[communicator] sums of type ",
                  values.scalar_type());
      sum_in_pieces(values.data_ptr<float>(), static_cast<std::size_t>(values.numel()));
    }
  }

  void broadcast(const at::Tensor& values) override {
    TORCH_CHECK(values.is_contiguous(), "[communicator] broadcasts are of contiguous tensors");
    char* data = static_cast<char*>(values.data_ptr());
    for (std::size_t done = 0; done < values.nbytes(); done += kSlot) {
      const std::size_t bytes = std::min(kSlot, values.nbytes() - done);
      ++step_;
      if (rank_ == 0) std::memcpy(slot(0), data + done, bytes);
      meet();
      if (rank_ != 0) std::memcpy(data + done, slot(0), bytes);
    }
  }

  SumBuffer make_sum_buffer(std::int64_t count, const at::TensorOptions& options) override {
    const auto n = static_cast<std::size_t>(count);
    const std::size_t bytes = whole_pages(n * options.dtype().itemsize());
    // One part for each rank, then the sum.
    const auto parts = static_cast<std::size_t>(size_) + 1;
    char* memory = file_->map(end_, parts * bytes);
    if (memory == nullptr) {
      throw Error(who() + ": " + std::to_string(parts * bytes) +
                  " bytes of memory to share with the other processes cannot be had");
    }
    end_ += parts * bytes;
    Large large;
    for (std::size_t part = 0; part < parts; ++part) {
      large.parts.push_back(at::from_blob(memory + part * bytes, {count}, options));
    }
    const SumBuffer buffer{large.parts[static_cast<std::size_t>(rank_)], large.parts.back()};
    large_.push_back(std::move(large));
    return buffer;
  }

  std::function<void()> start_all_reduce(const SumBuffer& buffer) override {
    const auto found = std::find_if(large_.begin(), large_.end(), [&](const Large& large) {
      return large.parts.back().is_same(buffer.sum);
    });
    TORCH_CHECK(found != large_.end(), "[communicator] not a buffer of this group");
    begun_.push_back(&*found);
    const std::uint32_t number = ++given_;
    move_to(own().given, number);
    add_what_is_there();
    return [this, number] {
      while (!reached(added_, number)) {
        wait_for_all(&Words::given, added_ + 1);
        add_what_is_there();
      }
      wait_for_all(&Words::added, number);
    };
  }

 private:
  /// A large sum: [ranks + 1] tensors of one length, the last of which is the sum.
  struct Large {
    std::vector<at::Tensor> parts;
  };

  Words& own() { return words_[rank_]; }

  char* slot(int rank) {
    return slots_ +
           ((step_ % 2) * static_cast<std::size_t>(size_) + static_cast<std::size_t>(rank)) * kSlot;
  }

  /// All ranks have begun this step: their slots can be read. They can be written again in the
  /// step after the next, which a rank begins when all have left this one.
  void meet() {
    move_to(own().step, step_);
    wait_for_all(&Words::step, step_);
  }

  template <class Number>
  void sum_in_pieces(Number* values, std::size_t count) {
    constexpr std::size_t kMost = kSlot / sizeof(Number);
    for (std::size_t done = 0; done < count; done += kMost) {
      const std::size_t n = std::min(kMost, count - done);
      Number* at = values + done;
      ++step_;
      std::memcpy(slot(rank_), at, n * sizeof(Number));
      meet();
      std::memcpy(at, slot(0), n * sizeof(Number));
      for (int rank = 1; rank < size_; ++rank) {
        const auto* other = reinterpret_cast<const Number*>(slot(rank));
        for (std::size_t i = 0; i < n; ++i) at[i] += other[i];
      }
    }
  }

  /// This rank's share of the large sums that all ranks have given their part of, so long as these
  /// parts are near the processor. Does not wait.
  void add_what_is_there() {
    c10::NoGradGuard no_grad;
    const std::uint32_t before = added_;
    while (!begun_.empty() && all_reached(&Words::given, added_ + 1)) {
      const std::vector<at::Tensor>& parts = begun_.front()->parts;
      const std::int64_t count = parts.back().numel(), first = count * rank_ / size_,
                         length = count * (rank_ + 1) / size_ - first;
      const auto share = [&](std::size_t part) { return parts[part].narrow(0, first, length); };
      at::Tensor sum = share(static_cast<std::size_t>(size_));
      at::add_out(sum, share(0), share(1));
      for (int rank = 2; rank < size_; ++rank) sum.add_(share(static_cast<std::size_t>(rank)));
      begun_.pop_front();
      ++added_;
    }
    if (added_ != before) move_to(own().added, added_);
  }

  bool all_reached(Word Words::*word, std::uint32_t target) const {
    for (int rank = 0; rank < size_; ++rank) {
      if (!reached((words_[rank].*word).value.load(std::memory_order_acquire), target)) {
        return false;
      }
    }
    return true;
  }

  void wait_for_all(Word Words::*word, std::uint32_t target) {
    for (int rank = 0; rank < size_; ++rank) wait_for(words_[rank].*word, target, rank);
  }

  void wait_for(Word& word, std::uint32_t target, int rank) {
    const auto there = [&] { return reached(word.value.load(std::memory_order_acquire), target); };
    if (there()) return;
    const auto start = Clock::now();
    while (Clock::now() - start < spin_) {
      for (int i = 0; i < 32; ++i) {
        if (there()) return;
        pause();
      }
    }
    for (;;) {
      const std::uint32_t seen = word.value.load(std::memory_order_acquire);
      if (reached(seen, target)) return;
      const auto before = Clock::now();
      sleep_unless_moved(word, seen);
      if (there()) return;
      if (Clock::now() - before < kLookEvery) continue;
      // It may have arrived and left since.
      if (!file_->is_locked(rank) && !there()) lost(rank, "has ended");
      if (Clock::now() - start > kPatience) lost(rank, "does not answer");
    }
  }

  std::string who() const {
    return "process " + std::to_string(rank_) + " of " + std::to_string(size_);
  }

  [[noreturn]] void lost(int rank, const char* how) const {
    throw Error(who() + ": another process of the run (" + std::to_string(rank) + ") " + how +
                "; go on with --resume from the last checkpoint");
  }

  const int rank_, size_;
  std::unique_ptr<SharedFile> file_;
  Words* words_;
  char* slots_;
  std::size_t end_;  ///< of the file
  const Clock::duration spin_;
  std::uint32_t step_ = 0, given_ = 0, added_ = 0;
  std::deque<Large> large_;         ///< stay where they are
  std::deque<const Large*> begun_;  ///< given and not added yet, in order
};

std::string read(c10d::Store& store, const std::string& key) {
  const std::vector<std::uint8_t> bytes = store.get(key);
  return {bytes.begin(), bytes.end()};
}

void write(c10d::Store& store, const std::string& key, const std::string& text) {
  store.set(key, std::vector<std::uint8_t>(text.begin(), text.end()));
}

std::string text_of(const Token& token) {
  return std::to_string(token.value[0]) + "-" + std::to_string(token.value[1]);
}

/// Rank 0's file as this rank sees it; null if it does not.
std::unique_ptr<SharedFile> open_file(int rank, std::size_t bytes, c10d::Store& store,
                                      char*& memory) {
  const char* kPlace = "place";
  if (rank == 0) {
    auto file = std::make_unique<SharedFile>(memfd_create("trispike", MFD_CLOEXEC));
    memory = file->descriptor() < 0 ? nullptr : file->map(0, bytes);
    if (memory == nullptr || !file->lock(rank)) {
      write(store, kPlace, "none");
      return nullptr;
    }
    std::random_device random;
    Token token;
    for (std::uint64_t& half : token.value) half = std::uint64_t{random()} << 32 | random();
    std::memcpy(memory, &token, sizeof(token));
    write(store, kPlace,
          "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file->descriptor()) + " " +
              text_of(token));
    return file;
  }
  const std::string place = read(store, kPlace);
  const std::size_t space = place.find(' ');
  if (space == std::string::npos) return nullptr;
  // Elsewhere this may be a file of another process, of whatever kind: it is not to be made longer,
  // and it must hold the token.
  const int descriptor = open(place.substr(0, space).c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return nullptr;
  auto file = std::make_unique<SharedFile>(descriptor);
  Token token;
  if (pread(descriptor, &token, sizeof(token), 0) != sizeof(token) ||
      text_of(token) != place.substr(space + 1)) {
    return nullptr;
  }
  memory = file->map(0, bytes);
  return memory != nullptr && file->lock(rank) ? std::move(file) : nullptr;
}

}  // namespace

std::unique_ptr<Communicator> connect_by_shared_memory(const Processes& processes,
                                                       c10d::Store& store) {
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
  const std::size_t bytes = SharedMemoryCommunicator::control_bytes(processes.count);
  char* memory = nullptr;
  std::unique_ptr<SharedFile> file = open_file(processes.rank, bytes, store, memory);
  // All or none.
  const std::string attached = "attached/";
  write(store, attached + std::to_string(processes.rank), file ? "yes" : "no");
  for (int rank = 0; rank < processes.count; ++rank) {
    if (read(store, attached + std::to_string(rank)) != "yes") return nullptr;
  }
  auto group = std::make_unique<SharedMemoryCommunicator>(processes, std::move(file), memory);
  group->all_reduce(at::zeros({1}));  // all have read the store, which may end with rank 0's use
  return group;
}

}  // namespace trispike::train

#else

namespace trispike::train {

std::unique_ptr<Communicator> connect_by_shared_memory(const Processes&, c10d::Store&) {
  return nullptr;
}

}  // namespace trispike::train

#endif
