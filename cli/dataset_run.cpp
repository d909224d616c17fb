// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "dataset_run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "console.h"
#include "format.h"
#include "json.h"
#include "trispike/data/class_list.h"
#include "trispike/data/folds.h"
#include "trispike/data/subset.h"
#include "trispike/model/error.h"
#include "trispike/runtime/parallel.h"
#include "trispike/train/sample_form.h"

namespace trispike::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Every so many-th sample: folders list one class after the other, so the first ones would be all
/// of one class.
std::shared_ptr<const data::Dataset> spread(std::shared_ptr<const data::Dataset> whole,
                                            std::int64_t count) {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < count; ++i) indices.push_back(i * whole->size() / count);
  return data::subset(std::move(whole), std::move(indices));
}

/// The accuracy would be that of another question.
void warn_of_other_classes(const std::string& model_name, const std::vector<std::string>& expected,
                           const data::Dataset& dataset, const std::string& path) {
  const std::vector<std::string>& found = dataset.class_names();
  if (expected.empty() || expected.size() != found.size()) return;
  const auto [e, f] = std::mismatch(expected.begin(), expected.end(), found.begin());
  if (e == expected.end()) return;
  print_warning("class " + std::to_string(e - expected.begin()) + " is '" + *e + "' for " +
                model_name + ", but '" + *f + "' in " + path);
}

data::Split split_from_string(const std::string& name) {
  for (const data::Split split : {data::Split::kTrain, data::Split::kTest}) {
    if (data::split_name(split) == name) {
      return split;
    }
  }
  throw ConfigError("--split", "'" + name + "' is unknown, expected train or test");
}

/// The fold of --fold, else that which the model was trained on; none: the data set's own splits.
data::Fold fold_of(const model::ModelData& model, const std::string& name,
                   const DatasetOptions& options) {
  try {
    if (options.fold == "none") return {};
    if (!options.fold.empty()) return data::fold_from_string(options.fold);
  } catch (const data::DataError& error) {
    throw ConfigError("--fold", std::string(error.what()) + ", or none");
  }
  const Json json = Json::parse(model.provenance, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("fold")) return {};
  const Json& fold = json["fold"];
  try {
    return data::fold_from_string(fold.is_string() ? fold.get<std::string>() : fold.dump());
  } catch (const data::DataError& error) {
    throw Error(name + ": its provenance: " + error.what());
  }
}

std::shared_ptr<const data::Dataset> open_split(const data::Fold& fold,
                                                const DatasetOptions& options) {
  const data::DatasetOptions opening{.format = options.format};
  const data::Split split = split_from_string(options.split);
  if (!fold) return data::open_dataset(options.path, split, opening);
  try {
    data::FoldSplits splits = data::open_fold(options.path, fold, opening);
    return split == data::Split::kTrain ? std::move(splits.train) : std::move(splits.test);
  } catch (const data::DataError& error) {
    if (!options.fold.empty()) throw;
    throw Error(std::string(error.what()) + "; the model was trained on fold " +
                data::to_string(fold) + ", --fold none takes the data set's own splits");
  }
}

/// The data set with the model's classes.
std::shared_ptr<const data::Dataset> matched(std::shared_ptr<const data::Dataset> dataset,
                                             const model::ModelData& model, const std::string& name,
                                             const DatasetOptions& options) {
  const std::int64_t num_classes = model.network.num_classes();
  if (!options.classes.empty()) {
    const std::vector<std::string> names = data::read_class_list(options.classes);
    if (std::ssize(names) != num_classes) {
      throw Error(options.classes + ": lists " + std::to_string(names.size()) + " classes, but " +
                  name + " tells " + std::to_string(num_classes) + " apart");
    }
    return data::with_classes(std::move(dataset), names, options.classes);
  }
  if (data::match_classes(dataset->class_names(), model.class_names)) {
    return data::with_classes(std::move(dataset), model.class_names, name);
  }
  if (dataset->num_classes() != num_classes) {
    throw Error(name + ": tells " + std::to_string(num_classes) + " classes apart, but " +
                options.path + " has " + std::to_string(dataset->num_classes()) +
                ", which do not have the names of the model's; --classes FILE says which is which");
  }
  warn_of_other_classes(name, model.class_names, *dataset, options.path);
  return dataset;
}

Samples readable(std::shared_ptr<const data::Dataset> dataset, const DatasetOptions& options) {
  Progress progress("read", dataset->size(), "samples", options.quiet);
  data::ReadableSamples found =
      data::readable_samples(*dataset, thread_count(options), [&] { progress.advance(); });
  progress.finish();
  if (found.bad == 0) return {std::move(dataset), 0};
  print_warning(found.warning());
  if (found.indices.empty()) throw Error(options.path + ": no sample can be read");
  return {data::subset(std::move(dataset), std::move(found.indices)), found.bad};
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
  app.add_option("--format", options.format,
                 "Format of the data set (default: auto); cifar100_coarse takes the coarse labels");
  app.add_option("--classes", options.classes,
                 "File with the folder of each of the model's classes, one a line (default: "
                 "classes are matched by name)")
      ->type_name("FILE");
  app.add_option("--split", options.split, "test (default) or train");
  app.add_option("--fold", options.fold,
                 "Fold of a cross-validation, such as 0/5, whose split that is, or none (default: "
                 "as the model was trained)")
      ->type_name("I/N");
  app.add_option("--limit", options.limit,
                 "Use only so many pictures, spread evenly over the split (default: all)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->type_name("N");
  app.add_flag("--skip-bad", options.skip_bad,
               "Read every sample first; leave out those that cannot be read, with a warning");
  app.add_option("--threads", options.threads, "Threads (default: one per hardware thread)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  app.add_flag("-q,--quiet", options.quiet, "No progress");
}

int thread_count(const DatasetOptions& options) {
  const auto hardware = static_cast<int>(std::thread::hardware_concurrency());
  return options.threads > 0 ? options.threads : std::max(1, hardware);
}

Samples open_for(const model::ModelData& model, const std::string& model_name,
                 const DatasetOptions& options) {
  const data::Fold fold = fold_of(model, model_name, options);
  std::shared_ptr<const data::Dataset> dataset = open_split(fold, options);
  if (dataset->size() == 0) {
    throw Error(options.path + ": no pictures in split '" + options.split + "'");
  }
  dataset = matched(std::move(dataset), model, model_name, options);
  if (options.limit > 0 && options.limit < dataset->size()) {
    dataset = spread(std::move(dataset), options.limit);
  }
  Samples samples{std::move(dataset), 0};
  if (options.skip_bad) samples = readable(std::move(samples.dataset), options);
  if (!fold) return samples;
  samples.fold = data::to_string(fold);
  if (options.fold.empty() && !options.quiet) {
    print_note("the " + options.split + " split is that of fold " + samples.fold + ", by which " +
               printable(model_name) + " was trained (--fold none: the data set's own)");
  }
  return samples;
}

DatasetRun run_on_dataset(const runtime::Model& model, const model::ModelData& file,
                          const std::string& model_name, const DatasetOptions& options,
                          const std::string& title, const EarlyExit& early_exit) {
  const data::SamplePreparer samples(train::sample_form(model.network(), model.preprocessing()));
  const Samples opened = open_for(file, model_name, options);
  const std::shared_ptr<const data::Dataset>& dataset = opened.dataset;

  DatasetRun run;
  run.skipped = opened.skipped;
  run.fold = opened.fold;
  run.samples = dataset->size();
  std::vector<double> latencies(static_cast<std::size_t>(run.samples));
  std::atomic<std::int64_t> correct = 0;
  std::atomic<std::int64_t> time_steps = 0;
  std::vector<std::vector<StepAnswer>> answers(
      static_cast<std::size_t>(early_exit.curve ? run.samples : 0));
  Progress progress(title, run.samples, "images", options.quiet);
  const Clock::time_point start = Clock::now();
  run.activity = runtime::for_each_sample(
      model, {.record_activity = true, .early_exit_margin = early_exit.margin}, run.samples,
      thread_count(options), [&](runtime::Session& session, std::int64_t i) {
        const std::vector<float> input = samples.prepare(*dataset, i);
        const Clock::time_point before = Clock::now();
        bool is_correct = false;
        if (early_exit.curve) {
          auto& steps = answers[static_cast<std::size_t>(i)];
          steps = answers_of_steps(session, model.network(), input, dataset->label(i));
          is_correct = steps.back().correct;
          time_steps += std::ssize(steps);
        } else {
          const std::span<const double> logits = session.run(input);
          const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
          is_correct = best == dataset->label(i);
          time_steps += session.time_steps();
        }
        latencies[static_cast<std::size_t>(i)] = seconds_since(before);
        correct += is_correct ? 1 : 0;
        progress.advance();
      });
  run.seconds = seconds_since(start);
  progress.finish();
  run.correct = correct;
  run.mean_time_steps = static_cast<double>(time_steps) / static_cast<double>(run.samples);
  if (early_exit.curve) run.early_exit_curve = early_exit_curve(answers);
  run.median_latency_seconds = median(std::move(latencies));
  return run;
}

}  // namespace trispike::cli
