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

#include "src/normaliser.h"

namespace trispike::data {
namespace {

constexpr std::uint64_t kOrderStream = ~std::uint64_t{0};  // no picture has this index
constexpr int kMaxSide = 1 << 14;
constexpr int kMaxWorkers = 1024;

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

// The statistics for `channels` channels, from the caller or from the data set.
Normalisation normalisation_for(const Dataset& dataset, const LoaderOptions& options,
                                int channels) {
  Normalisation chosen = options.normalisation.value_or(dataset.normalisation());
  if (!options.normalisation && chosen.mean.size() == 1) {
    chosen = {std::vector<double>(channels, chosen.mean[0]),
              std::vector<double>(channels, chosen.std[0])};
  }
  if (static_cast<int>(chosen.mean.size()) != channels) {
    throw DataError("loader: normalisation", "",
                    "is for " + std::to_string(chosen.mean.size()) + " channels, expected " +
                        std::to_string(channels));
  }
  return chosen;
}

int chosen_side(const char* name, int wanted, int of_dataset) {
  if (wanted == 0 && of_dataset == 0) {
    throw DataError(std::string("loader: ") + name, "",
                    "must be given, because the pictures vary in size");
  }
  const int side = wanted != 0 ? wanted : of_dataset;
  require(name, side, 1, kMaxSide);
  return side;
}

}  // namespace

class Loader::Impl {
 public:
  Impl(std::shared_ptr<const Dataset> dataset, LoaderOptions options)
      : dataset_(std::move(dataset)),
        options_(std::move(options)),
        channels_(options_.channels != 0 ? options_.channels : dataset_->channels()),
        height_(chosen_side("height", options_.height, dataset_->height())),
        width_(chosen_side("width", options_.width, dataset_->width())),
        normalisation_(normalisation_for(*dataset_, options_, channels_)),
        normaliser_(normalisation_) {
    if (channels_ != 1 && channels_ != 3) {
      throw DataError("loader: channels", "",
                      "is " + std::to_string(channels_) + ", expected 1 or 3");
    }
    require("batch_size", options_.batch_size, 1, std::int64_t{1} << 20);
    require("workers", options_.workers, 1, kMaxWorkers);
    require("prefetch", options_.prefetch, 1, std::int64_t{1} << 20);
    validate(options_.augmentation);
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
  int channels() const { return channels_; }
  int height() const { return height_; }
  int width() const { return width_; }
  const Normalisation& normalisation() const { return normalisation_; }
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
    const std::int64_t first = number * options_.batch_size;
    batch.size = std::min(options_.batch_size, std::ssize(order_) - first);
    const std::size_t picture_size = std::size_t(channels_) * height_ * width_;
    batch.images.resize(static_cast<std::size_t>(batch.size) * picture_size);
    batch.labels.resize(static_cast<std::size_t>(batch.size));
    batch.indices.assign(order_.begin() + first, order_.begin() + first + batch.size);
    for (std::int64_t k = 0; k < batch.size && !stopping_; ++k) {
      const std::int64_t index = batch.indices[k];
      batch.labels[k] = dataset_->label(index);
      Random random(options_.seed, options_.epoch, static_cast<std::uint64_t>(index));
      const Image picture = augment(fit_to(dataset_->image(index), channels_, height_, width_),
                                    options_.augmentation, random);
      normaliser_.apply(picture, options_.channels_last,
                        std::span(batch.images).subspan(k * picture_size, picture_size));
    }
  }

  const std::shared_ptr<const Dataset> dataset_;
  const LoaderOptions options_;
  const int channels_;
  const int height_;
  const int width_;
  const Normalisation normalisation_;
  const Normaliser normaliser_;
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
int Loader::channels() const { return impl_->channels(); }
int Loader::height() const { return impl_->height(); }
int Loader::width() const { return impl_->width(); }
const Normalisation& Loader::normalisation() const { return impl_->normalisation(); }
double Loader::seconds_waited() const { return impl_->seconds_waited(); }

}  // namespace trispike::data
