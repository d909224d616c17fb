// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// DVS128 Gesture: recordings <name>.aedat, each with the times and classes of its gestures in
// <name>_labels.csv, and lists of the recordings that train and test (docs/event-data.md).
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "formats/formats.h"
#include "src/input_file.h"
#include "src/segments.h"
#include "trispike/data/event_labels.h"

namespace trispike::data::dvs_gesture {
namespace {

constexpr std::string_view kLabels = "_labels.csv";

/// In the order of the data set's own numbers, from 1.
constexpr std::array<const char*, 11> kClasses = {"hand clapping",
                                                  "right hand wave",
                                                  "left hand wave",
                                                  "right arm clockwise",
                                                  "right arm counter clockwise",
                                                  "left arm clockwise",
                                                  "left arm counter clockwise",
                                                  "arm roll",
                                                  "air drums",
                                                  "air guitar",
                                                  "other gestures"};

std::string list_of(Split split) {
  return split == Split::kTrain ? "trials_to_train.txt" : "trials_to_test.txt";
}

bool is_file(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

std::filesystem::path labels_of(const std::filesystem::path& recording) {
  return recording.parent_path() / (recording.stem().string() + std::string(kLabels));
}

/// The recordings of a folder that have labels, by name.
std::vector<std::filesystem::path> labelled_recordings(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> recordings;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const std::filesystem::path& path = it->path();
    if (path.extension() == ".aedat" && is_file(labels_of(path))) recordings.push_back(path);
  }
  std::ranges::sort(recordings);
  return recordings;
}

/// Those that a list names, each once: what stands there must be what is there.
std::vector<std::filesystem::path> listed_recordings(const std::filesystem::path& list) {
  std::vector<std::filesystem::path> recordings;
  std::set<std::string> names;
  for (const Line& line : read_lines(list)) {
    const std::string& name = line.text;
    const std::filesystem::path recording = list.parent_path() / name;
    if (!names.insert(name).second) {
      throw DataError(list.string(), line.place(), "names '" + name + "' twice");
    }
    for (const std::filesystem::path& file : {recording, labels_of(recording)}) {
      if (!is_file(file)) {
        throw DataError(list.string(), line.place(),
                        "names '" + name + "', but there is no " + file.string());
      }
    }
    recordings.push_back(recording);
  }
  return recordings;
}

/// Those of a split: as its list says, or all where there are no lists.
std::vector<std::filesystem::path> recordings_of(const std::filesystem::path& folder, Split split) {
  const bool listed =
      is_file(folder / list_of(Split::kTrain)) || is_file(folder / list_of(Split::kTest));
  return listed ? listed_recordings(folder / list_of(split)) : labelled_recordings(folder);
}

class DvsGesture final : public SegmentDataset {
 public:
  DvsGesture(const std::filesystem::path& folder, Split split, const DatasetOptions& options)
      : SegmentDataset("dvs_gesture", split) {
    class_names_.assign(kClasses.begin(), kClasses.end());
    std::vector<std::filesystem::path> paths = recordings_of(folder, split);
    for (std::size_t k = 0; k < paths.size(); ++k) add(static_cast<int>(k), labels_of(paths[k]));
    if (segments_.empty()) {
      const bool listed = is_file(folder / list_of(split));
      throw DataError(
          (listed ? folder / list_of(split) : folder).string(), "",
          "holds no labelled recording of split '" + std::string(split_name(split)) + "'");
    }
    store_ = std::make_unique<RecordingStore>(std::move(paths), options.cache_bytes);
    measure();
  }

 private:
  void add(int recording, const std::filesystem::path& labels) {
    const std::vector<EventLabel> gestures = read_event_labels(labels);
    if (gestures.empty()) throw DataError(labels.string(), "", "labels no gesture");
    for (const EventLabel& gesture : gestures) {
      if (gesture.label < 1 || gesture.label > static_cast<int>(kClasses.size())) {
        throw DataError(labels.string(), "",
                        "class " + std::to_string(gesture.label) + ", expected 1 to " +
                            std::to_string(kClasses.size()));
      }
      segments_.push_back({recording, gesture.label - 1, gesture.begin_us, gesture.end_us});
    }
  }
};

}  // namespace

bool probe(const std::filesystem::path& path) { return !labelled_recordings(path).empty(); }

std::vector<Split> splits(const std::filesystem::path& path) {
  std::vector<Split> found;
  for (const Split split : {Split::kTrain, Split::kTest}) {
    if (is_file(path / list_of(split))) found.push_back(split);
  }
  return found.empty() ? std::vector{Split::kTrain} : found;
}

std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options) {
  return std::make_unique<DvsGesture>(path, split, options);
}

}  // namespace trispike::data::dvs_gesture
