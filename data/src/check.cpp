// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <memory>

#include "events/event_check.h"
#include "formats/formats.h"
#include "src/file_tree.h"
#include "src/input_file.h"
#include "trispike/data/events.h"

namespace trispike::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxProblems = 20;

enum class Depth { kHeaders, kEverything };

void add_problem(CheckReport& report, const std::string& problem) {
  if (report.problems.size() < kMaxProblems) report.problems.push_back(problem);
}

// Count and pixel statistics of a split, gathered picture by picture.
class Statistics {
 public:
  explicit Statistics(int num_classes) : per_class_(num_classes) {}

  void add(const Image& image, int label) {
    ++count_;
    ++per_class_[label];
    heights_.add(image.height);
    widths_.add(image.width);
    channels_ = image.channels;
    std::array<double, 3> sums{};
    std::array<double, 3> squares{};
    const std::size_t channels = image.channels;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      const double sample = image.pixels[i] / 255.0;
      sums[i % channels] += sample;
      squares[i % channels] += sample * sample;
    }
    samples_ += double(image.pixels.size()) / double(channels);
    for (std::size_t c = 0; c < channels; ++c) {
      sums_[c] += sums[c];
      squares_[c] += squares[c];
    }
  }

  std::vector<std::string> lines() const {
    if (count_ == 0) return {"no picture could be decoded"};
    const auto [fewest, most] = std::ranges::minmax(per_class_);
    std::string means;
    std::string deviations;
    for (int c = 0; c < channels_; ++c) {
      const double mean = sums_[c] / samples_;
      means += format_number(mean);
      deviations += format_number(std::sqrt(std::max(0.0, squares_[c] / samples_ - mean * mean)));
    }
    return {"decoded " + std::to_string(count_) + " pictures, width " + widths_.text() +
                ", height " + heights_.text(),
            "pictures per class: " + std::to_string(fewest) +
                (fewest == most ? "" : " to " + std::to_string(most)),
            "mean per channel:" + means + ", standard deviation:" + deviations};
  }

 private:
  struct Range {
    int low = std::numeric_limits<int>::max();
    int high = 0;
    void add(int value) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
    std::string text() const {
      return low == high ? std::to_string(low)
                         : std::to_string(low) + " to " + std::to_string(high);
    }
  };

  static std::string format_number(double value) {
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), " %.5f", value);
    return text.data();
  }

  std::int64_t count_ = 0;
  std::vector<std::int64_t> per_class_;
  Range heights_;
  Range widths_;
  int channels_ = 0;
  double samples_ = 0;  // per channel
  std::array<double, 3> sums_{};
  std::array<double, 3> squares_{};
};

// Reads all recordings: their number, events and times.
void examine_recordings(const Dataset& dataset, CheckReport& report) {
  std::vector<std::int64_t> per_class(dataset.num_classes());
  std::int64_t events = 0;
  std::int64_t longest_us = 0;
  std::int64_t damaged = 0;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    try {
      const EventRecording recording = dataset.events(i);
      ++per_class[dataset.label(i)];
      events += std::ssize(recording.events);
      if (recording.events.empty()) continue;
      const auto [first, last] = std::ranges::minmax_element(recording.events, {}, &Event::t);
      longest_us = std::max(longest_us, last->t - first->t);
    } catch (const DataError& error) {
      ++damaged;
      add_problem(report, error.what());
    }
  }
  const auto [fewest, most] = std::ranges::minmax(per_class);
  report.summary.push_back("  decoded " + std::to_string(dataset.size() - damaged) +
                           " recordings, " + std::to_string(events) +
                           " events, the longest lasts " + std::to_string(longest_us) + " us");
  report.summary.push_back("  recordings per class: " + std::to_string(fewest) +
                           (fewest == most ? "" : " to " + std::to_string(most)));
  if (damaged > 0) {
    report.summary.push_back("  " + std::to_string(damaged) + " recordings are damaged");
  }
}

void examine_split(const Dataset& dataset, Depth depth, CheckReport& report) {
  report.summary.push_back(dataset.describe());
  for (const std::string& note : dataset.notes()) report.summary.push_back("  " + note);
  if (depth == Depth::kHeaders) return;
  if (dataset.has_events()) {
    examine_recordings(dataset, report);
    return;
  }
  Statistics statistics(dataset.num_classes());
  std::int64_t damaged = 0;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    try {
      const Image image = dataset.image(i);
      statistics.add(image, dataset.label(i));
    } catch (const DataError& error) {
      ++damaged;
      add_problem(report, error.what());
    }
  }
  for (const std::string& line : statistics.lines()) report.summary.push_back("  " + line);
  if (damaged > 0) {
    report.summary.push_back("  " + std::to_string(damaged) + " pictures are damaged");
  }
}

void examine_dataset(const fs::path& path, Depth depth, CheckReport& report) {
  const DatasetFormat& format = find_format(path);
  report.kind = std::string(format.name) + " data set";
  DatasetOptions options;
  options.cache_bytes = 0;  // every picture is read once
  for (const Split split : format.splits(path)) {
    try {
      examine_split(*format.open(path, split, options), depth, report);
    } catch (const DataError& error) {
      add_problem(report, error.what());
    }
  }
}

void examine_idx_file(const fs::path& path, Depth, CheckReport& report) {
  report.kind = "IDX file";
  const idx::Contents contents = idx::read(path);
  if (contents.shape.size() == 3) {
    report.summary.push_back(std::to_string(contents.shape[0]) + " pictures of " +
                             std::to_string(contents.shape[2]) + "x" +
                             std::to_string(contents.shape[1]));
  } else {
    const auto highest = std::ranges::max_element(contents.values);
    report.summary.push_back(
        std::to_string(contents.shape[0]) + " labels" +
        (contents.values.empty() ? "" : ", the highest is " + std::to_string(*highest)));
  }
}

void examine_cifar_file(const fs::path& path, Depth depth, CheckReport& report) {
  const std::string file = path.filename().string();
  const bool ten = file.starts_with("data_batch") || file.starts_with("test_batch");
  report.kind = ten ? "CIFAR-10 file" : "CIFAR-100 file";
  examine_split(*open_cifar_file(path, ten ? 10 : 100), depth, report);
}

void examine_picture(const fs::path& path, Depth depth, CheckReport& report) {
  const std::string name = path.string();
  const std::vector<std::byte> bytes = read_file(path);
  report.kind = "picture";
  const ImageHeader header = read_image_header(bytes, name);
  report.kind = std::string(header.format) + " picture";
  report.summary.push_back(std::to_string(header.width) + "x" + std::to_string(header.height) +
                           (header.channels == 1 ? ", grey" : ", colour"));
  if (depth == Depth::kEverything) decode_image(bytes, name);
}

bool is_cifar_name(const std::string& name) {
  return name.starts_with("data_batch") || name.starts_with("test_batch") || name == "train.bin" ||
         name == "test.bin";
}

bool is_picture_name(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name.ends_with(".jpg") || name.ends_with(".jpeg") || name.ends_with(".png");
}

void examine(const fs::path& path, Depth depth, CheckReport& report) {
  std::error_code error;
  const std::string file = path.filename().string();
  if (!fs::is_regular_file(path, error) || is_tar_name(path) || event_list::probe(path)) {
    examine_dataset(path, depth, report);
  } else if (idx::is_idx_name(file)) {
    examine_idx_file(path, depth, report);
  } else if (is_cifar_name(file)) {
    examine_cifar_file(path, depth, report);
  } else if (is_picture_name(file)) {
    examine_picture(path, depth, report);
  } else if (is_event_file(path)) {
    examine_events(path, report);
  } else {
    throw DataError(path.string(), "",
                    "is of no known kind: a folder or .tar with a data set, an IDX file, a CIFAR "
                    ".bin file, an event recording, or a .jpg, .jpeg or .png picture");
  }
}

CheckReport report_on(const fs::path& path, Depth depth) {
  CheckReport report;
  report.kind = "unknown";
  try {
    examine(path, depth, report);
  } catch (const DataError& error) {
    add_problem(report, error.what());
  }
  report.ok = report.problems.empty();
  return report;
}

}  // namespace

CheckReport info(const fs::path& path) { return report_on(path, Depth::kHeaders); }

CheckReport check(const fs::path& path) { return report_on(path, Depth::kEverything); }

}  // namespace trispike::data
