// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Which samples a model is shown, in what form, and which class of the model is meant by a folder.
#include <algorithm>
#include <fstream>

#include "cli/cli_fixture.h"
#include "cli/samples.h"
#include "support/reference_network.h"
#include "trispike/data/transform.h"
#include "trispike/model/safetensors.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class DatasetOptionsTest : public CliTest {
 protected:
  static constexpr int kPictures = 4;
  static constexpr int kClasses = 10;

  void SetUp() override {
    const model::ModelData model = small_model();
    const ReferenceResult answers =
        run_reference(model, normalised_patterns(kSide, kPictures), kPictures);
    for (int i = 0; i < kPictures; ++i) {
      const auto first = answers.logits.begin() + i * kClasses;
      answers_.push_back(static_cast<int>(std::max_element(first, first + kClasses) - first));
    }
  }

  /// Pictures by class: of each the model's own answer, of the last one another.
  std::vector<std::pair<std::string, data::Bytes>> files() const {
    std::vector<std::pair<std::string, data::Bytes>> all;
    for (int i = 0; i < kPictures; ++i) {
      const int label = i + 1 < kPictures ? answers_[i] : (answers_[i] + 1) % kClasses;
      all.emplace_back("val/c" + std::to_string(label) + "/" + std::to_string(i) + ".png",
                       data::encode_png(pattern(kSide, i)));
    }
    return all;
  }

  /// The same and, among them, a JPEG that ends too early.
  std::vector<std::pair<std::string, data::Bytes>> files_with_a_bad_one() const {
    auto all = files();
    data::Bytes jpeg = data::load(TRISPIKE_SOURCE_DIR "/tests/golden/data/grey.jpg");
    jpeg.resize(jpeg.size() - 60);
    all.emplace_back("val/c" + std::to_string(answers_[0]) + "/00.jpg", jpeg);
    return all;
  }

  std::string write_folder(const std::vector<std::pair<std::string, data::Bytes>>& files) const {
    for (const auto& [name, contents] : files) data::save(path("data/" + name), contents);
    return path("data");
  }
  std::string write_tar(const std::vector<std::pair<std::string, data::Bytes>>& files) const {
    data::save(path("data.tar"), data::make_tar(files));
    return path("data.tar");
  }

  std::string named_model() const {
    model::ModelData model = small_model();
    for (int c = 0; c < kClasses; ++c) {
      const std::string number = std::to_string(c);
      model.class_names.push_back(std::string("c").append(number) + " number " + number);
    }
    return save(model, "named");
  }

  std::vector<int> answers_;
};

TEST_F(DatasetOptionsTest, FoldersAreTheClassesOfTheSameNames) {
  const Json answer = run_json("eval", {"eval", named_model(), "--data", write_folder(files()),
                                        "--json", "--quiet", "--arithmetic", "float64"});
  EXPECT_EQ(answer["samples"], kPictures);
  EXPECT_EQ(answer["correct"], kPictures - 1);
  EXPECT_EQ(answer["skipped"], 0);
}

TEST_F(DatasetOptionsTest, AListSaysWhichClassIsWhich) {
  const std::string model = save(small_model());
  const std::string folder = write_folder(files());
  expect_error(1, {"eval", model, "--data", folder}, "--classes FILE says which is which");

  std::ofstream list(path("classes.tsv"));
  list << "index\twnid\tname\n";
  for (int c = 0; c < kClasses; ++c) list << c << "\tc" << c << "\tnumber\n";
  list.close();
  const Json answer =
      run_json("eval", {"eval", model, "--data", folder, "--classes", path("classes.tsv"), "--json",
                        "--quiet", "--arithmetic", "float64"});
  EXPECT_EQ(answer["correct"], kPictures - 1);

  std::ofstream(path("short.tsv")) << "c0\nc1\n";
  expect_error(1, {"eval", model, "--data", folder, "--classes", path("short.tsv")},
               "short.tsv: lists 2 classes, but " + model + " tells 10 apart");
}

TEST_F(DatasetOptionsTest, ABadSampleEndsTheRun) {
  const std::string model = named_model();
  for (const std::string& data :
       {write_folder(files_with_a_bad_one()), write_tar(files_with_a_bad_one())}) {
    expect_error(1, {"eval", model, "--data", data, "--quiet"},
                 "/00.jpg: JPEG data: the picture is truncated");
  }
}

TEST_F(DatasetOptionsTest, SkipBadLeavesItOutWithAWarning) {
  const std::string model = named_model();
  for (const std::string& data :
       {write_folder(files_with_a_bad_one()), write_tar(files_with_a_bad_one())}) {
    for (const std::string threads : {"1", "3"}) {
      const ProgramResult result = run({"eval", model, "--data", data, "--skip-bad", "--threads",
                                        threads, "--json", "--quiet", "--arithmetic", "float64"});
      EXPECT_EQ(result.exit_code, 0);
      EXPECT_THAT(result.err, StartsWith("trispike: warning: 1 of 5 samples cannot be read"));
      EXPECT_THAT(result.err, HasSubstr("/00.jpg: JPEG data: the picture is truncated"));
      const Json answer = checked_json("eval", result.out);
      EXPECT_EQ(answer["samples"], kPictures);
      EXPECT_EQ(answer["correct"], kPictures - 1);
      EXPECT_EQ(answer["skipped"], 1);
    }
    const ProgramResult counted =
        run({"count", model, "--data", data, "--skip-bad", "--json", "--quiet"});
    EXPECT_THAT(counted.err, HasSubstr("1 of 5 samples"));
    EXPECT_EQ(checked_json("count", counted.out)["samples"], kPictures);
    EXPECT_EQ(checked_json("count", counted.out)["skipped"], 1);
  }
}

TEST_F(DatasetOptionsTest, SkipBadNeedsOneGoodSample) {
  data::save(path("data/val/c0/1.png"), data::to_bytes("nothing"));
  data::save(path("data/val/c1/1.png"), data::encode_png(data::Image(1, 3, 3)));
  const std::vector<std::string> eval = {"eval",       named_model(), "--data",  path("data"),
                                         "--skip-bad", "--quiet",     "--limit", "1"};
  const ProgramResult result = run(eval);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("no sample can be read"));
}

TEST_F(DatasetOptionsTest, AModelSaysHowAPictureIsBroughtToItsSize) {
  model::ModelData model = small_model();
  model.preprocessing.resize_shorter = 12;
  const std::string file = save(model);
  const data::Image picture = data::numbered_picture(5, 1, 20, 31);
  data::save(path("picture.png"), data::encode_png(picture));
  std::vector<float> input(kSide * kSide);
  data::normalise_into(data::resize_and_center_crop(picture, 12, kSide, kSide), {{0.25}, {0.5}},
                       false, input);
  model::write_safetensors(path("tensor.safetensors"),
                           {{{"input", model::Tensor::from({1, 1, kSide, kSide}, input)}}, {}});
  const auto logits = [&](const std::vector<std::string>& what) {
    std::vector<std::string> arguments = {"predict", file, "--arithmetic", "float64", "--json"};
    arguments.insert(arguments.end(), what.begin(), what.end());
    return run_json("predict", arguments)["predictions"][0]["logits"].get<std::vector<double>>();
  };
  EXPECT_EQ(logits({path("picture.png")}), logits({"--tensor", path("tensor.safetensors")}));
}

}  // namespace
}  // namespace trispike::test
