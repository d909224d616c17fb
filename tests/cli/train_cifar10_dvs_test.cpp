// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// CIFAR10-DVS as it comes, ten folders of 1,000 recordings, here short ones made up: from the
// folders to a running model, with nothing but the program.
#include <fstream>

#include "cli/cli_fixture.h"
#include "data/fixtures.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kClasses = {"airplane", "automobile", "bird",  "cat",  "deer",
                                           "dog",      "frog",       "horse", "ship", "truck"};

/// AEDAT 2.0 of a DVS128 as jAER writes it, every number big-endian: the address (y, x, polarity in
/// bits 8 to 14, 1 to 7 and 0) and the time. A class has its own twelve rows.
data::Bytes recording(int label, int number) {
  data::Bytes bytes = data::to_bytes(
      "#!AER-DAT2.0\r\n# This is a raw AE data file created by saveaerdat.m\r\n"
      "# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event\r\n"
      "# Timestamps tick is 1 us\r\n# AEChip: DVS128\r\n# End of ASCII Header\r\n");
  for (int i = 0; i < 60; ++i) {
    const int x = (13 * i + 29 * number) % 128;
    const int y = 12 * label + (i + number) % 12;
    const int address = y << 8 | x << 1 | i % 2;
    const int time = 1000 * i + number;
    for (const int value : {address, time}) {
      for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(std::byte(value >> shift & 255));
    }
  }
  return bytes;
}

class TrainOnCifar10Dvs : public CliTest {
 protected:
  static constexpr int kPerClass = 1000;

  void SetUp() override {
    for (int label = 0; label < 10; ++label) {
      for (int number = 0; number < kPerClass; ++number) {
        data::save(file(label, number), recording(label, number));
      }
    }
    std::ofstream(path("dvs.toml")) << R"(
[network]
name = "resnet8"
width = 4
time_steps = 2
[data]
validation_fraction = 0.0
train_samples = 400
frames_by = "count"
frame_size = [24, 24]
frame_resize = "sum"
[train]
epochs = 2
batch_size = 20
threads = 1
precision = "float32"
select_on = "last"
)";
  }

  std::string file(int label, int number) const {
    return path("data/" + kClasses[label] + "/cifar10_" + kClasses[label] + "_" +
                std::to_string(number) + ".aedat");
  }
};

TEST_F(TrainOnCifar10Dvs, NineToOneThenExportThenRun) {
  const Json info = run_json("data", {"data", "info", path("data"), "--json"});
  EXPECT_EQ(info["kind"], "cifar10_dvs data set");
  EXPECT_THAT(info["summary"].dump(),
              AllOf(HasSubstr("train: 9000 event recordings of a sensor of 128x128, 10 classes"),
                    HasSubstr("test: 1000 event recordings of a sensor of 128x128, 10 classes")));

  const ProgramResult trained = run({"train", path("dvs.toml"), "--data", path("data"), "--out",
                                     path("run"), "--quiet", "--json"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Json answer = checked_json("train", trained.out);
  EXPECT_EQ(answer["test_samples"], kPerClass);
  // Where the events are says the class; whoever mixes up labels stays at one in ten.
  EXPECT_GT(answer["test_accuracy"], 0.4);

  const std::string model = path("model.safetensors");
  const ProgramResult exported =
      run({"export", answer["best"], "-o", model, "--verify", path("data"), "--json", "--quiet"});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  const Json float32 = checked_json("export", exported.out)["float32"];
  EXPECT_EQ(float32["samples"], kPerClass);
  EXPECT_EQ(float32["accuracy_libtorch"], answer["test_accuracy"]);

  const auto eval = [&](const std::string& what, const std::string& engine) {
    return run_json("eval", {"eval", what, "--data", path("data"), "--engine", engine, "--threads",
                             "1", "--json", "--quiet"});
  };
  EXPECT_EQ(eval(answer["best"], "libtorch")["accuracy"], answer["test_accuracy"]);
  EXPECT_EQ(eval(model, "runtime")["accuracy"], float32["accuracy_runtime"]);
  const Json counted = run_json(
      "count", {"count", model, "--data", path("data"), "--limit", "20", "--json", "--quiet"});
  EXPECT_EQ(counted["total"]["macs"], 0);

  // By SHA-256 of their names, of these two the first is a test recording, the second is not.
  data::save(file(0, 1), data::to_bytes("#!AER-DAT2.0\r\ncut"));
  EXPECT_EQ(eval(model, "runtime")["samples"], kPerClass);
  data::save(file(0, 0), data::to_bytes("#!AER-DAT2.0\r\ncut"));
  expect_error(1, {"eval", model, "--data", path("data"), "--quiet"}, "cifar10_airplane_0.aedat");
}

}  // namespace
}  // namespace trispike::test
