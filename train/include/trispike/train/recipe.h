// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A recipe: everything that determines a training run, read from TOML. Every key is checked, any
// key can be overridden (`train.epochs=30`), the resolved recipe is stored in checkpoints and model
// files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trispike/data/folds.h"
#include "trispike/data/frames.h"
#include "trispike/model/networks.h"

namespace trispike::train {

enum class Optimizer { kSgd, kAdamW };
enum class Schedule { kConstant, kCosine, kStep };
/// auto: bf16 where the processor or GPU has it; float16: on a GPU only, with loss scaling
enum class Precision { kFloat32, kBFloat16, kFloat16, kAuto };
enum class Augmentation { kNone, kAutoAugmentCifar10 };
enum class SelectOn { kValidation, kTest, kLast };
/// What the firing-rate objective counts: neurons that fire, or the additions that they cause.
enum class RateOf { kNeurons, kOperations };

/// [network] and [neuron]. Zeros in `options` (classes, input size) stand for those of the data
/// set, which also decides `input_kind`: the trainer fills them in.
struct NetworkSection {
  std::string name = "resnet20";
  model::NetworkOptions
      options;  ///< `network.neuron` is the kind of neuron, [neuron] its constants
  std::string preset = "official_code";  ///< constants that hold where [neuron] says nothing
};

/// [data]
struct DataSection {
  std::string format = "auto";  ///< as data::open_dataset takes it
  /// Cross-validation instead of the data set's own splits; folds 0: none.
  data::Fold fold;
  double validation_fraction = 0.1;  ///< of the training set, split off by class and seed; in [0,
                                     ///< 0.5]; none if the test set selects
  std::string classes;  ///< file of data::read_class_list; empty: classes as in the data set
  bool random_resized_crop = false;  ///< train on random parts, as data::random_resized_crop
  int eval_resize = 0;   ///< evaluate as data::resize_and_center_crop with this; 0: data::fit_to
  int crop_padding = 0;  ///< random crop after zero padding by this many pixels
  bool flip = false;     ///< random horizontal flip
  Augmentation augment = Augmentation::kNone;
  int cutout = 0;  ///< side of the square set to 0; 0 = off
  int roll = 0;    ///< of event frames: random cyclic shift by up to so many pixels; 0 = off
  /// How event recordings become frames; the trainer fills in time steps and sensor.
  data::FrameOptions frames;
  std::vector<double> mean, std;   ///< per channel; empty: of the data set kind
  std::int64_t train_samples = 0;  ///< use only so many training samples, drawn by seed; 0 = all
  int workers = 1;                 ///< loader threads
  bool skip_bad = false;           ///< leave out samples that cannot be read
};

/// [train]
struct TrainSection {
  int epochs = 10;
  std::int64_t batch_size = 128;
  Optimizer optimizer = Optimizer::kSgd;
  double learning_rate = 0.1;
  double momentum = 0.9;  ///< AdamW: beta1
  bool nesterov = false;
  double weight_decay = 1e-4;  ///< on convolution and linear weights only
  Schedule schedule = Schedule::kCosine;
  std::vector<int>
      step_epochs;            ///< schedule "step": epochs after which the rate is multiplied by ...
  double step_factor = 0.1;   ///< ... this
  int warmup_iterations = 0;  ///< linear from 0
  double label_smoothing = 0.0;
  double firing_rate_target = 0.0;  ///< 0 = off; else the mean firing rate wanted, in (0, 1)
  /// Targets of spiking layers or groups of them, in (0, 1], by name; a name that others begin
  /// with, followed by a dot, is that of a group. In addition to firing_rate_target.
  std::map<std::string, double> firing_rate_targets;
  double firing_rate_weight = 1.0;  ///< how fast the weights of these objectives are adjusted
  RateOf firing_rate_of = RateOf::kNeurons;
  std::string initial_weights;       ///< model file of stage `trained`; empty: drawn by seed
  std::string teacher;               ///< model file of stage `trained`; empty: none
  double teacher_weight = 0.5;       ///< its part of the loss, in (0, 1]
  double teacher_temperature = 2.0;  ///< of both networks' answers, > 0
  double average_decay = 0.0;        ///< of the weights that are kept; 0 = those of the last update
  int weight_bits =
      0;              ///< weights are rounded as for integers of so many: 6, 7, 8; 0: they are not
  int recompute = 0;  ///< neuron layers to a stretch that backward computes again; 0: none
  Precision precision = Precision::kAuto;
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0 = all cores
  SelectOn select_on = SelectOn::kValidation;
  int checkpoint_minutes =
      5;              ///< a checkpoint in mid-epoch at least this often; 0 = epoch ends only
  bool fused = true;  ///< false: the op-by-op reference neurons
};

struct Recipe {
  NetworkSection network;
  DataSection data;
  TrainSection train;
};

/// Parses TOML text, then applies `key=value` overrides in order (values in TOML syntax; a bare
/// word is a string). `network.neuron` and `network.preset` give all constants of the neuron, those
/// in [neuron] are applied on top, in whatever order they are written. Throws ConfigError with the
/// key, where it stands (`file` names the text), the value found and what was expected; an unknown
/// key suggests the nearest valid one.
Recipe parse_recipe(const std::string& toml, const std::vector<std::string>& overrides,
                    const std::string& file = "recipe");
/// parse_recipe of a file. Throws IoError if it cannot be read.
Recipe load_recipe(const std::string& path, const std::vector<std::string>& overrides);

/// The complete recipe as TOML; parse_recipe(to_toml(r), {}) gives r again.
std::string to_toml(const Recipe& recipe);

/// Every valid key with its meaning, for help and docs.
struct RecipeKey {
  std::string key;
  std::string default_value;
  std::string meaning;
};
std::vector<RecipeKey> recipe_keys();

/// Learning rate of iteration `i` (0-based), `per_epoch` of them an epoch. While i <
/// warmup_iterations it is learning_rate * (i + 1) / warmup_iterations. After that: `constant`;
/// `cosine`, learning_rate * (1 + cos(pi * i / total)) / 2 over all iterations, those of the
/// warm-up included; or `step`.
double learning_rate(const TrainSection& train, std::int64_t i, std::int64_t per_epoch);

}  // namespace trispike::train
