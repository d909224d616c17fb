// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/subset.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "src/dataset_view.h"

namespace trispike::data {
namespace {

class Subset final : public DatasetView {
 public:
  Subset(std::shared_ptr<const Dataset> whole, std::vector<std::int64_t> indices)
      : DatasetView(std::move(whole)), indices_(std::move(indices)) {}

  std::int64_t size() const override { return std::ssize(indices_); }

 private:
  std::int64_t index(std::int64_t i) const override { return indices_[i]; }

  std::vector<std::int64_t> indices_;
};

// Threads that take the samples in turn and write down which cannot be read.
class Scan {
 public:
  Scan(const Dataset& dataset, const std::function<void()>& done)
      : dataset_(dataset), done_(done) {}

  std::map<std::int64_t, std::string> run(int threads) {
    const auto useful =
        std::clamp<std::int64_t>(threads, 1, std::max<std::int64_t>(1, dataset_.size()));
    std::vector<std::thread> others;
    for (std::int64_t k = 1; k < useful; ++k) others.emplace_back([this] { work(); });
    work();
    for (std::thread& thread : others) thread.join();
    if (failure_) std::rethrow_exception(failure_);
    return std::move(bad_);
  }

 private:
  void work() {
    try {
      for (std::int64_t i = next_++; i < dataset_.size(); i = next_++) {
        try {
          dataset_.decode(i);
        } catch (const DataError& error) {
          const std::lock_guard lock(mutex_);
          bad_.emplace(i, error.what());
        }
        if (done_) done_();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      next_ = dataset_.size();
    }
  }

  const Dataset& dataset_;
  const std::function<void()>& done_;
  std::atomic<std::int64_t> next_ = 0;
  std::mutex mutex_;
  std::map<std::int64_t, std::string> bad_;  // by index
  std::exception_ptr failure_;
};

}  // namespace

std::shared_ptr<const Dataset> subset(std::shared_ptr<const Dataset> dataset,
                                      std::vector<std::int64_t> indices) {
  for (const std::int64_t i : indices) {
    if (i >= 0 && i < dataset->size()) continue;
    throw DataError(
        "subset", "",
        "index " + std::to_string(i) + ", expected 0 to " + std::to_string(dataset->size() - 1));
  }
  return std::make_shared<Subset>(std::move(dataset), std::move(indices));
}

std::string ReadableSamples::warning() const {
  std::string text = std::to_string(bad) + " of " + std::to_string(std::ssize(indices) + bad) +
                     " samples cannot be read and are left out:";
  for (const std::string& reason : reasons) text += "\n  " + reason;
  const std::int64_t more = bad - std::ssize(reasons);
  return more > 0 ? text + "\n  and " + std::to_string(more) + " more" : text;
}

ReadableSamples readable_samples(const Dataset& dataset, int threads,
                                 const std::function<void()>& done) {
  const std::map<std::int64_t, std::string> bad = Scan(dataset, done).run(threads);
  ReadableSamples result;
  result.bad = std::ssize(bad);
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    if (!bad.contains(i)) result.indices.push_back(i);
  }
  for (const auto& [i, reason] : bad) {
    if (result.reasons.size() == ReadableSamples::kNamed) break;
    result.reasons.push_back(reason);
  }
  return result;
}

}  // namespace trispike::data
