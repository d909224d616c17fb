// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/class_list.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "src/dataset_view.h"
#include "src/input_file.h"
#include "src/tab_cells.h"

namespace trispike::data {
namespace {

constexpr int kNone = -1;

// Where the columns stand; kNone where there is none.
struct Columns {
  int folder = 0;
  int name = 1;
  int index = kNone;
};

std::optional<Columns> header_columns(const std::vector<std::string>& cells) {
  const auto find = [&](std::string_view title) {
    const auto at = std::ranges::find(cells, title);
    return at == cells.end() ? kNone : static_cast<int>(at - cells.begin());
  };
  const Columns columns{std::max(find("wnid"), find("folder")), find("name"), find("index")};
  return columns.folder == kNone ? std::nullopt : std::optional(columns);
}

class ListReader {
 public:
  explicit ListReader(const std::filesystem::path& path) : file_(path.string()) {
    bool first = true;
    for (const Line& line : read_lines(path)) {
      const std::vector<std::string> cells = cells_of(line.text);
      if (std::exchange(first, false)) {
        if (const auto columns = header_columns(cells)) {
          columns_ = *columns;
          continue;
        }
      }
      add(cells, line.place());
    }
    if (names_.empty()) throw DataError(file_, "", "lists no class");
  }

  std::vector<std::string> names() && { return std::move(names_); }

 private:
  void add(const std::vector<std::string>& cells, const std::string& place) {
    const auto cell = [&](int column) {
      return column == kNone || column >= std::ssize(cells) ? std::string() : cells[column];
    };
    const std::string folder = cell(columns_.folder);
    if (folder.empty()) throw DataError(file_, place, "names no class");
    if (!folders_.insert(folder).second) {
      throw DataError(file_, place, "class '" + folder + "' is there already");
    }
    const std::string expected = std::to_string(names_.size());
    if (columns_.index != kNone && cell(columns_.index) != expected) {
      throw DataError(file_, place,
                      "index '" + cell(columns_.index) + "', expected " + expected +
                          ": lines stand in the order of the network's outputs");
    }
    const std::string name = cell(columns_.name);
    names_.push_back(name.empty() || name == folder ? folder : folder + " " + name);
  }

  std::string file_;
  Columns columns_;
  std::set<std::string> folders_;
  std::vector<std::string> names_;
};

class Renumbered final : public DatasetView {
 public:
  Renumbered(std::shared_ptr<const Dataset> whole, std::vector<int> labels,
             const std::vector<std::string>& names)
      : DatasetView(std::move(whole)), labels_(std::move(labels)) {
    class_names_ = names;
  }

  int label(std::int64_t i) const override { return labels_[whole().label(i)]; }

 private:
  std::vector<int> labels_;  // per class of the whole
};

// Indices by name, and by what stands before the first space of a name. An ambiguous one is kNone.
class NameIndex {
 public:
  explicit NameIndex(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const int index = static_cast<int>(count_++);
      const auto add = [index](auto& map, const std::string& key) {
        const auto [at, is_new] = map.emplace(key, index);
        if (!is_new) at->second = kNone;
      };
      add(whole_, name);
      add(first_word_, name.substr(0, name.find(' ')));
    }
  }

  int find(const std::string& name) const {
    const auto exact = whole_.find(name);
    if (exact != whole_.end()) return exact->second;
    const auto begun = first_word_.find(name);
    return begun == first_word_.end() ? kNone : begun->second;
  }

 private:
  std::size_t count_ = 0;
  std::unordered_map<std::string, int> whole_;
  std::unordered_map<std::string, int> first_word_;
};

}  // namespace

std::vector<std::string> read_class_list(const std::filesystem::path& path) {
  return ListReader(path).names();
}

std::optional<std::vector<int>> match_classes(const std::vector<std::string>& own,
                                              const std::vector<std::string>& names) {
  const NameIndex index(names);
  std::vector<int> labels;
  for (const std::string& name : own) labels.push_back(index.find(name));
  const std::set<int> different(labels.begin(), labels.end());
  if (different.contains(kNone) || different.size() < labels.size()) return std::nullopt;
  return labels;
}

std::shared_ptr<const Dataset> with_classes(std::shared_ptr<const Dataset> dataset,
                                            const std::vector<std::string>& names,
                                            const std::string& source) {
  const std::vector<std::string>& own = dataset->class_names();
  auto labels = match_classes(own, names);
  if (labels) return std::make_shared<Renumbered>(std::move(dataset), std::move(*labels), names);
  const NameIndex index(names);
  for (const std::string& name : own) {
    if (index.find(name) != kNone) continue;
    throw DataError(source, "",
                    "class '" + name + "' of the data set is not among the " +
                        std::to_string(names.size()) + " classes");
  }
  throw DataError(source, "", "two classes of the data set are one of these");
}

}  // namespace trispike::data
