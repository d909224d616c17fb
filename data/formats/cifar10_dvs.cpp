// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// CIFAR10-DVS: <class>/cifar10_<class>_<number>.aedat, 1,000 recordings of each class of CIFAR-10,
// without a split of their own. Fields stay raw, as everywhere (docs/event-data.md).
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "formats/formats.h"
#include "src/event_dataset.h"
#include "src/file_tree.h"

namespace trispike::data::cifar10_dvs {
namespace {

constexpr int kPerClass = 1000;
constexpr int kTestPerClass = 100;

// Made by tools/cifar10_dvs_split.py.
constexpr std::array<std::array<std::uint16_t, kTestPerClass>, 10> kTest{{
#include "formats/cifar10_dvs_test.inc"
}};

const std::vector<std::string> kSuffixes = {".aedat"};

struct Identity {
  int label;
  int number;
};

/// What ".../cifar10_<class>_<number>.aedat" says.
std::optional<Identity> identify(const std::string& path) {
  const std::string file = path.substr(path.rfind('/') + 1);
  const std::vector<std::string>& names = cifar10_class_names();
  for (std::size_t label = 0; label < names.size(); ++label) {
    const std::string start = "cifar10_" + names[label] + "_";
    if (!file.starts_with(start)) continue;
    int number = -1;
    const char* end = file.data() + file.size();
    const auto [rest, error] = std::from_chars(file.data() + start.size(), end, number);
    if (error != std::errc() || std::string_view(rest, end) != ".aedat" || number < 0 ||
        number >= kPerClass) {
      return std::nullopt;
    }
    return Identity{static_cast<int>(label), number};
  }
  return std::nullopt;
}

class Cifar10Dvs final : public EventTreeDataset {
 public:
  Cifar10Dvs(const std::filesystem::path& path, Split split)
      : EventTreeDataset("cifar10_dvs", split, path, kSuffixes) {
    class_names_ = cifar10_class_names();
    for (const TreeEntry& entry : tree_.entries()) {
      const std::optional<Identity> identity = identify(entry.path);
      if (!identity) {
        throw DataError(tree_.name(entry), "",
                        "is not called like a recording of CIFAR10-DVS: "
                        "cifar10_<class>_<0 to 999>.aedat");
      }
      const bool test = in_test_split(identity->label, identity->number);
      if (test == (split == Split::kTest)) recordings_.push_back({&entry, identity->label});
    }
    if (recordings_.empty()) {
      throw DataError(path.string(), "",
                      "holds no recording of split '" + std::string(split_name(split)) + "'");
    }
    std::ranges::stable_sort(recordings_, {}, &LabelledEntry::label);
    measure();
  }
};

}  // namespace

bool in_test_split(int label, int number) {
  return std::ranges::binary_search(kTest.at(static_cast<std::size_t>(label)), number);
}

bool probe(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    // Looks at one folder only: the others are large.
    const std::filesystem::path first = path / cifar10_class_names().front();
    for (std::filesystem::directory_iterator it(first, error), end; !error && it != end;
         it.increment(error)) {
      if (identify(it->path().string())) return true;
    }
    return false;
  }
  if (!std::filesystem::is_regular_file(path, error) || !is_tar_name(path)) return false;
  try {
    const FileTree tree(path, kSuffixes);
    return !tree.entries().empty() && identify(tree.entries().front().path).has_value();
  } catch (const DataError&) {
    return false;  // what is wrong with it, the last format says
  }
}

std::vector<Split> splits(const std::filesystem::path& path) {
  const FileTree tree(path, kSuffixes);
  std::vector<Split> found;
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const bool there = std::ranges::any_of(tree.entries(), [&](const TreeEntry& entry) {
      const std::optional<Identity> identity = identify(entry.path);
      return identity &&
             in_test_split(identity->label, identity->number) == (split == Split::kTest);
    });
    if (there) found.push_back(split);
  }
  return found;
}

std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions&) {
  return std::make_unique<Cifar10Dvs>(path, split);
}

}  // namespace trispike::data::cifar10_dvs
