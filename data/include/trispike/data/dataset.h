// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Labelled pictures or event recordings, whatever form they are stored in. One file per form in
// data/formats/, one line each in `dataset_formats()`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trispike/data/codec.h"
#include "trispike/data/error.h"
#include "trispike/data/image.h"
#include "trispike/data/recording.h"

namespace trispike::data {

enum class Split { kTrain, kTest };

std::string_view split_name(Split split);  ///< "train" or "test"

/// One split of a data set. All members are const and may be called from several threads at once.
class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual std::int64_t size() const = 0;  ///< number of samples
  /// Class of sample `i`, in [0, num_classes()). `i` must be in [0, size()), here and below.
  virtual int label(std::int64_t i) const = 0;
  /// Whether the samples are event recordings, read with events(); else they are pictures, read
  /// with image().
  bool has_events() const { return has_events_; }
  /// Decodes picture `i`; it has channels() channels. Throws DataError naming the picture.
  virtual Image image(std::int64_t i) const = 0;
  /// Decodes recording `i`. Throws DataError naming it.
  virtual EventRecording events(std::int64_t i) const;
  /// Decodes sample `i`, whatever it is, and forgets it. Throws DataError as they do.
  void decode(std::int64_t i) const;
  /// Where sample `i` comes from, for messages: a path, an entry of an archive, a record of a
  /// file.
  virtual std::string name(std::int64_t i) const = 0;

  int num_classes() const { return static_cast<int>(class_names_.size()); }
  const std::vector<std::string>& class_names() const { return class_names_; }
  int channels() const { return channels_; }  ///< 2 (polarities) for events
  int height() const { return height_; }      ///< 0 if pictures vary; of the sensor for events
  int width() const { return width_; }        ///< likewise
  std::string_view format() const { return format_; }
  Split split() const { return split_; }
  /// The statistics customary for this data set, of channels() channels.
  const Normalisation& normalisation() const { return normalisation_; }
  /// One line: format, split, count, size of the pictures, classes.
  std::string describe() const;
  /// More lines for a person: what else is stored here, and how to get at it.
  virtual std::vector<std::string> notes() const { return {}; }

 protected:
  Dataset(std::string_view format, Split split) : format_(format), split_(split) {}

  std::vector<std::string> class_names_;
  Normalisation normalisation_;
  bool has_events_ = false;
  int channels_ = 0;
  int height_ = 0;
  int width_ = 0;

 private:
  std::string_view format_;
  Split split_;
};

/// "20 classes (fish, trees, ...)": the first names of many.
std::string describe_classes(const std::vector<std::string>& names);

struct DatasetOptions {
  std::string format =
      "auto";  ///< a name of dataset_formats(), or "auto": the first that fits the path
  DecodeOptions decode = {};
  /// Decoded pictures of one small size are kept in memory if the whole split needs at most this
  /// much.
  std::int64_t cache_bytes = std::int64_t{1} << 30;
};

/// A form in which data sets are stored.
struct DatasetFormat {
  std::string_view name;
  std::string_view summary;
  /// Whether the path looks like this form, by names and kinds of files only.
  bool (*probe)(const std::filesystem::path& path);
  /// The splits that are there, at least one of a path that `probe` accepts; training only where
  /// the two are not told apart. Throws as `open` does.
  std::vector<Split> (*splits)(const std::filesystem::path& path);
  std::unique_ptr<Dataset> (*open)(const std::filesystem::path& path, Split split,
                                   const DatasetOptions& options);
};

/// In the order in which "auto" tries them.
std::span<const DatasetFormat> dataset_formats();

/// The row called `name`, or for "auto" the first that fits `path`. Throws DataError if nothing is
/// there or no format fits.
const DatasetFormat& find_format(const std::filesystem::path& path,
                                 const std::string& name = "auto");

/// Opens one split. Throws DataError if nothing is there, no format fits, or the files are damaged.
///
/// `idx` and `cifar*` are read into memory. `image_folder` is a folder or an uncompressed tar with
/// <class>/<picture>, or train/ and test/ (or val/) with that inside; classes are numbered in the
/// order of their names; without those two folders either split is the whole. Its pictures have 3
/// channels, and their common size is judged by the headers of 64 of them.
std::unique_ptr<Dataset> open_dataset(const std::filesystem::path& path, Split split,
                                      const DatasetOptions& options = {});

/// Indices of a data set in two parts, each ascending.
struct TrainValidation {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> validation;
};

/// Draws `fraction` (in [0, 1)) of each class, rounded to the nearest count, as validation part.
/// The draw depends on `seed` only, not on the machine. Throws DataError if the fraction is out of
/// range.
TrainValidation stratified_split(const Dataset& dataset, double fraction, std::uint64_t seed);

}  // namespace trispike::data
