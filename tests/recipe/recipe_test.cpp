// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

using model::NeuronKind;
using model::SurrogateKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The ConfigError that parsing ends in.
ConfigError error_of(const std::string& toml, const std::vector<std::string>& overrides = {}) {
  try {
    parse_recipe(toml, overrides, "r.toml");
  } catch (const ConfigError& error) {
    return error;
  }
  ADD_FAILURE() << "no error for: " << toml;
  return {"", ""};
}

TEST(Recipe, EmptyTextGivesTheDefaults) {
  const Recipe recipe = parse_recipe("", {});
  EXPECT_EQ(recipe.network.name, "resnet20");
  EXPECT_EQ(recipe.train.epochs, 10);
  EXPECT_EQ(recipe.train.select_on, SelectOn::kValidation);
  EXPECT_EQ(to_toml(recipe), to_toml(Recipe{}));
}

TEST(Recipe, ReadsEverySection) {
  const Recipe recipe = parse_recipe(R"(
    [network]
    name = "resnet19"
    width = 32
    input = [1, 28, 28]
    neuron = "trainable_ternary"
    preset = "paper"
    [neuron]
    reset = "soft"
    [data]
    mean = [0.5]
    std = [0.25]
    augment = "autoaugment-cifar10"
    [train]
    optimizer = "adamw"
    schedule = "step"
    step_epochs = [3, 5]
    precision = "bfloat16"
    seed = 9223372036854775807
  )",
                                     {});
  EXPECT_EQ(recipe.network.name, "resnet19");
  EXPECT_EQ(recipe.network.options.width, 32);
  EXPECT_EQ(recipe.network.options.input, (model::MapShape{1, 28, 28}));
  EXPECT_EQ(recipe.network.options.neuron.kind, NeuronKind::kTrainableTernary);
  EXPECT_EQ(recipe.network.options.neuron.threshold, 1.0);
  EXPECT_EQ(recipe.network.options.neuron.reset, model::ResetMode::kSoft);
  EXPECT_THAT(recipe.data.mean, ElementsAre(0.5));
  EXPECT_EQ(recipe.data.augment, Augmentation::kAutoAugmentCifar10);
  EXPECT_EQ(recipe.train.optimizer, Optimizer::kAdamW);
  EXPECT_THAT(recipe.train.step_epochs, ElementsAre(3, 5));
  EXPECT_EQ(recipe.train.precision, Precision::kBFloat16);
  EXPECT_EQ(recipe.train.seed, 9223372036854775807u);
}

TEST(Recipe, NeuronOptionsHoldAgainstThePresetInAnyOrder) {
  const std::string neuron = "[neuron]\nthreshold = 0.75\n";
  const std::string network = "[network]\npreset = \"paper\"\nneuron = \"binary\"\n";
  for (const std::string& toml : {neuron + network, network + neuron}) {
    const model::NeuronSpec spec = parse_recipe(toml, {}).network.options.neuron;
    EXPECT_EQ(spec.kind, NeuronKind::kBinary);
    EXPECT_EQ(spec.threshold, 0.75);
    EXPECT_FALSE(spec.strict);
  }
  const model::NeuronSpec overridden =
      parse_recipe(neuron, {"network.preset=paper"}).network.options.neuron;
  EXPECT_EQ(overridden.threshold, 0.75);
}

TEST(Recipe, PresetOfTheAuthorsCodeFiresStrictlyForBinaryOnly) {
  EXPECT_TRUE(parse_recipe("", {"network.neuron=binary"}).network.options.neuron.strict);
  EXPECT_FALSE(parse_recipe("", {"network.neuron=ternary"}).network.options.neuron.strict);
  EXPECT_EQ(parse_recipe("", {}).network.options.neuron.threshold, 0.5);
}

TEST(Recipe, NamingASurrogateSetsItsDefaultWidth) {
  const auto surrogate = [](const std::string& toml) {
    return parse_recipe(toml, {}).network.options.neuron.surrogate;
  };
  EXPECT_EQ(surrogate("neuron.surrogate = \"rectangle\""),
            (model::SurrogateSpec{SurrogateKind::kRectangle, 0.5}));
  EXPECT_EQ(surrogate("neuron.surrogate_width = 2\nneuron.surrogate = \"rectangle\""),
            (model::SurrogateSpec{SurrogateKind::kRectangle, 2.0}));
}

TEST(Recipe, OverridesApplyInOrderWithTomlValuesOrBareWords) {
  const Recipe recipe = parse_recipe(
      "[train]\nepochs = 1",
      {"train.epochs=2", "train.epochs=30", "train.fused=false", "train.learning_rate=1e-3",
       "network.neuron=binary", "data.mean=[0.1, 0.2]", "data.std=[1, 2]", "data.format=\"idx\""});
  EXPECT_EQ(recipe.train.epochs, 30);
  EXPECT_FALSE(recipe.train.fused);
  EXPECT_EQ(recipe.train.learning_rate, 1e-3);
  EXPECT_EQ(recipe.network.options.neuron.kind, NeuronKind::kBinary);
  EXPECT_THAT(recipe.data.mean, ElementsAre(0.1, 0.2));
  EXPECT_EQ(recipe.data.format, "idx");
}

TEST(Recipe, OverridesThatCannotBeRead) {
  EXPECT_THAT(error_of("", {"train.epochs"}).what(), HasSubstr("expected key=value"));
  EXPECT_THAT(error_of("", {"=3"}).what(), HasSubstr("expected key=value"));
  EXPECT_THAT(error_of("", {"data.format=a b"}).what(), HasSubstr("not valid TOML"));
  EXPECT_THAT(error_of("", {"data.format="}).what(), HasSubstr("not valid TOML"));
  EXPECT_THAT(error_of("", {"train.epochs=1\nx=2"}).what(), HasSubstr("not valid TOML"));
  EXPECT_THAT(error_of("", {"train.epochs=ten"}).what(),
              HasSubstr("train.epochs: override 'train.epochs=ten': expected an integer in "
                        "[1, 1000000], found 'ten'"));
}

TEST(Recipe, NamesWithNumbersAreTables) {
  const std::map<std::string, double> expected{{"stage1", 0.2}, {"stage4.1.neuron2", 1.0}};
  for (const char* toml : {"train.firing_rate_targets = { stage1 = 0.2, \"stage4.1.neuron2\" = 1 }",
                           "[train.firing_rate_targets]\nstage1 = 0.2\nstage4.1.neuron2 = 1.0",
                           "[train]\nfiring_rate_targets.stage1 = 0.2\n"
                           "firing_rate_targets.stage4.1.neuron2 = 1"}) {
    EXPECT_EQ(parse_recipe(toml, {}).train.firing_rate_targets, expected) << toml;
  }
  const std::string set = "train.firing_rate_targets={stage1=0.2,stage4.1.neuron2=1.0}";
  EXPECT_EQ(
      parse_recipe("train.firing_rate_targets = { stem = 0.1 }", {set}).train.firing_rate_targets,
      expected);
  EXPECT_THAT(error_of("train.firing_rate_targets = { stage1 = 0.0 }").what(),
              HasSubstr("r.toml:1:29: expected a table of names, each with a number in (0, 1], "
                        "found { stage1 = 0.0 }"));
  for (const char* wrong : {"{ a = 1.1 }", "{ a = true }", "{ a = [0.1] }", "0.2", "[0.1]",
                            "{ \"a.b\" = 0.1, a.b = 0.2 }"}) {
    EXPECT_EQ(error_of(std::string("train.firing_rate_targets = ") + wrong).key(),
              "train.firing_rate_targets")
        << wrong;
  }
}

TEST(Recipe, UnknownKeysSuggestTheNearest) {
  const auto suggestion = [](const std::string& key) {
    return std::string(error_of("", {key + "=1"}).what());
  };
  EXPECT_THAT(suggestion("train.epoch"), HasSubstr("did you mean 'train.epochs'?"));
  EXPECT_THAT(suggestion("epochs"), HasSubstr("did you mean 'train.epochs'?"));
  EXPECT_THAT(suggestion("train.lerning_rate"), HasSubstr("'train.learning_rate'"));
  EXPECT_THAT(suggestion("train.augment"), HasSubstr("'data.augment'"));
  EXPECT_THAT(suggestion("network.neuron.threshold"), HasSubstr("'neuron.threshold'"));
  EXPECT_THAT(suggestion(std::string(5000, 'x')), HasSubstr("did you mean"));
  const ConfigError error = error_of("[train]\nepochs = 1\n  batch = 3\n");
  EXPECT_EQ(error.key(), "train.batch");
  EXPECT_THAT(error.what(), HasSubstr("r.toml:3:"));
}

TEST(Recipe, ValuesOfAnotherTypeAreErrors) {
  EXPECT_THAT(error_of("[train]\nepochs = 2.0").what(),
              HasSubstr("r.toml:2:10: expected an integer in [1, 1000000], found 2.0"));
  EXPECT_THAT(error_of("train.fused = 1").what(), HasSubstr("expected true or false, found 1"));
  EXPECT_THAT(error_of("train.learning_rate = true").what(), HasSubstr("expected a number > 0"));
  EXPECT_THAT(error_of("train.seed = \"0\"").what(), HasSubstr("expected an integer >= 0"));
  EXPECT_THAT(error_of("train.step_epochs = 3").what(), HasSubstr("expected a list of integers"));
  EXPECT_THAT(error_of("data.mean = [\"a\"]").what(), HasSubstr("expected a list of numbers"));
  EXPECT_THAT(error_of("data.format = 1979-05-27").what(), HasSubstr("expected a string"));
  EXPECT_EQ(parse_recipe("train.learning_rate = 1", {}).train.learning_rate, 1.0);
}

TEST(Recipe, ValuesOutOfRangeAreErrors) {
  for (const char* setting : {"train.epochs = 0",
                              "train.epochs = 99999999999",
                              "train.learning_rate = 0",
                              "train.learning_rate = nan",
                              "train.learning_rate = inf",
                              "train.momentum = 1",
                              "train.label_smoothing = -0.1",
                              "train.firing_rate_target = 1.0",
                              "train.weight_bits = 5",
                              "train.weight_bits = 9",
                              "train.seed = -1",
                              "train.step_factor = 0.0",
                              "data.validation_fraction = 0.6",
                              "data.folds = -1",
                              "data.fold = -1",
                              "data.std = [0.0]",
                              "data.workers = 0",
                              "data.frame_size = [48]",
                              "data.frame_size = [48, 0]",
                              "data.frame_size = [48, -48]",
                              "data.roll = -1",
                              "network.width = -1",
                              "network.time_steps = 0",
                              "network.input = [3, 32]",
                              "network.input = [3, 0, 32]",
                              "network.input = [3, 32, 70000]",
                              "neuron.threshold = 0",
                              "neuron.decay = 1.5",
                              "neuron.surrogate_width = 0"}) {
    const std::string text = setting;
    EXPECT_EQ(error_of(text).key(), text.substr(0, text.find(' '))) << setting;
  }
}

TEST(Recipe, NamesThatDoNotExistListThoseThatDo) {
  EXPECT_THAT(error_of("network.name = \"resnet21\"").what(),
              testing::AllOf(HasSubstr("\"resnet20\""), HasSubstr("found 'resnet21'")));
  EXPECT_THAT(error_of("network.neuron = \"quaternary\"").what(),
              HasSubstr("\"binary\", \"ternary\", \"trainable_ternary\", \"relu\""));
  EXPECT_THAT(error_of("train.schedule = \"cos\"").what(),
              HasSubstr("one of \"constant\", \"cosine\", \"step\", found 'cos'"));
}

TEST(Recipe, SyntaxErrorsAreLocated) {
  EXPECT_THAT(error_of("[train]\nepochs = = 3\n").what(), HasSubstr("r.toml:2:10"));
  EXPECT_THAT(error_of("[train\n").what(), HasSubstr("r.toml:1:"));
  EXPECT_THAT(error_of("a = \"\xff\"").what(), HasSubstr("r.toml:1:"));
  EXPECT_THAT(error_of(std::string(100000, '[')).what(), HasSubstr("r.toml:1:"));
}

TEST(Recipe, TheAnnTwinRunsForOneTimeStep) {
  const ConfigError error = error_of("", {"network.neuron=relu"});
  EXPECT_EQ(error.key(), "network.time_steps");
  EXPECT_THAT(error.what(), HasSubstr("--set network.time_steps=1"));
  const Recipe twin = parse_recipe("", {"network.neuron=relu", "network.time_steps=1"});
  EXPECT_EQ(twin.network.options.neuron.kind, NeuronKind::kRelu);
  EXPECT_EQ(
      error_of("", {"network.neuron=relu", "network.time_steps=1", "train.firing_rate_target=0.2"})
          .key(),
      "train.firing_rate_target");
  EXPECT_EQ(error_of("", {"network.neuron=relu", "network.time_steps=1",
                          "train.firing_rate_targets={stem=0.2}"})
                .key(),
            "train.firing_rate_targets");
}

TEST(Recipe, SpikesMustPassThroughBlocksAtTheStart) {
  const std::string zero = "network.zero_init_last_norm = true\n";
  EXPECT_EQ(error_of(zero + "neuron.threshold = 1.35").key(), "neuron.threshold");
  EXPECT_EQ(error_of(zero + "neuron.threshold = 1\nneuron.strict = true").key(),
            "neuron.threshold");
  parse_recipe(zero + "neuron.threshold = 1", {});
  parse_recipe("network.zero_init_last_norm = false\nneuron.threshold = 1.35", {});
}

TEST(Recipe, OptionsThatContradictEachOtherAreErrors) {
  EXPECT_EQ(error_of("train.schedule = \"step\"").key(), "train.step_epochs");
  EXPECT_EQ(error_of("train.step_epochs = [3]").key(), "train.step_epochs");
  EXPECT_EQ(error_of("train.schedule = \"step\"\ntrain.step_epochs = [5, 5]").key(),
            "train.step_epochs");
  EXPECT_EQ(error_of("train.optimizer = \"adamw\"\ntrain.nesterov = true").key(), "train.nesterov");
  EXPECT_EQ(error_of("train.momentum = 0\ntrain.nesterov = true").key(), "train.nesterov");
  EXPECT_EQ(error_of("train.firing_rate_of = \"operations\"").key(), "train.firing_rate_of");
  parse_recipe("train.firing_rate_of = \"operations\"\ntrain.firing_rate_targets.stem = 0.5", {});
  EXPECT_EQ(error_of("data.mean = [0.5]").key(), "data.std");
  EXPECT_EQ(error_of("data.mean = [0.5]\ndata.std = [1]\nnetwork.input = [3, 8, 8]").key(),
            "data.mean");
  EXPECT_EQ(error_of("data.validation_fraction = 0").key(), "data.validation_fraction");
  EXPECT_EQ(error_of("data.folds = 1").key(), "data.folds");
  EXPECT_EQ(error_of("data.fold = 1").key(), "data.fold");
  EXPECT_THAT(error_of("data.folds = 5\ndata.fold = 5").what(),
              HasSubstr("data.fold: r.toml: expected 0 to 4 (data.folds = 5), found 5"));
  EXPECT_EQ(error_of("data.frames_by = \"window\"").key(), "data.frame_window_us");
  EXPECT_EQ(error_of("data.frame_window_us = 100").key(), "data.frame_window_us");
  EXPECT_EQ(error_of("data.frames_from_zero = true").key(), "data.frames_from_zero");
  EXPECT_EQ(error_of("data.frame_size = [8, 8]\nnetwork.input = [2, 8, 9]").key(),
            "data.frame_size");
}

TEST(Recipe, EveryKeyRoundTripsWithAnotherValueThanItsDefault) {
  const std::string changed = R"([network]
name = "resnet8"
width = 12
time_steps = 3
num_classes = 7
input = [2, 9, 11]
neuron = "binary"
preset = "paper"
zero_init_last_norm = true
stem_norm_per_time_step = false
norm_scale = 0.3

[neuron]
threshold = 0.1
trainable_threshold = true
decay = 0.9
strict = true
reset = "none"
detach_reset = true
surrogate = "dspike"
surrogate_width = 1e-20

[data]
format = "a\"b\\c\u0009d"
folds = 5
fold = 3
validation_fraction = 0.25
classes = "list.tsv"
random_resized_crop = true
eval_resize = 256
crop_padding = 1
flip = true
augment = "autoaugment-cifar10"
cutout = 5
frames_by = "window"
frame_window_us = 2500
frames_from_zero = true
frame_keep_rest = false
frame_size = [9, 11]
frame_resize = "nearest"
roll = 4
mean = [0.1, 0.2]
std = [0.3333333333333333, 0.5]
train_samples = 640
workers = 2
skip_bad = true

[train]
epochs = 3
batch_size = 5
optimizer = "adamw"
learning_rate = 0.0123
momentum = 0.5
nesterov = false
weight_decay = 0.0
schedule = "step"
step_epochs = [1, 2]
step_factor = 0.5
warmup_iterations = 4
label_smoothing = 0.2
firing_rate_target = 0.15
firing_rate_targets = {"stage1" = 0.2, "stage2.0.neuron1" = 0.05}
firing_rate_weight = 3.0
firing_rate_of = "operations"
teacher = "twin.safetensors"
teacher_weight = 0.75
teacher_temperature = 4.0
initial_weights = "dense.safetensors"
average_decay = 0.99
weight_bits = 7
recompute = 4
precision = "float32"
seed = 9
threads = 1
select_on = "test"
checkpoint_minutes = 0
fused = false
)";
  EXPECT_EQ(to_toml(parse_recipe(changed, {})), changed);
  // Nothing was forgotten above: every line differs from the default, save the one that AdamW
  // forbids.
  const std::string defaults = "\n" + to_toml(Recipe{});
  for (const RecipeKey& key : recipe_keys()) {
    const std::string name = key.key.substr(key.key.find('.') + 1);
    EXPECT_THAT(changed, HasSubstr("\n" + name + " = ")) << key.key;
    if (key.key == "train.nesterov") continue;
    EXPECT_THAT(changed, testing::Not(HasSubstr("\n" + name + " = " + key.default_value + "\n")));
    EXPECT_THAT(defaults, HasSubstr("\n" + name + " = " + key.default_value + "\n"));
  }
}

TEST(Recipe, KeysAreUniqueAndExplained) {
  std::set<std::string> seen;
  for (const RecipeKey& key : recipe_keys()) {
    EXPECT_TRUE(seen.insert(key.key).second) << key.key;
    EXPECT_GT(key.meaning.size(), 10u) << key.key;
    EXPECT_FALSE(key.default_value.empty()) << key.key;
  }
}

TEST(Recipe, FilesThatCannotBeRead) {
  EXPECT_THROW(load_recipe("/does/not/exist.toml", {}), IoError);
  EXPECT_THROW(load_recipe("/", {}), IoError);
  const auto path = std::filesystem::path(testing::TempDir()) / "long.toml";
  std::ofstream(path) << std::string((1 << 20) + 1, '\n');
  EXPECT_THROW(load_recipe(path, {}), ConfigError);
  std::ofstream(path) << "[train]\nepochs = 4";
  EXPECT_EQ(load_recipe(path, {"train.seed=5"}).train.epochs, 4);
}

}  // namespace
}  // namespace trispike::train
