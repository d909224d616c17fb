// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Counts are compared with those of the plain reference network.
#include <gmock/gmock.h>

#include <algorithm>

#include "cli/cli_fixture.h"
#include "cli/samples.h"
#include "support/reference_network.h"
#include "trispike/analysis/energy.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;

class Count : public CliTest {
 protected:
  static constexpr int kPictures = 3;

  void SetUp() override { write_idx_dataset(path("data"), kSide, {0, 1, 2}); }

  Json count(const model::ModelData& model) {
    return run_json("count", {"count", save(model), "--data", path("data"), "--json", "--quiet"});
  }
};

TEST_F(Count, EqualsTheReference) {
  const model::ModelData model = model::fold(small_model());
  const ReferenceResult expected =
      run_reference(model, normalised_patterns(kSide, kPictures), kPictures);
  const Json answer = count(model);
  EXPECT_EQ(answer["samples"], kPictures);
  EXPECT_EQ(answer["time_steps"], 2);
  EXPECT_NEAR(answer["firing_rate"].get<double>(), firing_rate(expected.spikes), 1e-12);

  ASSERT_EQ(answer["neuron_layers"].size(), expected.spikes.size());
  for (std::size_t i = 0; i < expected.spikes.size(); ++i) {
    const Json& layer = answer["neuron_layers"][i];
    const std::vector<std::int8_t>& spikes = expected.spikes[i].spikes;
    const auto positive = static_cast<double>(std::count(spikes.begin(), spikes.end(), 1));
    const auto negative = static_cast<double>(std::count(spikes.begin(), spikes.end(), -1));
    const auto chances = static_cast<double>(spikes.size());
    EXPECT_EQ(layer["layer"], expected.spikes[i].layer);
    EXPECT_EQ(layer["neurons"], spikes.size() / 2 / kPictures);
    EXPECT_NEAR(layer["positive_rate"].get<double>(), positive / chances, 1e-12);
    EXPECT_NEAR(layer["negative_rate"].get<double>(), negative / chances, 1e-12);
    EXPECT_EQ(layer["positive_rate_at"].size(), 2u);
    EXPECT_NEAR(layer["sign_operations"].get<double>(), 2 * (positive + negative) / kPictures,
                1e-9);
    EXPECT_EQ(layer["membrane_updates"], chances / kPictures);
  }

  ASSERT_EQ(answer["synapse_layers"].size(), expected.synapses.size());
  for (std::size_t i = 0; i < expected.synapses.size(); ++i) {
    const Json& layer = answer["synapse_layers"][i];
    const model::SynapseActivity& synapse = expected.synapses[i];
    EXPECT_EQ(layer["layer"], synapse.layer);
    EXPECT_NEAR(layer["macs"].get<double>(), synapse.macs / double(kPictures), 1e-9);
    EXPECT_NEAR(layer["synaptic_operations"].get<double>(),
                synapse.synaptic_operations / double(kPictures), 1e-9)
        << synapse.layer;
  }
}

TEST_F(Count, TotalsAndEnergyFollowFromTheLayers) {
  const Json answer = count(small_model());
  const Json& total = answer["total"];
  double macs = 0, synaptic = 0, signs = 0;
  for (const Json& layer : answer["synapse_layers"]) {
    macs += layer["macs"].get<double>();
    synaptic += layer["synaptic_operations"].get<double>();
  }
  for (const Json& layer : answer["neuron_layers"]) signs += layer["sign_operations"].get<double>();
  EXPECT_DOUBLE_EQ(total["macs"], macs);
  EXPECT_EQ(macs, 9 * 4 * 64);  // 3x3 weights of 1 x 4 channels at 64 positions, once an image
  EXPECT_DOUBLE_EQ(total["synaptic_operations"], synaptic);
  EXPECT_GT(synaptic, 0);
  EXPECT_DOUBLE_EQ(total["sign_operations"], signs);

  EXPECT_EQ(answer["energy"][0]["model"], "paper");
  EXPECT_NEAR(answer["energy"][0]["energy_pj"].get<double>(),
              12.5 * macs + 0.077 * synaptic + 3.7 * signs, 1e-6);
  EXPECT_EQ(answer["energy"][1]["model"], "horowitz45nm");
  EXPECT_NEAR(answer["energy"][1]["energy_pj"].get<double>(), 4.6 * macs + 0.9 * synaptic, 1e-6);
}

TEST_F(Count, PaperEstimateIsThatOfTheTrainedNetworkForAFoldedFileToo) {
  const model::ModelData trained = small_model();
  const auto additions =
      static_cast<double>(analysis::ann_additions(trained.network, model::Stage::kTrained));
  for (const model::ModelData& model : {trained, model::fold(trained)}) {
    const Json answer = count(model);
    const Json& estimate = answer["paper_estimate"];
    EXPECT_EQ(estimate["additions"], additions);
    EXPECT_EQ(estimate["flops"], 2 * 9 * 4 * 64);
    EXPECT_EQ(estimate["firing_rate"], answer["firing_rate"]);
    const double synaptic = 2 * additions * answer["firing_rate"].get<double>();
    EXPECT_NEAR(estimate["synaptic_operations"].get<double>(), synaptic, 1e-6);
    EXPECT_NEAR(estimate["energy_pj"].get<double>(),
                12.5 * 2 * 9 * 4 * 64 + 0.077 * synaptic +
                    3.7 * answer["total"]["sign_operations"].get<double>(),
                1e-6);
  }
}

TEST_F(Count, AnnTwinHasMacsOnly) {
  model::NetworkOptions options;
  options.width = 4;
  options.time_steps = 1;
  options.input = {1, kSide, kSide};
  options.neuron.kind = model::NeuronKind::kRelu;
  const Json answer = count(random_weights(model::build_network("resnet8", options), 3));
  EXPECT_EQ(answer["neuron_layers"].size(), 0u);
  EXPECT_EQ(answer["total"]["synaptic_operations"], 0);
  EXPECT_TRUE(answer["paper_estimate"].is_null());
  EXPECT_GT(answer["total"]["macs"], 9 * 4 * 64);
}

TEST_F(Count, Text) {
  const ProgramResult result =
      run({"count", save(small_model()), "--data", path("data"), "--limit", "2"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("2 pictures of "));
  EXPECT_THAT(result.out, HasSubstr("counted, paper"));
  EXPECT_THAT(result.out, HasSubstr("the paper's estimate"));
  EXPECT_THAT(result.err, HasSubstr("count  2 images in "));
}

}  // namespace
}  // namespace trispike::test
