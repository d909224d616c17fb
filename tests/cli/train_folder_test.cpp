// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Pictures of all sizes in folders, one of them damaged: trained on random parts, evaluated on the
// centre, by both engines.
#include <fstream>

#include "cli/cli_fixture.h"
#include "cli/samples.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;

class TrainOnFolders : public CliTest {
 protected:
  static constexpr int kPerClass = 6;

  void SetUp() override {
    for (const std::string split : {"train", "val"}) {
      for (int i = 0; i < 2 * kPerClass; ++i) {
        const data::Image picture = data::numbered_picture(i, 3, 16 + i, 28 - i);
        data::save(
            path("data/" + split + (i % 2 == 0 ? "/n02/" : "/n05/") + std::to_string(i) + ".png"),
            data::encode_png(picture));
      }
      data::Bytes jpeg = data::load(TRISPIKE_SOURCE_DIR "/tests/golden/data/420.jpg");
      jpeg.resize(jpeg.size() - 60);
      data::save(path("data/" + split + "/n02/bad.jpg"), jpeg);
    }
    std::ofstream(path("classes.tsv")) << "n01\tant\nn02\tbee\nn05\tcat\n";
    std::ofstream(path("folders.toml")) << R"(
[network]
name = "resnet8"
width = 4
input = [3, 12, 12]
[data]
validation_fraction = 0.0
random_resized_crop = true
eval_resize = 14
flip = true
[train]
epochs = 1
batch_size = 4
threads = 1
precision = "float32"
select_on = "last"
)";
  }

  std::vector<std::string> train(const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        "train",   path("folders.toml"),
        "--data",  path("data"),
        "--out",   path(out),
        "--quiet", "--json",
        "--set",   "data.classes=\"" + path("classes.tsv") + "\""};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(TrainOnFolders, EndsAtABadPictureUnlessToldToSkipIt) {
  expect_error(1, train("run", {}), "n02/bad.jpg: JPEG data: the picture is truncated");
}

TEST_F(TrainOnFolders, BothEnginesSeeWhatTrainingEvaluates) {
  const ProgramResult trained = run(train("run", {"--skip-bad"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("train: 1 of 13 samples cannot be read"));
  EXPECT_THAT(trained.err, HasSubstr("test: 1 of 13 samples cannot be read"));
  const Json answer = checked_json("train", trained.out);
  EXPECT_EQ(answer["test_samples"], 2 * kPerClass);
  const std::string checkpoint = answer["best"];
  const Json file = run_json("show", {"show", checkpoint, "--json"})["file"];
  EXPECT_EQ(file["preprocessing"]["resize_shorter"], 14);
  EXPECT_EQ(file["class_names"], Json::parse(R"(["n01 ant","n02 bee","n05 cat"])"));

  const std::string model = path("model.safetensors");
  const ProgramResult exported = run({"export", checkpoint, "-o", model, "--verify", path("data"),
                                      "--skip-bad", "--json", "--quiet"});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  const Json float32 = checked_json("export", exported.out)["float32"];
  EXPECT_EQ(float32["samples"], 2 * kPerClass);
  EXPECT_EQ(float32["accuracy_libtorch"], answer["test_accuracy"]);

  const auto eval = [&](const std::string& what, const std::string& engine) {
    const ProgramResult result = run({"eval", what, "--data", path("data"), "--engine", engine,
                                      "--skip-bad", "--threads", "1", "--json", "--quiet"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return checked_json("eval", result.out);
  };
  const Json libtorch = eval(checkpoint, "libtorch");
  EXPECT_EQ(libtorch["samples"], 2 * kPerClass);
  EXPECT_EQ(libtorch["skipped"], 1);
  EXPECT_EQ(libtorch["accuracy"], answer["test_accuracy"]);
  EXPECT_EQ(eval(model, "runtime")["accuracy"], float32["accuracy_runtime"]);
}

// The samples that are left do not depend on the threads that looked for them.
TEST_F(TrainOnFolders, SkippingIsTheSameForAnyNumberOfWorkers) {
  const auto weights = [&](const std::string& workers) {
    const ProgramResult result =
        run(train("run" + workers, {"--skip-bad", "--set", "data.workers=" + workers}));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return model::read_model(path("run" + workers + "/last.safetensors")).tensors;
  };
  EXPECT_EQ(model::digest(weights("1")), model::digest(weights("3")));
}

}  // namespace
}  // namespace trispike::test
