// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Workers take batch numbers in turn and leave finished batches in a map; next() waits for the
// number that is due. No worker runs more than `prefetch` batches ahead of it. Batches given back
// by the caller go into a pool, so that an epoch allocates only a few.
#include "trispike/data/loader.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <utility>

namespace trispike::data {
namespace {

constexpr std::uint64_t kOrderStream = ~std::uint64_t{0};  // no picture has this index
constexpr int kMaxWorkers = 1024;
constexpr int kMaxShards = 65536;

void require(const char* name, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) {
    throw DataError(std::string("loader: ") + name, "",
                    "is " + std::to_string(value) + ", expected " + std::to_string(low) + " to " +
                        std::to_string(high));
  }
}

std::vector<std::int64_t> order_of(const Dataset& dataset, const LoaderOptions& options) {
  std::vector<std::int64_t> order;
  if (options.indices) {
    order = *options.indices;
    for (const std::int64_t i : order) require("index", i, 0, dataset.size() - 1);
  } else {
    order.resize(static_cast<std::size_t>(dataset.size()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
  }
  if (options.shuffle) {
    Random random(options.seed, options.epoch, kOrderStream);
    shuffle(order, random);
  }
  return order;
}

}  // namespace

class Loader::Impl {
 public:
  Impl(std::shared_ptr<const Dataset> dataset, LoaderOptions options)
      : dataset_(std::move(dataset)),
        options_(std::move(options)),
        preparer_(complete(options_.form, *dataset_), options_.augmentation) {
    require("batch_size", options_.batch_size, 1, std::int64_t{1} << 20);
    require("workers", options_.workers, 1, kMaxWorkers);
    require("shards", options_.shards, 1, kMaxShards);
    require("shard", options_.shard, 0, options_.shards - 1);
    require("prefetch", options_.prefetch, 1, std::int64_t{1} << 20);
    order_ = order_of(*dataset_, options_);
    const auto count = static_cast<std::int64_t>(order_.size());
    const std::int64_t full = count / options_.batch_size;
    num_batches_ = full + (!options_.drop_last && count % options_.batch_size != 0 ? 1 : 0);
    num_samples_ = options_.drop_last ? full * options_.batch_size : count;
    require("first_batch", options_.first_batch, 0, num_batches_);
    due_ = to_take_ = options_.first_batch;
    start();
  }

  ~Impl() { stop(); }

  bool next(Batch& batch) {
    std::unique_lock lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    if (due_ == num_batches_) return false;
    const auto before = std::chrono::steady_clock::now();
    batch_ready_.wait(lock, [this] { return ready_.contains(due_); });
    waited_ += std::chrono::steady_clock::now() - before;
    Finished finished = std::move(ready_.extract(due_).mapped());
    ++due_;
    if (finished.failure) {
      failure_ = finished.failure;
      stopping_ = true;
      work_allowed_.notify_all();
      std::rethrow_exception(failure_);
    }
    std::swap(batch, finished.batch);
    pool_.push_back(std::move(finished.batch));
    work_allowed_.notify_one();
    return true;
  }

  std::int64_t num_batches() const { return num_batches_; }
  std::int64_t num_samples() const { return num_samples_; }
  const SampleForm& form() const { return preparer_.form(); }
  double seconds_waited() const { return std::chrono::duration<double>(waited_).count(); }

 private:
  struct Finished {
    Batch batch;
    std::exception_ptr failure;
  };

  void start() {
    const std::int64_t useful = std::min<std::int64_t>(options_.workers, num_batches_ - due_);
    try {
      for (std::int64_t i = 0; i < useful; ++i) workers_.emplace_back([this] { work(); });
    } catch (...) {
      stop();  // the destructor will not run
      throw;
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_allowed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      work_allowed_.wait(lock, [this] {
        return stopping_ || to_take_ == num_batches_ || to_take_ < due_ + options_.prefetch;
      });
      if (stopping_ || to_take_ == num_batches_) return;
      const std::int64_t number = to_take_++;
      Finished finished;
      if (!pool_.empty()) {
        finished.batch = std::move(pool_.back());
        pool_.pop_back();
      }
      lock.unlock();
      try {
        fill(number, finished.batch);
      } catch (...) {
        finished.failure = std::current_exception();
      }
      lock.lock();
      ready_.emplace(number, std::move(finished));
      batch_ready_.notify_one();
    }
  }

  void fill(std::int64_t number, Batch& batch) const {
    std::int64_t first = number * options_.batch_size;
    batch.size = batch.total = std::min(options_.batch_size, std::ssize(order_) - first);
    if (batch.total >= options_.shards) {
      const std::int64_t from = batch.total * options_.shard / options_.shards;
      batch.size = batch.total * (options_.shard + 1) / options_.shards - from;
      first += from;
    }
    const auto sample_size = static_cast<std::size_t>(preparer_.elements());
    batch.images.resize(static_cast<std::size_t>(batch.size) * sample_size);
    batch.labels.resize(static_cast<std::size_t>(batch.size));
    batch.indices.assign(order_.begin() + first, order_.begin() + first + batch.size);
    for (std::int64_t k = 0; k < batch.size && !stopping_; ++k) {
      const std::int64_t index = batch.indices[k];
      batch.labels[k] = dataset_->label(index);
      Random random(options_.seed, options_.epoch, static_cast<std::uint64_t>(index));
      preparer_.prepare(*dataset_, index, random,
                        std::span(batch.images).subspan(k * sample_size, sample_size));
    }
  }

  const std::shared_ptr<const Dataset> dataset_;
  const LoaderOptions options_;
  const SamplePreparer preparer_;
  std::vector<std::int64_t> order_;
  std::int64_t num_batches_ = 0;
  std::int64_t num_samples_ = 0;

  std::mutex mutex_;  // of all below but stopping_, which fill() reads on its way
  std::condition_variable batch_ready_;
  std::condition_variable work_allowed_;
  std::map<std::int64_t, Finished> ready_;
  std::vector<Batch> pool_;
  std::int64_t due_ = 0;      // the batch next() will give
  std::int64_t to_take_ = 0;  // the batch a worker will make
  std::exception_ptr failure_;
  std::chrono::steady_clock::duration waited_{};
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> workers_;
};

Loader::Loader(std::shared_ptr<const Dataset> dataset, LoaderOptions options)
    : impl_(std::make_unique<Impl>(std::move(dataset), std::move(options))) {}

Loader::~Loader() = default;

bool Loader::next(Batch& batch) { return impl_->next(batch); }
std::int64_t Loader::num_batches() const { return impl_->num_batches(); }
std::int64_t Loader::num_samples() const { return impl_->num_samples(); }
const SampleForm& Loader::form() const { return impl_->form(); }
double Loader::seconds_waited() const { return impl_->seconds_waited(); }

}  // namespace trispike::data
