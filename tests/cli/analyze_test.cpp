// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Statistics of a small model are compared with those of the plain reference network.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "cli/cli_fixture.h"
#include "cli/samples.h"
#include "support/reference_network.h"
#include "trispike/model/quantise.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Analyze : public CliTest {
 protected:
  static constexpr int kPictures = 5;

  void SetUp() override { write_idx_dataset(path("data"), kSide, {0, 1, 2, 3, 4}); }

  std::vector<std::string> arguments(const model::ModelData& model,
                                     const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = {"analyze", save(model), "--data", path("data"),
                                    "--out",   path("out"), "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(Analyze, EqualsTheReference) {
  const model::ModelData model = small_model();
  const ReferenceResult expected =
      run_reference(model, normalised_patterns(kSide, kPictures), kPictures);
  const Json answer = run_json("analyze", arguments(model, {"--json"}));
  EXPECT_EQ(answer["samples"], kPictures);
  EXPECT_NEAR(answer["firing_rate"].get<double>(), firing_rate(expected.spikes), 1e-12);
  ASSERT_EQ(answer["layers"].size(), expected.spikes.size());
  for (std::size_t i = 0; i < expected.spikes.size(); ++i) {
    const Json& layer = answer["layers"][i];
    const std::vector<std::int8_t>& spikes = expected.spikes[i].spikes;
    const std::size_t neurons = spikes.size() / 2 / kPictures;
    EXPECT_EQ(layer["layer"], expected.spikes[i].layer);
    EXPECT_EQ(layer["neurons"], neurons);
    int dead = 0, saturated = 0;
    for (std::size_t k = 0; k < neurons; ++k) {
      int fired = 0;
      for (std::size_t s = 0; s < 2 * kPictures; ++s) fired += spikes[s * neurons + k] != 0 ? 1 : 0;
      dead += fired == 0 ? 1 : 0;
      saturated += fired == 2 * kPictures ? 1 : 0;
    }
    EXPECT_EQ(layer["dead"], dead);
    EXPECT_EQ(layer["saturated"], saturated);
    const auto begin = spikes.begin();
    const auto half = static_cast<std::ptrdiff_t>(neurons * kPictures);
    const auto chances = static_cast<double>(half);
    EXPECT_NEAR(layer["steps"][0]["positive_rate"].get<double>(),
                static_cast<double>(std::count(begin, begin + half, 1)) / chances, 1e-12);
    EXPECT_NEAR(layer["steps"][1]["negative_rate"].get<double>(),
                static_cast<double>(std::count(begin + half, spikes.end(), -1)) / chances, 1e-12);
    // As many potentials as neurons, and those beyond the threshold are the spikes.
    for (const Json& step : layer["steps"]) {
      std::int64_t all = 0, above = 0;
      const int threshold_bin = 1 + 9 * 16;
      for (std::size_t b = 0; b < step["histogram"].size(); ++b) {
        all += step["histogram"][b].get<std::int64_t>();
        if (static_cast<int>(b) >= threshold_bin) above += step["histogram"][b].get<std::int64_t>();
      }
      EXPECT_EQ(all, half);
      EXPECT_NEAR(step["positive_rate"].get<double>(), static_cast<double>(above) / chances, 1e-12);
    }
    EXPECT_TRUE(layer["amplitude"].is_number());
  }
}

TEST_F(Analyze, WorkByStepIsThatOfCountAndOfTheReference) {
  const model::ModelData model = small_model();
  const ReferenceResult expected =
      run_reference(model, normalised_patterns(kSide, kPictures), kPictures);
  const Json answer = run_json("analyze", arguments(model, {"--json", "--threads", "2"}));
  const Json counted =
      run_json("count", {"count", save(model), "--data", path("data"), "--json", "--quiet"});
  ASSERT_EQ(answer["synapse_layers"].size(), counted["synapse_layers"].size());
  double at_0 = 0, energy = 0;
  std::size_t compared = 0;
  for (std::size_t i = 0; i < answer["synapse_layers"].size(); ++i) {
    const Json& layer = answer["synapse_layers"][i];
    ASSERT_EQ(layer["steps"].size(), 2u);
    EXPECT_EQ(layer["synaptic_operations"], counted["synapse_layers"][i]["synaptic_operations"]);
    for (const char* key : {"macs", "synaptic_operations"}) {
      EXPECT_NEAR(layer["steps"][0][key].get<double>() + layer["steps"][1][key].get<double>(),
                  layer[key].get<double>(), 1e-6)
          << layer["layer"] << ' ' << key;
    }
    // Folding leaves additions of spikes that the trained network has no weighted layer for.
    const auto same = std::ranges::find(expected.synapses, layer["layer"].get<std::string>(),
                                        &model::SynapseActivity::layer);
    if (same != expected.synapses.end()) {
      ++compared;
      EXPECT_NEAR(layer["synaptic_operations"].get<double>(),
                  static_cast<double>(same->synaptic_operations) / kPictures, 1e-6);
    }
    EXPECT_EQ(layer["steps"][1]["macs"], 0) << "a static image is read once";
    at_0 += layer["steps"][0]["synaptic_operations"].get<double>();
    for (const Json& step : layer["steps"]) energy += step["energy_pj"]["paper"].get<double>();
  }
  EXPECT_EQ(compared, expected.synapses.size());
  EXPECT_NEAR(at_0, answer["synaptic_operations_at"][0].get<double>(), 1e-6);
  double signs = 0;
  for (const Json& layer : answer["layers"]) {
    for (const Json& step : layer["steps"]) {
      signs += step["sign_operations"].get<double>();
      energy += step["energy_pj"]["paper"].get<double>();
    }
  }
  EXPECT_NEAR(signs, answer["total"]["sign_operations"].get<double>(), 1e-6);
  EXPECT_NEAR(energy, answer["energy"][0]["energy_pj"].get<double>(), 1e-6 * energy);
  EXPECT_THAT(read_text(path("out/operations.csv")), HasSubstr("\nstem.0.neuron,2,0,0,"));
}

TEST_F(Analyze, LeavesAReport) {
  const Json answer = run_json("analyze", arguments(small_model(), {"--json", "--png"}));
  for (const Json& file : answer["files"]) {
    EXPECT_TRUE(std::filesystem::file_size(file.get<std::string>()) > 0) << file;
  }
  const std::string html = read_text(path("out/report.html"));
  EXPECT_THAT(html, HasSubstr("One picture through the network"));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_EQ(checked_json("analyze", read_text(path("out/report.json"))), answer);
  EXPECT_THAT(read_text(path("out/layers.csv")), HasSubstr("stem.0.neuron,4,8,8,1,"));
  EXPECT_THAT(read_text(path("out/network.png")), HasSubstr("PNG"));
}

TEST_F(Analyze, FoldedIntegerAndEventModels) {
  const Json folded = run_json("analyze", arguments(model::fold(small_model()), {"--json"}));
  EXPECT_TRUE(folded["layers"][0]["amplitude"].is_null());
  const model::ModelData quantised = model::quantise(model::fold(small_model()), {});
  const Json integer = run_json("analyze", arguments(quantised, {"--json"}));
  EXPECT_EQ(integer["layers"].size(), folded["layers"].size());
  EXPECT_NEAR(integer["firing_rate"].get<double>(), folded["firing_rate"].get<double>(), 0.1);
}

TEST_F(Analyze, DoesNotDependOnTheThreads) {
  const auto counts = [&](const char* threads) {
    Json answer = run_json("analyze", arguments(small_model(), {"--json", "--threads", threads}));
    Json kept = Json::array();
    for (const Json& layer : answer["layers"]) {
      for (const Json& step : layer["steps"]) kept.push_back({step["histogram"], step["entropy"]});
    }
    return kept;
  };
  EXPECT_EQ(counts("1"), counts("3"));
}

TEST_F(Analyze, ChosenNeurons) {
  const Json shown =
      run_json("analyze", arguments(small_model(), {"--json", "--raster", "stem.0.neuron:0,255"}));
  EXPECT_THAT(read_text(path("out/report.html")), HasSubstr("Raster: stem.0.neuron"));
}

TEST_F(Analyze, Faults) {
  expect_error(2, arguments(small_model(), {"--raster", "nowhere"}),
               "--raster: 'nowhere' is no spiking layer, expected one of stem.0.neuron");
  expect_error(2, arguments(small_model(), {"--raster", "stem.0.neuron:256"}),
               "'256' is no neuron of 'stem.0.neuron', expected 0 to 255");
  expect_error(2, arguments(small_model(), {"--raster", "stem.0.neuron:"}), "names no neuron");
  expect_error(2, arguments(small_model(), {"--sample", "5"}), "--sample: is 5, but there are 5");
  expect_error(1, {"analyze", save(small_model()), "--data", path("none")}, path("none"));
  expect_error(2, {"analyze", save(small_model())}, "--data");
  model::NetworkOptions options;
  options.width = 4;
  options.time_steps = 1;
  options.input = {1, kSide, kSide};
  options.neuron.kind = model::NeuronKind::kRelu;
  expect_error(1, arguments(random_weights(model::build_network("resnet8", options), 3)),
               "no spiking neurons");
}

}  // namespace
}  // namespace trispike::test
