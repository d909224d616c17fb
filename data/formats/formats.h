// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The forms of data sets: one file each. Members as in DatasetFormat.
#pragma once

#include <optional>

#include "trispike/data/dataset.h"

namespace trispike::data {

/// Normalisation constants of well-known data sets.
Normalisation cifar10_normalisation();
Normalisation cifar100_normalisation();
Normalisation mnist_normalisation();
Normalisation fashion_mnist_normalisation();
Normalisation imagenet_normalisation();

/// In the order of the labels, spelled as in the files that come with the data sets.
const std::vector<std::string>& cifar10_class_names();
const std::vector<std::string>& cifar100_fine_names();
const std::vector<std::string>& cifar100_coarse_names();

namespace idx {
bool probe(const std::filesystem::path& path);
std::vector<Split> splits(const std::filesystem::path& path);
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options);

/// What a single IDX file holds.
struct Contents {
  std::vector<std::uint32_t> shape;  ///< of three numbers (pictures) or one (labels)
  std::vector<std::uint8_t> values;
};
bool is_idx_name(const std::string& file_name);
/// Reads a file of unsigned bytes. Throws DataError if it is damaged, truncated or of another kind.
Contents read(const std::filesystem::path& path);
}  // namespace idx

namespace cifar10 {
bool probe(const std::filesystem::path& path);
std::vector<Split> splits(const std::filesystem::path& path);
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options);
}  // namespace cifar10

namespace cifar100 {
bool probe(const std::filesystem::path& path);
std::vector<Split> splits(const std::filesystem::path& path);
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options);
}  // namespace cifar100

/// The same files with the 20 coarse labels. "auto" never gets here, cifar100 comes first.
namespace cifar100_coarse {
bool probe(const std::filesystem::path& path);
std::vector<Split> splits(const std::filesystem::path& path);
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options);
}  // namespace cifar100_coarse

/// One .bin file of CIFAR records as a data set; `classes` is 10 or 100 (fine labels).
std::unique_ptr<Dataset> open_cifar_file(const std::filesystem::path& path, int classes);

namespace dvs_gesture {
bool probe(const std::filesystem::path& path);
std::vector<Split> splits(const std::filesystem::path& path);
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options);
}  // namespace dvs_gesture

namespace event_folder {
bool probe(const std::filesystem::path& path);
std::vector<Split> splits(const std::filesystem::path& path);
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options);
}  // namespace event_folder

namespace event_list {
bool probe(const std::filesystem::path& path);
std::vector<Split> splits(const std::filesystem::path& path);
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options);
}  // namespace event_list

namespace cifar10_dvs {
bool probe(const std::filesystem::path& path);
std::vector<Split> splits(const std::filesystem::path& path);
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options);
/// Whether recording cifar10_<class>_<number>.aedat belongs to the test split; `label` as in
/// cifar10_class_names(), `number` in [0, 1000).
bool in_test_split(int label, int number);
}  // namespace cifar10_dvs

namespace image_folder {
bool probe(const std::filesystem::path& path);
std::vector<Split> splits(const std::filesystem::path& path);
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options);
}  // namespace image_folder

}  // namespace trispike::data
