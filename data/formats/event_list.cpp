// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A list of labelled recordings, which can be cut into windows: a text file, described in
// docs/event-data.md.
#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "formats/formats.h"
#include "src/input_file.h"
#include "src/segments.h"
#include "src/tab_cells.h"

namespace trispike::data::event_list {
namespace {

constexpr std::string_view kHeading = "# trispike event list";
constexpr std::string_view kWindow = "# window_us ";
constexpr std::int64_t kMaxWindows = 1 << 20;

struct Row {
  Split split;
  std::string class_name;
  std::filesystem::path path;
};

struct List {
  std::int64_t window_us = 0;  // 0: recordings are not cut
  std::vector<Row> rows;
};

List read_list(const std::filesystem::path& path) {
  List list;
  std::string place;
  const auto fail = [&](const std::string& reason) {
    return DataError(path.string(), place, reason);
  };
  bool first = true;
  for (const Line& numbered : read_lines(path)) {
    place = numbered.place();
    const std::string& line = numbered.text;
    if (std::exchange(first, false) && line != kHeading) {
      throw fail("expected '" + std::string(kHeading) + "'");
    }
    if (line.starts_with(kWindow)) {
      const char* begin = line.data() + kWindow.size();
      const char* end = line.data() + line.size();
      const auto [rest, error] = std::from_chars(begin, end, list.window_us);
      if (error != std::errc() || rest != end || list.window_us < 1) {
        throw fail("the window is '" + std::string(begin, end) +
                   "', expected microseconds, a whole number > 0");
      }
    }
    if (line.starts_with('#')) continue;
    const std::vector<std::string> cells = cells_of(line);
    const bool train = cells[0] == split_name(Split::kTrain);
    if (cells.size() != 3 || (!train && cells[0] != split_name(Split::kTest)) || cells[1].empty() ||
        cells[2].empty()) {
      throw fail("expected three cells: train or test, class, path; found '" + line + "'");
    }
    list.rows.push_back(
        {train ? Split::kTrain : Split::kTest, cells[1], path.parent_path() / cells[2]});
  }
  if (list.rows.empty()) throw DataError(path.string(), "", "lists no recording");
  return list;
}

class EventList final : public SegmentDataset {
 public:
  EventList(const std::filesystem::path& path, Split split, const DatasetOptions& options)
      : SegmentDataset("event_list", split) {
    const List list = read_list(path);
    number_classes(list);
    std::vector<std::filesystem::path> paths;
    std::vector<int> labels;
    for (const Row& row : list.rows) {
      if (row.split != split) continue;
      paths.push_back(row.path);
      const auto found = std::ranges::lower_bound(class_names_, row.class_name);
      labels.push_back(static_cast<int>(found - class_names_.begin()));
    }
    if (paths.empty()) {
      throw DataError(path.string(), "",
                      "lists no recording of split '" + std::string(split_name(split)) + "'");
    }
    try {
      store_ = std::make_unique<RecordingStore>(std::move(paths), options.cache_bytes);
    } catch (const DataError& error) {
      throw DataError(path.string(), "", error.what());  // the recording's error names it
    }
    for (std::size_t k = 0; k < labels.size(); ++k) {
      cut(static_cast<int>(k), labels[k], list.window_us, path.string());
    }
    measure();
  }

 private:
  void number_classes(const List& list) {
    for (const Row& row : list.rows) class_names_.push_back(row.class_name);
    std::ranges::sort(class_names_);
    class_names_.erase(std::unique(class_names_.begin(), class_names_.end()), class_names_.end());
  }

  /// Whole windows from the first event on; without windows, all of it.
  void cut(int recording, int label, std::int64_t window_us, const std::string& file) {
    if (store_->empty(recording)) return;
    const std::int64_t first = store_->first_us(recording);
    const std::int64_t end = store_->last_us(recording) + 1;
    if (window_us == 0) {
      segments_.push_back({recording, label, first, end});
      return;
    }
    if ((end - first) / window_us > kMaxWindows - std::ssize(segments_)) {
      throw DataError(file, "", "gives more than " + std::to_string(kMaxWindows) + " windows");
    }
    for (std::int64_t begin = first; end - begin >= window_us; begin += window_us) {
      segments_.push_back({recording, label, begin, begin + window_us});
    }
  }
};

}  // namespace

bool probe(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  try {
    const InputFile file(path);
    std::string start(std::min<std::uint64_t>(file.size(), kHeading.size()), '\0');
    file.read_at(0, std::as_writable_bytes(std::span(start)));
    return start == kHeading;
  } catch (const DataError&) {
    return false;
  }
}

std::vector<Split> splits(const std::filesystem::path& path) {
  std::vector<Split> found;
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const List list = read_list(path);
    if (std::ranges::any_of(list.rows, [&](const Row& row) { return row.split == split; })) {
      found.push_back(split);
    }
  }
  return found;
}

std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options) {
  return std::make_unique<EventList>(path, split, options);
}

}  // namespace trispike::data::event_list
