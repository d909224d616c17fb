// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Answers are compared with the plain reference network, which shares no arithmetic with the
// runtime.
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "cli/cli_fixture.h"
#include "cli/samples.h"
#include "support/reference_network.h"
#include "trispike/model/safetensors.h"

namespace trispike::test {
namespace {

class Predict : public CliTest {
 protected:
  static constexpr int kClasses = 10;

  std::string save_png(int seed) const {
    const std::string file = path("picture" + std::to_string(seed) + ".png");
    data::save(file, data::encode_png(pattern(kSide, seed)));
    return file;
  }

  std::string save_tensor(const model::Tensor& input, const std::string& name = "input") const {
    const std::string file = path("tensor.safetensors");
    model::write_safetensors(file, {{{name, input}}, {}});
    return file;
  }

  void expect_prediction(const Json& prediction, const ReferenceResult& expected, int sample,
                         int samples, double tolerance) {
    const auto first = expected.logits.begin() + sample * kClasses;
    ASSERT_EQ(prediction["logits"].size(), std::size_t{kClasses});
    for (int c = 0; c < kClasses; ++c) {
      EXPECT_NEAR(prediction["logits"][c].get<double>(), first[c], tolerance);
    }
    EXPECT_EQ(prediction["top1"], std::max_element(first, first + kClasses) - first);
    ASSERT_EQ(prediction["spikes"].size(), expected.spikes.size());
    for (std::size_t i = 0; i < expected.spikes.size(); ++i) {
      const auto [positive, negative] = count_spikes(expected.spikes[i].spikes, sample, samples);
      EXPECT_EQ(prediction["spikes"][i]["layer"], expected.spikes[i].layer);
      EXPECT_EQ(prediction["spikes"][i]["positive"], positive) << expected.spikes[i].layer;
      EXPECT_EQ(prediction["spikes"][i]["negative"], negative) << expected.spikes[i].layer;
    }
  }

 private:
  /// Of one sample of a record [T, N, ...], T = 2.
  static std::pair<std::int64_t, std::int64_t> count_spikes(const std::vector<std::int8_t>& spikes,
                                                            int sample, int samples) {
    const std::size_t neurons = spikes.size() / 2 / samples;
    std::pair<std::int64_t, std::int64_t> counts;
    for (int t = 0; t < 2; ++t) {
      const auto first =
          spikes.begin() + static_cast<std::ptrdiff_t>((t * samples + sample) * neurons);
      counts.first += std::count(first, first + static_cast<std::ptrdiff_t>(neurons), 1);
      counts.second += std::count(first, first + static_cast<std::ptrdiff_t>(neurons), -1);
    }
    return counts;
  }
};

TEST_F(Predict, Pictures) {
  const model::ModelData model = small_model();
  std::vector<double> input = normalised(pattern(kSide, 1));
  const std::vector<double> second = normalised(pattern(kSide, 2));
  input.insert(input.end(), second.begin(), second.end());
  const ReferenceResult expected = run_reference(model, input, 2);

  const Json answer = run_json("predict", {"predict", save(model), save_png(1), save_png(2),
                                           "--json", "--arithmetic", "float64"});
  ASSERT_EQ(answer["predictions"].size(), 2u);
  for (int n = 0; n < 2; ++n) {
    // Pictures are normalised in single precision.
    expect_prediction(answer["predictions"][n], expected, n, 2, 1e-4);
    EXPECT_EQ(answer["predictions"][n]["source"], path("picture" + std::to_string(n + 1) + ".png"));
  }
}

TEST_F(Predict, StaticTensor) {
  const model::ModelData model = small_model();
  const std::vector<double> input = parity_input(3, 3 * kSide * kSide);
  const ReferenceResult expected = run_reference(model, input, 3);
  const std::string tensor = save_tensor(model::Tensor::from({3, 1, kSide, kSide}, input));
  for (const std::string& file : {save(model, "trained"), save(model::fold(model), "folded")}) {
    const Json answer = run_json(
        "predict", {"predict", file, "--tensor", tensor, "--arithmetic", "float64", "--json"});
    ASSERT_EQ(answer["predictions"].size(), 3u);
    for (int n = 0; n < 3; ++n) {
      expect_prediction(answer["predictions"][n], expected, n, 3, 1e-9);
      EXPECT_EQ(answer["predictions"][n]["source"], tensor + "[" + std::to_string(n) + "]");
    }
  }
}

TEST_F(Predict, FramesTensor) {
  const model::ModelData model = small_model(model::InputKind::kFrames);
  const std::vector<double> input = parity_input(4, 2 * 2 * kSide * kSide);
  const std::string tensor = save_tensor(model::Tensor::from({2, 2, 1, kSide, kSide}, input));
  const Json answer = run_json(
      "predict", {"predict", save(model), "--tensor", tensor, "--arithmetic", "float64", "--json"});
  const ReferenceResult expected = run_reference(model, input, 2);
  ASSERT_EQ(answer["predictions"].size(), 2u);
  for (int n = 0; n < 2; ++n) expect_prediction(answer["predictions"][n], expected, n, 2, 1e-9);
}

TEST_F(Predict, TopClassesAreRankedByLogit) {
  model::ModelData model = small_model();
  for (int c = 0; c < kClasses; ++c) model.class_names.push_back("class-" + std::to_string(c));
  const std::string file = save(model);
  const Json prediction = run_json(
      "predict", {"predict", file, save_png(1), "--top", "99", "--json"})["predictions"][0];
  ASSERT_EQ(prediction["top"].size(), std::size_t{kClasses});
  double sum = 0;
  double before = 1;
  for (const Json& entry : prediction["top"]) {
    const int index = entry["class"];
    EXPECT_EQ(entry["name"], "class-" + std::to_string(index));
    EXPECT_LE(entry["probability"], before);
    before = entry["probability"];
    sum += before;
  }
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_EQ(prediction["top"][0]["class"], prediction["top1"]);

  const ProgramResult text = run({"predict", file, save_png(1), save_png(2), "--top", "2"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out,
              ::testing::MatchesRegex(".*picture1.png: class-. \\([0-9.]+ %\\), class-. \\([0-9.]+ "
                                      "%\\)\n.*picture2.png: class-. .*\n"));
}

TEST_F(Predict, FaultsOfArguments) {
  const std::string model = save(small_model());
  expect_error(2, {"predict", model}, "expected either picture files or --tensor");
  expect_error(2, {"predict", model, save_png(1), "--tensor", "x"},
               "expected either picture files or --tensor");
  expect_error(2, {"predict", model, save_png(1), "--arithmetic", "float16"}, "'float16'");
}

TEST_F(Predict, FaultsOfFiles) {
  const std::string model = save(small_model());
  expect_error(1, {"predict", path("none.safetensors"), save_png(1)}, path("none.safetensors"));
  expect_error(1, {"predict", model, path("none.png")}, path("none.png"));
  expect_error(1, {"predict", model, model}, model);

  data::Bytes truncated = data::encode_png(pattern(kSide, 1));
  truncated.resize(truncated.size() / 2);
  data::save(path("truncated.png"), truncated);
  expect_error(1, {"predict", model, path("truncated.png")}, path("truncated.png"));

  const std::string frames = save(small_model(model::InputKind::kFrames), "frames");
  expect_error(1, {"predict", frames, save_png(1)}, "the network's input is frames");
}

// Whatever byte is hit: length, header, first and last number.
TEST_F(Predict, ModelWithOneByteFlipped) {
  const std::string file = save(small_model());
  const std::string picture = save_png(1);
  const std::string good = read_text(file);
  ASSERT_EQ(run({"predict", file, picture}).exit_code, 0);
  const std::size_t header =
      8 + static_cast<unsigned char>(good[0]) + 256 * static_cast<unsigned char>(good[1]);
  for (const std::size_t at : {std::size_t{0}, std::size_t{40}, header, good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    data::save(file, data::to_bytes(bad));
    expect_error(1, {"predict", file, picture}, file);
  }
}

TEST_F(Predict, FaultsOfTensors) {
  const std::string model = save(small_model());
  const auto expect_fault = [&](const model::Tensor& input, const std::string& name,
                                const std::string& message) {
    expect_error(1, {"predict", model, "--tensor", save_tensor(input, name)}, message);
  };
  const std::vector<double> values(kSide * kSide, 0.5);
  expect_fault(model::Tensor::from({1, 1, kSide, kSide}, values), "image",
               "expected one tensor called 'input', found 1, the first called 'image'");
  expect_fault(model::Tensor::from({1, kSide, kSide}, values), "input",
               "tensor 'input' has the shape [1, 8, 8], the model takes [N, 1, 8, 8]");
  expect_fault(model::Tensor::from({1, 1, 4, 16}, values), "input", "[1, 1, 4, 16]");
  expect_fault(model::Tensor::from({1, 1, kSide, kSide}, std::vector<std::int64_t>(64, 1)), "input",
               "tensor 'input' is I64, expected F32 or F64");
  std::vector<double> infinite = values;
  infinite[5] = INFINITY;
  expect_fault(model::Tensor::from({1, 1, kSide, kSide}, infinite), "input", "element 5 is inf");
}

}  // namespace
}  // namespace trispike::test
