// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "dataset_run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "console.h"
#include "format.h"
#include "trispike/model/error.h"
#include "trispike/runtime/parallel.h"
#include "trispike/train/sample_form.h"

namespace trispike::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Every so many-th picture of a data set: folders list one class after the other, so the first
/// ones would be all of one class.
class EvenlySpread final : public data::Dataset {
 public:
  EvenlySpread(std::shared_ptr<const data::Dataset> whole, std::int64_t size)
      : Dataset(whole->format(), whole->split()), whole_(std::move(whole)), size_(size) {
    class_names_ = whole_->class_names();
    normalisation_ = whole_->normalisation();
    has_events_ = whole_->has_events();
    channels_ = whole_->channels();
    height_ = whole_->height();
    width_ = whole_->width();
  }

  std::int64_t size() const override { return size_; }
  int label(std::int64_t i) const override { return whole_->label(index(i)); }
  data::Image image(std::int64_t i) const override { return whole_->image(index(i)); }
  data::EventRecording events(std::int64_t i) const override { return whole_->events(index(i)); }
  std::string name(std::int64_t i) const override { return whole_->name(index(i)); }

 private:
  std::int64_t index(std::int64_t i) const { return i * whole_->size() / size_; }

  std::shared_ptr<const data::Dataset> whole_;
  std::int64_t size_;
};

data::Split split_from_string(const std::string& name) {
  for (const data::Split split : {data::Split::kTrain, data::Split::kTest}) {
    if (data::split_name(split) == name) {
      return split;
    }
  }
  throw ConfigError("--split", "'" + name + "' is unknown, expected train or test");
}

/// The accuracy would be that of another question.
void warn_of_other_classes(const std::string& model_name, const std::vector<std::string>& expected,
                           const data::Dataset& dataset, const std::string& path) {
  const std::vector<std::string>& found = dataset.class_names();
  if (expected.empty() || expected.size() != found.size()) return;
  const auto [e, f] = std::mismatch(expected.begin(), expected.end(), found.begin());
  if (e == expected.end()) return;
  print_note("warning: class " + std::to_string(e - expected.begin()) + " is '" + printable(*e) +
             "' for " + model_name + ", but '" + printable(*f) + "' in " + path);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void add_dataset_options(CLI::App& app, DatasetOptions& options, const std::string& path_option,
                         bool required) {
  app.add_option(
         path_option, options.path,
         "Data set: a folder or tar of JPEG or PNG pictures or of event recordings by class, a "
         "folder of IDX or CIFAR binary files, or a list of event recordings")
      ->required(required);
  app.add_option("--split", options.split, "test (default) or train");
  app.add_option("--limit", options.limit,
                 "Use only so many pictures, spread evenly over the split (default: all)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->type_name("N");
  app.add_option("--threads", options.threads, "Threads (default: one per hardware thread)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  app.add_flag("-q,--quiet", options.quiet, "No progress");
}

int thread_count(const DatasetOptions& options) {
  const auto hardware = static_cast<int>(std::thread::hardware_concurrency());
  return options.threads > 0 ? options.threads : std::max(1, hardware);
}

std::shared_ptr<const data::Dataset> open_for(const model::NetworkSpec& network,
                                              const std::vector<std::string>& class_names,
                                              const std::string& model_name,
                                              const DatasetOptions& options) {
  std::shared_ptr<const data::Dataset> dataset =
      data::open_dataset(options.path, split_from_string(options.split));
  if (dataset->size() == 0) {
    throw Error(options.path + ": no pictures in split '" + options.split + "'");
  }
  if (network.num_classes() != dataset->num_classes()) {
    throw Error(model_name + ": tells " + std::to_string(network.num_classes()) +
                " classes apart, but " + options.path + " has " +
                std::to_string(dataset->num_classes()));
  }
  warn_of_other_classes(model_name, class_names, *dataset, options.path);
  if (options.limit > 0 && options.limit < dataset->size()) {
    return std::make_shared<EvenlySpread>(std::move(dataset), options.limit);
  }
  return dataset;
}

DatasetRun run_on_dataset(const runtime::Model& model, const std::string& model_name,
                          const DatasetOptions& options, const std::string& title) {
  const data::SamplePreparer samples(train::sample_form(model.network(), model.preprocessing()));
  const auto dataset = open_for(model.network(), model.class_names(), model_name, options);

  DatasetRun run;
  run.samples = dataset->size();
  std::vector<double> latencies(static_cast<std::size_t>(run.samples));
  std::atomic<std::int64_t> correct = 0;
  Progress progress(title, run.samples, "images", options.quiet);
  const Clock::time_point start = Clock::now();
  run.activity = runtime::for_each_sample(
      model, {.record_activity = true}, run.samples, thread_count(options),
      [&](runtime::Session& session, std::int64_t i) {
        const std::vector<float> input = samples.prepare(*dataset, i);
        const Clock::time_point before = Clock::now();
        const std::span<const double> logits = session.run(input);
        latencies[static_cast<std::size_t>(i)] = seconds_since(before);
        const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
        correct += best == dataset->label(i) ? 1 : 0;
        progress.advance();
      });
  run.seconds = seconds_since(start);
  progress.finish();
  run.correct = correct;
  run.median_latency_seconds = median(std::move(latencies));
  return run;
}

}  // namespace trispike::cli
