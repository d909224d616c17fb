// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Whole training runs on made-up pictures: every recipe starts, runs repeat, resume continues bit
// for bit, bad requests are refused by name.
#include "trispike/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/fixtures.h"
#include "support/temporary_folder.h"
#include "trispike/data/dataset.h"
#include "trispike/data/random.h"
#include "trispike/model/error.h"
#include "trispike/model/model_data.h"
#include "trispike/train/evaluate.h"

namespace trispike::train {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

void write_bytes(const fs::path& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

/// Pictures whose brightness tells the class, with noise: learnable in a few iterations.
std::uint8_t pixel(int label, int classes, data::Random& random) {
  return static_cast<std::uint8_t>(label * 160 / classes + static_cast<int>(random.below(96)));
}

void make_mnist(const fs::path& folder) {
  fs::create_directories(folder);
  const auto big_endian = [](std::vector<std::uint8_t>& out, std::uint32_t v) {
    for (int shift = 24; shift >= 0; shift -= 8)
      out.push_back(static_cast<std::uint8_t>(v >> shift));
  };
  for (const auto& [prefix, count] : {std::pair{"train", 200}, std::pair{"t10k", 50}}) {
    data::Random random(9, 0, static_cast<std::uint64_t>(count));
    std::vector<std::uint8_t> images, labels;
    for (const std::uint32_t v : {0x803u, static_cast<std::uint32_t>(count), 28u, 28u})
      big_endian(images, v);
    for (const std::uint32_t v : {0x801u, static_cast<std::uint32_t>(count)}) big_endian(labels, v);
    for (int i = 0; i < count; ++i) {
      labels.push_back(static_cast<std::uint8_t>(i % 10));
      for (int k = 0; k < 28 * 28; ++k) images.push_back(pixel(i % 10, 10, random));
    }
    write_bytes(folder / (std::string(prefix) + "-images-idx3-ubyte"), images);
    write_bytes(folder / (std::string(prefix) + "-labels-idx1-ubyte"), labels);
  }
}

/// Event recordings, N-MNIST's coding: those of class 1 come from the right half of the sensor.
void make_nmnist(const fs::path& folder) {
  for (int i = 0; i < 60; ++i) {
    data::Random random(3, 0, static_cast<std::uint64_t>(i));
    std::vector<std::uint8_t> bytes;
    for (int k = 0; k < 300; ++k) {
      const int t = 100 * k;
      bytes.push_back(static_cast<std::uint8_t>(17 * (i % 2) + int(random.below(17))));
      bytes.push_back(static_cast<std::uint8_t>(random.below(34)));
      bytes.push_back(static_cast<std::uint8_t>(random.below(2) << 7 | std::uint64_t(t) >> 16));
      bytes.push_back(static_cast<std::uint8_t>(t >> 8));
      bytes.push_back(static_cast<std::uint8_t>(t));
    }
    const fs::path file = folder / (i < 40 ? "train" : "test") / (i % 2 == 0 ? "left" : "right") /
                          (std::to_string(i) + ".bin");
    fs::create_directories(file.parent_path());
    write_bytes(file, bytes);
  }
}

/// A few recordings of CIFAR10-DVS by their names: AEDAT 2.0 of a DVS128.
void make_cifar10_dvs(const fs::path& folder) {
  for (int i = 0; i < 30; ++i) {
    const std::string text = "#!AER-DAT2.0\r\n";
    std::vector<std::uint8_t> bytes(text.begin(), text.end());
    for (int k = 0; k < 50; ++k) {
      const int x = (7 * k + i) % 128, y = (11 * k) % 128;
      const std::uint8_t event[] = {0, 0, std::uint8_t(y), std::uint8_t(x << 1 | k % 2),
                                    0, 0, std::uint8_t(k), 0};
      bytes.insert(bytes.end(), std::begin(event), std::end(event));
    }
    const std::string name = i % 2 == 0 ? "airplane" : "ship";
    const fs::path file = folder / name / ("cifar10_" + name + "_" + std::to_string(i) + ".aedat");
    fs::create_directories(file.parent_path());
    write_bytes(file, bytes);
  }
}

/// Two classes of pictures of many sizes.
void make_imagenet(const fs::path& folder) {
  for (int i = 0; i < 26; ++i) {
    data::save(folder / (i < 24 ? "train" : "val") / (i % 2 == 0 ? "n01" : "n02") /
                   (std::to_string(i) + ".png"),
               data::encode_png(data::numbered_picture(i, 3, 40 + i, 70 - i)));
  }
  std::ofstream classes(folder / "classes.txt");
  for (int i = 1; i <= 1000; ++i) classes << "n0" << i << "\n";
}

class TrainerTest : public ::testing::Test {
 protected:
  TrainerTest() {
    make_nmnist(folder_.path() / "nmnist");
    make_cifar10_dvs(folder_.path() / "cifar10-dvs");
    make_imagenet(folder_.path() / "imagenet");
    make_mnist(folder_.path() / "mnist");
    fs::create_directories(folder_.path() / "cifar10");
    fs::create_directories(folder_.path() / "cifar100");
    data::make_cifar(folder_.path() / "cifar10", /*hundred=*/false, 10, 2);
    data::make_cifar(folder_.path() / "cifar100", /*hundred=*/true, 100, 1);
  }

  fs::path data_for(const std::string& recipe) const {
    if (recipe.find("cifar10-dvs") != std::string::npos) return folder_.path() / "cifar10-dvs";
    if (recipe.find("nmnist") != std::string::npos || recipe.find("dvs128") != std::string::npos) {
      return folder_.path() / "nmnist";
    }
    return folder_.path() / (recipe.find("imagenet") != std::string::npos   ? "imagenet"
                             : recipe.find("cifar100") != std::string::npos ? "cifar100"
                             : recipe.find("cifar10") != std::string::npos  ? "cifar10"
                                                                            : "mnist");
  }

  TrainRequest small(const std::string& out, std::vector<std::string> settings = {}) const {
    std::vector<std::string> all{"train.epochs=2",
                                 "train.batch_size=16",
                                 "data.train_samples=80",
                                 "train.threads=1",
                                 "train.warmup_iterations=2",
                                 "network.width=4",
                                 "data.crop_padding=2",
                                 "network.neuron=trainable_ternary"};
    all.insert(all.end(), settings.begin(), settings.end());
    TrainRequest request;
    request.recipe =
        load_recipe(std::string(TRISPIKE_SOURCE_DIR) + "/recipes/mnist-resnet8.toml", all);
    request.data_path = (folder_.path() / "mnist").string();
    request.out_dir = (folder_.path() / out).string();
    return request;
  }

  /// Trains until `iterations` are done, then as Ctrl-C would.
  static TrainResult interrupted_after(const TrainRequest& request, int iterations) {
    int done = 0;
    TrainCallbacks callbacks;
    callbacks.progress = [&](const Progress&) { ++done; };
    callbacks.interrupted = [&] { return done >= iterations; };
    return train(request, callbacks);
  }

  static std::string error_of(const TrainRequest& request) {
    try {
      train(request, {});
    } catch (const std::exception& error) {
      return error.what();
    }
    return "no error";
  }

  static model::ModelData last_of(const TrainRequest& request) {
    return model::read_model(request.out_dir + "/last.safetensors");
  }

  test::TemporaryFolder folder_;
};

TEST_F(TrainerTest, EveryRecipeRunsThreeIterations) {
  std::size_t recipes = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(TRISPIKE_SOURCE_DIR) / "recipes")) {
    const std::string name = entry.path().stem().string();
    SCOPED_TRACE(name);
    TrainRequest request;
    std::vector<std::string> settings{"train.epochs=1", "train.batch_size=4",
                                      "data.train_samples=12", "train.step_epochs=[]",
                                      "train.threads=1"};
    if (name.starts_with("imagenet")) {  // 1000 outputs, of which two classes are here
      settings.push_back("data.classes=\"" + (data_for(name) / "classes.txt").string() + "\"");
    }
    request.recipe = load_recipe(entry.path().string(), settings);
    request.data_path = data_for(name).string();
    request.out_dir = (folder_.path() / name).string();
    int iterations = 0;
    TrainCallbacks callbacks;
    callbacks.progress = [&](const Progress&) { ++iterations; };
    const TrainResult result = train(request, callbacks);
    EXPECT_TRUE(result.finished);
    EXPECT_EQ(iterations, 3);
    ++recipes;
  }
  EXPECT_GE(recipes, 10u);
}

TEST_F(TrainerTest, LearnsFromEvents) {
  TrainRequest request;
  request.recipe = load_recipe(
      std::string(TRISPIKE_SOURCE_DIR) + "/recipes/nmnist-resnet8.toml",
      {"train.epochs=10", "train.batch_size=8", "train.threads=1", "train.optimizer=sgd",
       "train.learning_rate=0.1", "train.weight_decay=0", "train.warmup_iterations=2",
       "network.width=4", "network.time_steps=3", "data.roll=0"});
  request.data_path = (folder_.path() / "nmnist").string();
  request.out_dir = (folder_.path() / "events").string();
  EXPECT_GE(train(request, {}).test_accuracy, 0.9);
  const model::ModelData model = last_of(request);
  EXPECT_EQ(model.network.input(), (model::InputLayer{{2, 34, 34}, model::InputKind::kEvents}));
  ASSERT_TRUE(model.preprocessing.frames.has_value());
  EXPECT_EQ(model.preprocessing.frames->by, "time");
  EXPECT_EQ(model.preprocessing.frames->sensor_width, 34);

  // Real-valued frames are no events.
  request.recipe.data.frames.resize = data::FrameResize::kBilinear;
  request.recipe.data.frames.height = request.recipe.data.frames.width = 20;
  request.recipe.train.epochs = 1;
  request.out_dir = (folder_.path() / "frames").string();
  train(request, {});
  EXPECT_EQ(last_of(request).network.input(),
            (model::InputLayer{{2, 20, 20}, model::InputKind::kFrames}));
}

TEST_F(TrainerTest, RefusesKeysOfTheOtherKindOfSample) {
  EXPECT_THAT(error_of(small("frames", {"data.frames_by=time"})),
              HasSubstr("data.frames_by: and the keys of frames are for event recordings"));
  EXPECT_THAT(error_of(small("roll", {"data.roll=3"})), HasSubstr("roll: is 3, but is for frames"));
}

TEST_F(TrainerTest, LearnsAndLeavesItsFiles) {
  const TrainRequest request =
      small("learns", {"train.epochs=12", "data.train_samples=0", "train.learning_rate=0.2"});
  const TrainResult result = train(request, {});
  EXPECT_GT(result.test_accuracy, 0.3);  // ten classes: chance is 0.1
  for (const char* file :
       {"best.safetensors", "last.safetensors", "recipe.toml", "log.jsonl", "result.json"}) {
    EXPECT_TRUE(fs::exists(fs::path(request.out_dir) / file)) << file;
  }
  EXPECT_FALSE(fs::is_empty(fs::path(request.out_dir) / "tensorboard"));
  std::ifstream json(request.out_dir + "/result.json");
  EXPECT_EQ(nlohmann::json::parse(json)["test_accuracy"], result.test_accuracy);
  const auto dataset = std::shared_ptr<const data::Dataset>(
      data::open_dataset(request.data_path, data::Split::kTest));
  const EvaluationResult again = evaluate(model::read_model(result.best_path), dataset, {});
  EXPECT_EQ(static_cast<double>(again.correct) / static_cast<double>(again.samples),
            result.test_accuracy);
}

TEST_F(TrainerTest, TheSameSeedGivesTheSameWeights) {
  const TrainRequest a = small("a"), b = small("b"), c = small("c", {"train.seed=1"});
  for (const TrainRequest& request : {a, b, c}) train(request, {});
  EXPECT_EQ(last_of(a).tensors, last_of(b).tensors);
  EXPECT_NE(last_of(a).tensors, last_of(c).tensors);
}

TEST_F(TrainerTest, ResumeContinuesBitForBitAlsoInMidEpoch) {
  for (const char* optimizer : {"train.optimizer=sgd", "train.optimizer=adamw"}) {
    SCOPED_TRACE(optimizer);
    const std::string name = std::string(optimizer).substr(16);
    const std::vector<std::string> settings{optimizer, "train.firing_rate_target=0.1",
                                            "train.firing_rate_targets={stem=0.2,stage2=0.05}",
                                            "train.average_decay=0.9"};
    const TrainRequest whole = small(name + "-whole", settings);
    train(whole, {});
    TrainRequest parts = small(name + "-parts", settings);
    EXPECT_FALSE(interrupted_after(parts, 3).finished);  // in the middle of epoch 1
    parts.resume = true;
    EXPECT_FALSE(interrupted_after(parts, 4).finished);  // in the middle of epoch 2
    EXPECT_TRUE(train(parts, {}).finished);
    const model::ModelData a = last_of(whole), b = last_of(parts);
    EXPECT_EQ(a.tensors, b.tensors);
    EXPECT_EQ(a.extra_tensors, b.extra_tensors);
    EXPECT_EQ(model::read_model(whole.out_dir + "/best.safetensors").tensors,
              model::read_model(parts.out_dir + "/best.safetensors").tensors);
  }
}

TEST_F(TrainerTest, FusedAndReferenceTrainAlike) {
  // In float32 they differ by rounding only: one iteration from the same start stays close.
  const TrainRequest fused =
      small("fused", {"train.precision=float32", "train.epochs=1", "data.train_samples=16"});
  const TrainRequest reference = small("reference", {"train.precision=float32", "train.epochs=1",
                                                     "data.train_samples=16", "train.fused=false"});
  train(fused, {});
  train(reference, {});
  const auto a = last_of(fused).tensors, b = last_of(reference).tensors;
  const std::vector<double> x = a.at("head.weight").to_double(),
                            y = b.at("head.weight").to_double();
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], y[i], 1e-3);
}

TEST_F(TrainerTest, TheFiringRateObjectiveLowersTheRate) {
  // The last epoch counts: the best one may come before the objective has acted.
  const std::vector<std::string> longer{"train.epochs=40",       "train.schedule=constant",
                                        "train.select_on=last",  "data.train_samples=160",
                                        "train.batch_size=16",   "train.learning_rate=0.05",
                                        "network.neuron=ternary"};
  std::vector<std::string> with = longer;
  with.insert(with.end(), {"train.firing_rate_target=0.1", "train.firing_rate_weight=2"});
  const double free = train(small("free", longer), {}).test_firing_rate;
  const double held = train(small("held", with), {}).test_firing_rate;
  EXPECT_LT(held, 0.6 * free);
}

TEST_F(TrainerTest, TargetsOfLayersLowerTheirRates) {
  std::vector<std::string> settings{"train.epochs=40",        "train.schedule=constant",
                                    "train.select_on=last",   "data.train_samples=160",
                                    "train.batch_size=16",    "train.learning_rate=0.05",
                                    "network.neuron=ternary", "train.precision=float32"};
  // Rates go up and down in so small a network: means over the last ten epochs.
  std::vector<LayerTarget> reached;
  TrainCallbacks callbacks;
  callbacks.epoch = [&](const EpochReport& report) {
    if (report.epoch <= 30) return;
    if (reached.empty()) {
      reached = report.layer_targets;
      for (LayerTarget& target : reached) target.rate = 0;
    }
    for (std::size_t i = 0; i < reached.size(); ++i) {
      reached[i].rate += report.layer_targets[i].rate / 10;
      reached[i].penalty = report.layer_targets[i].penalty;
    }
  };
  const auto targets = [](const char* of_stem) {
    return std::string("train.firing_rate_targets={stem=") + of_stem + ",stage1=1.0}";
  };
  settings.push_back(targets("1.0"));
  train(small("all-fire", settings), callbacks);
  const std::vector<LayerTarget> unheld = std::exchange(reached, {});
  settings.back() = targets("0.1");
  settings.emplace_back("train.firing_rate_weight=2");
  const TrainRequest held = small("stem-held", settings);
  train(held, callbacks);
  ASSERT_EQ(reached.size(), 2u);
  EXPECT_EQ(reached[1].name, "stem");
  EXPECT_EQ(reached[1].wanted, 0.1);
  EXPECT_LT(reached[1].rate, 0.6 * unheld[1].rate);
  // Nothing asks stage1 to fire less; its shortcuts pass on what the stem fires.
  EXPECT_GT(reached[0].rate / unheld[0].rate, reached[1].rate / unheld[1].rate);
  EXPECT_GT(reached[1].penalty, 0.01);
  EXPECT_LT(reached[0].penalty, 0.01);
  std::ifstream log(held.out_dir + "/log.jsonl");
  std::string line;
  ASSERT_TRUE(std::getline(log, line));
  EXPECT_TRUE(nlohmann::json::parse(line).contains("firing_rate_of/stem")) << line;
}

TEST_F(TrainerTest, RefusesTargetsOfLayersThatAreNotThere) {
  EXPECT_THAT(error_of(small("nowhere", {"train.firing_rate_targets={stage9=0.2}"})),
              HasSubstr("train.firing_rate_targets: 'stage9' is no spiking layer and no group of "
                        "them; expected one of stem.0.neuron, "));
}

TEST_F(TrainerTest, LearnsThresholdsThatAreKeptAndFolded) {
  const std::vector<std::string> settings{
      "neuron.trainable_threshold=true", "train.firing_rate_target=0.1", "train.average_decay=0.5"};
  const TrainRequest whole = small("thresholds", settings);
  TrainRequest parts = small("thresholds-in-parts", settings);
  train(whole, {});
  EXPECT_FALSE(interrupted_after(parts, 3).finished);
  parts.resume = true;
  EXPECT_TRUE(train(parts, {}).finished);
  const model::ModelData model = last_of(whole);
  EXPECT_EQ(model.tensors, last_of(parts).tensors);
  const model::ModelData folded = model::fold(model);
  int layers = 0;
  for (const model::Layer& layer : folded.network.layers) {
    const auto* neuron = std::get_if<model::NeuronLayer>(&layer.params);
    if (neuron == nullptr) continue;
    const double threshold = model.tensors.at(layer.name + ".threshold").to_double()[0];
    EXPECT_EQ(neuron->neuron.threshold, threshold);
    EXPECT_NE(threshold, 0.5) << layer.name;
    EXPECT_GE(threshold, 0.5 / 16) << layer.name;
    ++layers;
  }
  EXPECT_GT(layers, 5);
}

TEST_F(TrainerTest, KeepsWeightsOnTheGridOfIntegers) {
  for (const char* precision : {"train.precision=float32", "train.precision=bfloat16"}) {
    SCOPED_TRACE(precision);
    const std::string name = std::string(precision).substr(16);
    const std::vector<std::string> settings{precision, "train.weight_bits=6",
                                            "train.average_decay=0.5", "train.select_on=last"};
    const TrainRequest whole = small(name, settings);
    std::vector<std::string> recomputed = settings;
    recomputed.emplace_back("train.recompute=3");
    TrainRequest parts = small(name + "-parts", recomputed);
    const TrainResult result = train(whole, {});
    EXPECT_FALSE(interrupted_after(parts, 3).finished);
    parts.resume = true;
    EXPECT_TRUE(train(parts, {}).finished);
    EXPECT_EQ(last_of(whole).tensors, last_of(parts).tensors);
    const model::ModelData best = model::read_model(result.best_path);
    EXPECT_EQ(best.tensors, model::read_model(parts.out_dir + "/best.safetensors").tensors);
    // A stem channel: at most 31 integers of either sign, the largest of them there.
    const std::vector<double> kept = best.tensors.at("stem.0.conv.weight").to_double(),
                              latent = last_of(whole).tensors.at("stem.0.conv.weight").to_double();
    const std::size_t per_channel = kept.size() / 4;
    double largest = 0;
    for (std::size_t i = 0; i < per_channel; ++i) largest = std::max(largest, std::abs(kept[i]));
    for (std::size_t i = 0; i < per_channel; ++i) {
      const double integer = kept[i] / (largest / 31);
      EXPECT_NEAR(integer, std::round(integer), 1e-5);
    }
    EXPECT_NE(kept, latent);
  }
}

TEST_F(TrainerTest, RefusesToRoundWhatIntegersCannotRun) {
  EXPECT_THAT(error_of(small("decay", {"train.weight_bits=8", "neuron.decay=0.3"})),
              HasSubstr("train.weight_bits: layer 'stem.0.neuron': integer arithmetic cannot run "
                        "it: a decay of 0.3 is no shift"));
}

TEST_F(TrainerTest, StartsFromGivenWeights) {
  const TrainRequest first = small("first", {"train.epochs=1"});
  train(first, {});
  const std::string weights = "train.initial_weights=\"" + first.out_dir + "/last.safetensors\"";
  const TrainRequest second = small(
      "second", {"train.seed=5", "train.learning_rate=1e-9", "train.weight_decay=0", weights});
  train(second, {});
  const auto given = last_of(first).tensors.at("head.weight").to_double();
  const auto kept = last_of(second).tensors.at("head.weight").to_double();
  for (std::size_t i = 0; i < given.size(); ++i) EXPECT_NEAR(kept[i], given[i], 1e-7) << i;
  EXPECT_THAT(error_of(small("other", {weights, "network.width=8"})),
              HasSubstr("train.initial_weights"));
  EXPECT_THAT(error_of(small("none", {"train.initial_weights=\"no-such-file\""})),
              HasSubstr("no-such-file"));
}

TEST_F(TrainerTest, RefusesWeightsThatItsNetworkLacks) {
  const TrainRequest learned =
      small("learned", {"train.epochs=1", "neuron.trainable_threshold=true"});
  train(learned, {});
  const std::string file = learned.out_dir + "/last.safetensors";
  EXPECT_THAT(error_of(small("constant", {"train.initial_weights=\"" + file + "\""})),
              AllOf(HasSubstr("train.initial_weights: '" + file + "': has tensor '"),
                    HasSubstr(".threshold', which this run's network lacks")));
}

TEST_F(TrainerTest, RefusesModelsOfOtherFolds) {
  const auto of_fold = [](std::vector<std::string> settings, const char* index) {
    settings.insert(settings.end(), {"data.folds=2", std::string("data.fold=") + index});
    return settings;
  };
  const TrainRequest first = small("fold-0", of_fold({"train.epochs=1"}, "0"));
  train(first, {});
  const std::string file = "\"" + first.out_dir + "/last.safetensors\"";
  for (const std::string key : {"train.teacher", "train.initial_weights"}) {
    SCOPED_TRACE(key);
    const std::vector<std::string> settings{"train.epochs=1", key + "=" + file};
    EXPECT_THAT(error_of(small(key + "-other", of_fold(settings, "1"))),
                AllOf(HasSubstr(key + ": '" + first.out_dir),
                      HasSubstr("was trained on fold 0/2, this run is on fold 1/2")));
    EXPECT_THAT(error_of(small(key + "-own", settings)),
                HasSubstr("was trained on fold 0/2, this run is on the data set's own split"));
    EXPECT_EQ(error_of(small(key + "-same", of_fold(settings, "0"))), "no error");
  }
}

TEST_F(TrainerTest, KeepsTheAverageOfTheWeights) {
  const TrainRequest plain = small("plain"),
                     averaged = small("averaged", {"train.average_decay=0.5"});
  train(plain, {});
  const TrainResult result = train(averaged, {});
  // The average follows and changes nothing of the run itself.
  EXPECT_EQ(last_of(plain).tensors, last_of(averaged).tensors);
  const model::ModelData best = model::read_model(result.best_path);
  EXPECT_NE(best.tensors, last_of(averaged).tensors);
  const auto dataset = std::shared_ptr<const data::Dataset>(
      data::open_dataset(averaged.data_path, data::Split::kTest));
  const EvaluationResult again = evaluate(best, dataset, {});
  EXPECT_EQ(static_cast<double>(again.correct) / static_cast<double>(again.samples),
            result.test_accuracy);
}

TEST_F(TrainerTest, LearnsFromATeacher) {
  const TrainRequest teacher = small("teacher", {"train.epochs=12", "data.train_samples=0",
                                                 "network.neuron=relu", "network.time_steps=1"});
  EXPECT_GT(train(teacher, {}).test_accuracy, 0.3);
  // A student that never sees a label.
  const std::string model = "train.teacher=\"" + teacher.out_dir + "/best.safetensors\"";
  const std::vector<std::string> settings{"train.epochs=12", "data.train_samples=0",
                                          "train.learning_rate=0.2", "train.teacher_weight=1",
                                          model};
  EXPECT_GT(train(small("student", settings), {}).test_accuracy, 0.3);
  TrainRequest other =
      small("other-data", {"train.epochs=1", model, "data.mean=[0.3]", "data.std=[0.2]"});
  EXPECT_THAT(error_of(other), HasSubstr("normalised otherwise"));
  other = small("other-size", {"train.epochs=1", model, "network.input=[1, 32, 32]"});
  EXPECT_THAT(error_of(other), HasSubstr("inputs of another size"));
}

TEST_F(TrainerTest, RefusesByName) {
  const TrainRequest first = small("used", {"train.epochs=1"});
  train(first, {});
  EXPECT_THAT(error_of(first), HasSubstr("--resume"));
  TrainRequest other = small("used", {"train.epochs=1", "train.learning_rate=0.3"});
  other.resume = true;
  EXPECT_THAT(error_of(other), HasSubstr("learning_rate = 0.3"));
  const std::vector<std::string> dense{"train.epochs=1", "train.precision=float32"};
  train(small("recomputed", dense), {});
  other = small("recomputed", {"train.epochs=1", "train.precision=float32", "train.recompute=2"});
  other.resume = true;
  EXPECT_THAT(error_of(other), HasSubstr("recompute = 2"));
  TrainRequest missing = small("missing");
  missing.resume = true;
  EXPECT_THAT(error_of(missing), HasSubstr("last.safetensors"));
  TrainRequest nowhere = small("nowhere");
  nowhere.data_path = (folder_.path() / "no such folder").string();
  EXPECT_THAT(error_of(nowhere), HasSubstr("no such folder"));
  EXPECT_THAT(error_of(small("classes", {"network.num_classes=5"})), HasSubstr("10 classes"));
}

}  // namespace
}  // namespace trispike::train
