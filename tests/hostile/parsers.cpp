// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "hostile/parsers.h"

#include <algorithm>

#include "data/event_fixtures.h"
#include "hostile/repair.h"
#include "hostile/seeds.h"
#include "trispike/data/check.h"
#include "trispike/data/class_list.h"
#include "trispike/data/codec.h"
#include "trispike/data/dataset.h"
#include "trispike/data/event_labels.h"
#include "trispike/data/events.h"
#include "trispike/interop/convert.h"
#include "trispike/interop/state_dict.h"
#include "trispike/model/error.h"
#include "trispike/model/input_tensor.h"
#include "trispike/model/model_data.h"
#include "trispike/model/safetensors.h"
#include "trispike/train/recipe.h"

namespace trispike::hostile {
namespace {

namespace fs = std::filesystem;

// Models and recipes.

void parse_model(const Input& input) { model::read_model(input.on_disk().string()); }

void parse_checkpoint(const Input& input) {
  const model::ModelData checkpoint = model::read_model(input.on_disk().string());
  const auto recipe = checkpoint.extra_metadata.find("checkpoint.recipe");
  if (recipe == checkpoint.extra_metadata.end()) {
    throw FormatError(input.name(), 0, "holds no checkpoint.recipe");
  }
  train::parse_recipe(recipe->second, {}, input.name());
}

void parse_safetensors(const Input& input) {
  const model::Safetensors contents = model::read_safetensors(input.on_disk().string());
  for (const auto& [name, tensor] : contents.tensors) {
    if (tensor.dtype == model::DType::kF32 || tensor.dtype == model::DType::kF64) {
      tensor.to_double();
    }
  }
}

// What `predict --tensor` reads, for the seeds' network of either kind of input.
void parse_input_tensor(const Input& input, model::InputKind kind) {
  model::read_input_tensor(input.on_disk().string(), input_tensor_network(kind));
}

Parser input_tensor_parser(const std::string& name, model::InputKind kind) {
  return {.name = name,
          .file = "x.safetensors",
          .seeds = [kind] { return input_tensor_seeds(kind); },
          .parse = [kind](const Input& input) { parse_input_tensor(input, kind); }};
}

void parse_network(const Input& input) { model::network_from_json(input.text(), input.name()); }

void parse_recipe(const Input& input) { train::load_recipe(input.on_disk().string(), {}); }

// Pictures and data sets.

void parse_picture(const Input& input) { data::decode_image(input.bytes(), input.name()); }

void read_all(const data::Dataset& dataset) {
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    if (dataset.label(i) < 0 || dataset.label(i) >= dataset.num_classes()) {
      throw std::logic_error(dataset.name(i) + ": label out of range");
    }
    dataset.image(i);
  }
}

void read_test_split(const fs::path& path, const std::string& format) {
  read_all(*data::open_dataset(path, data::Split::kTest, {.format = format}));
}

void parse_idx(const Input& input) { read_test_split(input.on_disk().parent_path(), "idx"); }

void parse_cifar10(const Input& input) {
  read_test_split(input.on_disk().parent_path(), "cifar10");
}

void parse_cifar100(const Input& input) {
  read_test_split(input.on_disk().parent_path(), "cifar100");
}

void parse_cifar100_coarse(const Input& input) {
  read_test_split(input.on_disk().parent_path(), "cifar100_coarse");
}

void parse_tar(const Input& input) { read_test_split(input.on_disk(), "image_folder"); }

void check_tar(const Input& input) {
  const data::CheckReport report = data::check(input.on_disk());
  if (!report.ok) throw data::DataError(input.name(), "check", report.problems.front());
}

void parse_class_list(const Input& input) { data::read_class_list(input.on_disk()); }

// A list for the folders beside it, as `eval --classes` takes it.
void parse_classes_of_folders(const Input& input) {
  const std::vector<std::string> names = data::read_class_list(input.on_disk());
  read_all(*data::with_classes(
      data::open_dataset(input.on_disk().parent_path(), data::Split::kTest), names, input.name()));
}

void cifar10_folder(const fs::path& folder) { data::make_cifar(folder, false, 3, 1); }
void cifar100_folder(const fs::path& folder) { data::make_cifar(folder, true, 3, 1); }

void image_folder(const fs::path& folder) { data::make_image_folder(folder, 2, 1); }

void idx_folder(const fs::path& folder) { data::make_idx(folder, 3, 2); }

void idx_folder_without_images(const fs::path& folder) {
  idx_folder(folder);
  fs::remove(folder / "t10k-images-idx3-ubyte");
}

// Events.

void parse_events(const Input& input, const std::string& format) {
  // Not read_events(): a recording is for reading piece by piece.
  data::summarise_events(*data::open_events(input.on_disk(), format));
}

void parse_event_labels(const Input& input) { data::read_event_labels(input.on_disk()); }

Parser event_parser(const data::EventFormat& format) {
  const std::string name(format.name);
  std::string identifier = "events_" + name;
  std::ranges::replace(identifier, '-', '_');
  return {.name = identifier,
          .file = data::event_sample(name).file,
          .seeds = [name] { return event_seeds(name); },
          .parse = [name](const Input& input) { parse_events(input, name); }};
}

void read_all_events(const data::Dataset& dataset) {
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    if (dataset.label(i) < 0 || dataset.label(i) >= dataset.num_classes()) {
      throw std::logic_error(dataset.name(i) + ": label out of range");
    }
    dataset.decode(i);
  }
}

void read_test_events(const fs::path& path, const std::string& format) {
  read_all_events(*data::open_dataset(path, data::Split::kTest, {.format = format}));
}

void parse_event_list(const Input& input) {
  read_all_events(*data::open_dataset(input.on_disk(), data::Split::kTrain));
}

void parse_event_tar(const Input& input) { read_test_events(input.on_disk(), "event_folder"); }

void parse_cifar10_dvs(const Input& input) {
  // The recording stands in the folder of its class.
  read_test_events(input.on_disk().parent_path().parent_path(), "cifar10_dvs");
}

void parse_cifar10_dvs_tar(const Input& input) { read_test_events(input.on_disk(), "cifar10_dvs"); }

void parse_dvs_gesture(const Input& input) {
  read_test_events(input.on_disk().parent_path(), "dvs_gesture");
}

void dvs_gesture_folder(const fs::path& folder) {
  data::save(folder / "user01.aedat", data::event_sample("aedat3").bytes);
  data::save(folder / "user01_labels.csv", gesture_label_seeds().front());
  data::save(folder / "trials_to_test.txt", gesture_list_seeds().front());
}

void event_list_folder(const fs::path& folder) {
  const data::EventSample sample = data::event_sample("nmnist");
  data::save(folder / "a.bin", sample.bytes);
}

// Other programs' weights.

void parse_torch(const Input& input) { interop::read_state_dict(input.on_disk().string()); }

void parse_official_weights(const Input& input) {
  const interop::ImportOptions options{.layout = "official",
                                       .network = "resnet20",
                                       .spikes = model::NeuronKind::kTernary,
                                       .time_steps = 2,
                                       .input = {3, 8, 8},
                                       .preprocessing = {}};
  interop::import_model(interop::read_state_dict(input.on_disk().string()).tensors, options,
                        input.name());
}

std::vector<Parser> all_parsers() {
  std::vector<Parser> all = {
      {"model", "x.safetensors", model_seeds, parse_model, nullptr, repair_digests},
      {"checkpoint", "x.safetensors", checkpoint_seeds, parse_checkpoint, nullptr, repair_digests},
      {"safetensors", "x.safetensors", safetensors_seeds, parse_safetensors},
      input_tensor_parser("input_tensor", model::InputKind::kStatic),
      input_tensor_parser("input_tensor_frames", model::InputKind::kFrames),
      {"network_json", "network.json", network_seeds, parse_network},
      {"recipe", "recipe.toml", recipe_seeds, parse_recipe},
      {"jpeg", "x.jpg", jpeg_seeds, parse_picture},
      {"png", "x.png", png_seeds, parse_picture, nullptr, repair_png},
      {"idx_images", "t10k-images-idx3-ubyte", idx_image_seeds, parse_idx, idx_folder},
      {"idx_images_gz", "t10k-images-idx3-ubyte.gz", idx_gzip_seeds, parse_idx,
       idx_folder_without_images},
      {"idx_labels", "t10k-labels-idx1-ubyte", idx_label_seeds, parse_idx, idx_folder},
      {"cifar10", "test_batch.bin", cifar10_seeds, parse_cifar10, cifar10_folder},
      {"cifar10_names", "batches.meta.txt", cifar10_name_seeds, parse_cifar10, cifar10_folder},
      {"cifar100", "test.bin", cifar100_seeds, parse_cifar100, cifar100_folder},
      {"cifar100_coarse", "test.bin", cifar100_seeds, parse_cifar100_coarse, cifar100_folder},
      {"cifar100_names", "fine_label_names.txt", cifar100_name_seeds, parse_cifar100,
       cifar100_folder},
      {"image_tar", "x.tar", tar_seeds, parse_tar, nullptr, repair_tar},
      {"image_tar_check", "x.tar", tar_seeds, check_tar, nullptr, repair_tar},
      {"class_list", "classes.tsv", class_list_seeds, parse_class_list},
      {"classes_of_folders", "classes.tsv", folder_class_seeds, parse_classes_of_folders,
       image_folder},
      {"event_list", "list.tsv", event_list_seeds, parse_event_list, event_list_folder},
      {"event_labels", "labels.csv", event_label_seeds, parse_event_labels},
      {"event_tar", "x.tar", event_tar_seeds, parse_event_tar, nullptr, repair_tar},
      {"cifar10_dvs", "airplane/cifar10_airplane_0.aedat", cifar10_dvs_seeds, parse_cifar10_dvs},
      {"cifar10_dvs_tar", "x.tar", cifar10_dvs_tar_seeds, parse_cifar10_dvs_tar, nullptr,
       repair_tar},
      {"dvs_gesture", "user01.aedat", gesture_seeds, parse_dvs_gesture, dvs_gesture_folder},
      {"dvs_gesture_labels", "user01_labels.csv", gesture_label_seeds, parse_dvs_gesture,
       dvs_gesture_folder},
      {"dvs_gesture_list", "trials_to_test.txt", gesture_list_seeds, parse_dvs_gesture,
       dvs_gesture_folder},
      {"official_weights", "weights.safetensors", official_weight_seeds, parse_official_weights},
      {"torch", "weights.pth", torch_seeds, parse_torch, nullptr, repair_zip},
  };
  for (const data::EventFormat& format : data::event_formats()) all.push_back(event_parser(format));
  return all;
}

}  // namespace

std::string Input::text() const {
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

const fs::path& Input::on_disk() const {
  data::save(path_, bytes_);
  return path_;
}

std::span<const Parser> parsers() {
  static const std::vector<Parser> all = all_parsers();
  return all;
}

}  // namespace trispike::hostile
