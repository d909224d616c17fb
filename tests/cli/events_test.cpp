// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Networks that are shown recordings of events.
#include "cli/cli_fixture.h"
#include "data/fixtures.h"
#include "support/reference_network.h"
#include "trispike/data/frames.h"
#include "trispike/runtime/runtime.h"

namespace trispike::test {
namespace {

using testing::HasSubstr;

constexpr int kSensor = 34, kTimeSteps = 3;

class Events : public CliTest {
 protected:
  Events() {
    for (int i = 0; i < 6; ++i) {
      data::save(path("set/test/" + std::to_string(i % 2) + "/" + std::to_string(i) + ".bin"),
                 nmnist(events_of(i)));
    }
    for (int i = 0; i < 10; ++i) {
      data::save(path("ten/" + std::to_string(i) + "/" + std::to_string(i) + ".bin"),
                 nmnist(events_of(i)));
    }
  }

  static std::vector<data::Event> events_of(int number) {
    std::vector<data::Event> events;
    for (int i = 0; i < 200; ++i) {
      events.push_back({10 * i, std::uint16_t((7 * i + number) % 34),
                        std::uint16_t((5 * i * i + 3 * number) % 34), std::uint8_t(i % 3 == 0)});
    }
    return events;
  }

  static data::Bytes nmnist(const std::vector<data::Event>& events) {
    data::Bytes bytes;
    for (const data::Event& event : events) {
      const auto rest = static_cast<std::uint32_t>(event.t) | std::uint32_t{event.p} << 23;
      for (const std::uint32_t byte :
           {std::uint32_t{event.x}, std::uint32_t{event.y}, rest >> 16, rest >> 8, rest}) {
        bytes.push_back(static_cast<std::byte>(byte));
      }
    }
    return bytes;
  }

  /// resnet8 of width 4 on frames of 17x17, made by summing.
  static model::ModelData event_model(model::InputKind kind = model::InputKind::kEvents) {
    model::NetworkOptions options;
    options.width = 4;
    options.time_steps = kTimeSteps;
    options.input = {2, 17, 17};
    options.input_kind = kind;
    options.neuron.kind = model::NeuronKind::kTernary;
    model::ModelData model = random_weights(model::build_network("resnet8", options), 3);
    model.preprocessing.frames =
        model::FrameBinning{"time", 0, false, true, "sum", kSensor, kSensor};
    return model;
  }

  static std::vector<double> frames_of(int number) {
    data::FrameOptions options;
    options.time_steps = kTimeSteps;
    options.by = data::FramesBy::kTime;
    options.height = options.width = 17;
    const std::vector<float> frames =
        data::make_frames({events_of(number), kSensor, kSensor}, options);
    return {frames.begin(), frames.end()};
  }
};

TEST_F(Events, PredictGivesTheLogitsOfTheReference) {
  for (const auto kind : {model::InputKind::kEvents, model::InputKind::kFrames}) {
    const model::ModelData model = event_model(kind);
    const Json answer = run_json("predict", {"predict", save(model), path("set/test/1/5.bin"),
                                             "--arithmetic", "float64", "--json"});
    const ReferenceResult expected = run_reference(model, frames_of(5), 1);
    const Json& logits = answer["predictions"][0]["logits"];
    ASSERT_EQ(logits.size(), expected.logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
      EXPECT_NEAR(logits[i], expected.logits[i], 1e-9);
    }
  }
}

TEST_F(Events, CountFindsNoMultiplication) {
  const model::ModelData model = event_model();
  const Json answer =
      run_json("count", {"count", save(model), "--data", path("ten"), "--json", "-q"});
  EXPECT_EQ(answer["samples"], 10);
  EXPECT_EQ(answer["total"]["macs"], 0);
  double operations = 0;
  for (int i = 0; i < 10; ++i) {
    const ReferenceResult reference = run_reference(model::fold(model), frames_of(i), 1);
    for (const auto& synapse : reference.synapses) operations += synapse.synaptic_operations;
  }
  EXPECT_DOUBLE_EQ(answer["total"]["synaptic_operations"], operations / 10);
  // Real-valued frames are multiplied in the first layer.
  const Json frames = run_json("count", {"count", save(event_model(model::InputKind::kFrames)),
                                         "--data", path("ten"), "--json", "-q"});
  EXPECT_GT(frames["total"]["macs"], 0);
}

TEST_F(Events, EvalReadsDataSetsOfEvents) {
  const Json answer = run_json(
      "eval", {"eval", save(event_model()), "--data", path("ten"), "--limit", "7", "--json", "-q"});
  EXPECT_EQ(answer["samples"], 7);
  EXPECT_GT(answer["firing_rate"], 0);
  expect_error(1, {"eval", save(event_model()), "--data", path("set"), "-q"},
               "tells 10 classes apart");
  expect_error(1, {"eval", save(small_model()), "--data", path("ten"), "-q"},
               "the network's input is a picture, this is a recording of events");
}

TEST_F(Events, DataInfoAndCheck) {
  const Json info = run_json("data", {"data", "info", path("ten"), "--json"});
  EXPECT_EQ(info["kind"], "event_folder data set");
  const Json check = run_json("data", {"data", "check", path("ten"), "--json"});
  EXPECT_THAT(check["summary"].dump(), ::testing::HasSubstr("10 recordings, 2000 events"));
}

TEST_F(Events, StreamExampleDecidesWhileARecordingPlays) {
  const auto stream = [&](const std::vector<std::string>& arguments) {
    return Program(path(""), arguments, {}, TRISPIKE_STREAM).wait();
  };
  // 2 ms of events in windows of 0.2 ms are 10 frames: a decision after 3, 6 and 9 of them.
  const model::ModelData model = event_model();
  const std::string recording = path("set/test/1/5.bin");
  const ProgramResult result = stream({save(model), recording, "0.2", "10"});
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("0.001 s  class "));
  EXPECT_THAT(result.out, HasSubstr("0.002 s  class "));
  EXPECT_THAT(result.out, HasSubstr("after 3 time steps"));
  EXPECT_THAT(result.out, HasSubstr("10 windows, latency from the end of a window: median "));
  // The first decision is that of the runtime on those frames.
  data::FrameOptions options;
  options.height = options.width = 17;
  std::vector<float> frames;
  for (int t = 0; t < kTimeSteps; ++t) {
    data::EventRecording window{{}, kSensor, kSensor};
    for (const data::Event& event : events_of(5)) {
      if (event.t / 200 == t) window.events.push_back(event);
    }
    const std::vector<float> frame = data::make_frames(window, options);
    frames.insert(frames.end(), frame.begin(), frame.end());
  }
  const auto loaded = runtime::Model::load(save(model));
  runtime::Session session(loaded);
  const auto scores = session.run(std::span<const float>(frames));
  const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
  EXPECT_THAT(result.out, testing::StartsWith("   0.001 s  class " + std::to_string(best) + " "));
  // Any margin is clear at once.
  EXPECT_THAT(stream({save(model), recording, "0.2", "10", "1e-9"}).out,
              HasSubstr("after 1 time steps"));
  EXPECT_EQ(stream({save(model)}).exit_code, 2);
  EXPECT_EQ(stream({save(model), recording, "-3"}).exit_code, 2);
  EXPECT_EQ(stream({save(model), path("none.bin")}).exit_code, 1);
}

TEST_F(Events, AreAnalysedAsPicturesAre) {
  for (const model::InputKind kind : {model::InputKind::kEvents, model::InputKind::kFrames}) {
    const Json answer =
        run_json("analyze", {"analyze", save(event_model(kind)), "--data", path("ten"), "--out",
                             path("out"), "--json", "--quiet"});
    EXPECT_EQ(answer["samples"], 10);
    EXPECT_EQ(answer["layers"][0]["steps"].size(), std::size_t{kTimeSteps});
    EXPECT_EQ(answer["total"]["macs"] == 0, kind == model::InputKind::kEvents);
    EXPECT_THAT(read_text(path("out/report.html")), HasSubstr("t = 3"));
  }
}

}  // namespace
}  // namespace trispike::test
