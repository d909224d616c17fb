// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Networks as JSON: the text, and texts that must be refused. Round trips of all networks:
// networks_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "trispike/model/error.h"
#include "trispike/model/networks.h"

namespace trispike::model {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

NetworkSpec small_network() {
  NetworkSpec network{"small", 2, {}};
  network.layers = {
      {"input", {}, InputLayer{{1, 4, 4}, InputKind::kFrames}},
      {"conv", {0}, ConvLayer{1, 2, 3, 1, 1, true}},
      {"neuron", {1}, NeuronLayer{}},
      {"scale", {2}, ScaleLayer{2}},
      {"pool", {3}, GlobalAvgPoolLayer{}},
      {"head", {4}, LinearLayer{2, 3, false}},
  };
  return network;
}

TEST(NetworkJson, KindsOfInput) {
  for (const auto& [kind, word] :
       {std::pair{InputKind::kStatic, "static"}, std::pair{InputKind::kFrames, "frames"},
        std::pair{InputKind::kEvents, "events"}}) {
    NetworkSpec network = build_network("resnet8", {.input = {2, 8, 8}, .input_kind = kind});
    const std::string text = to_json(network);
    EXPECT_NE(text.find(std::string("\"kind\":\"") + word + '"'), std::string::npos) << text;
    EXPECT_EQ(network_from_json(text), network);
  }
}

TEST(NetworkJson, TextIsWhatTheFormatSays) {
  EXPECT_EQ(
      to_json(small_network()),
      R"({"name":"small","time_steps":2,"layers":[)"
      R"({"name":"input","type":"input","inputs":[],"channels":1,"height":4,"width":4,"kind":"frames"},)"
      R"({"name":"conv","type":"conv","inputs":["input"],"in_channels":1,"out_channels":2,"kernel":3,"stride":1,"padding":1,"bias":true},)"
      R"({"name":"neuron","type":"neuron","inputs":["conv"],"kind":"ternary","threshold":0.5,"decay":0.25,"strict":false,"reset":"hard","detach_reset":false,"surrogate":"straight_through","surrogate_width":1.0},)"
      R"({"name":"scale","type":"scale","inputs":["neuron"],"channels":2},)"
      R"({"name":"pool","type":"global_avg_pool","inputs":["scale"]},)"
      R"({"name":"head","type":"linear","inputs":["pool"],"in_features":2,"out_features":3,"bias":false}]})");
}

TEST(NetworkJson, KeepsEveryOption) {
  NetworkSpec network = small_network();
  auto& neuron = std::get<NeuronLayer>(network.layers[2].params).neuron;
  neuron = {NeuronKind::kTrainableTernary,    0.1 + 0.2, 1.0 / 3, true, ResetMode::kSoft, true,
            {SurrogateKind::kDspike, 1e-300}, true};
  network.layers[4] = {"pool", {3}, AvgPoolLayer{4, 4, 2, true, true}};
  network.layers.insert(network.layers.begin() + 5, {"global", {4}, GlobalAvgPoolLayer{}});
  network.layers[6].inputs = {5};
  EXPECT_EQ(network_from_json(to_json(network)), network);
}

std::string message_of(const std::string& text) {
  try {
    network_from_json(text, "file");
  } catch (const FormatError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(NetworkJsonErrors, NotJson) {
  EXPECT_THAT(message_of(""), HasSubstr("file: byte 0: not JSON"));
  EXPECT_THAT(message_of("{\"name\":\"x\",}"), HasSubstr("file: byte 12: not JSON"));
  EXPECT_THAT(message_of("[]"), HasSubstr("network is array, expected an object"));
  EXPECT_THAT(message_of(R"({"name":"x","time_steps":NaN})"), HasSubstr("not JSON"));
  EXPECT_THAT(message_of(R"({"name":"x","time_steps":1e999})"), HasSubstr("not JSON"));
  EXPECT_THAT(message_of("{\"name\":\"\xff\"}"), HasSubstr("not JSON"));
  EXPECT_THAT(message_of(to_json(small_network()) + "x"), HasSubstr("not JSON"));
  EXPECT_THAT(message_of(to_json(small_network()) + std::string("\0x", 2)),
              HasSubstr("not JSON: a zero byte"));
  EXPECT_THAT(message_of(R"({"name":"x","name":"y"})"),
              HasSubstr("JSON key 'name' stands twice in one object"));
}

TEST(NetworkJsonErrors, NestingDoesNotOverflowTheStack) {
  const std::size_t deep = 1'000'000;
  EXPECT_THAT(message_of(std::string(deep, '[')), HasSubstr("nested deeper than 8 levels"));
  std::string objects;
  for (std::size_t i = 0; i < deep; ++i) objects += "{\"a\":";
  EXPECT_THAT(message_of(objects), HasSubstr("nested deeper than 8 levels"));
}

struct Fault {
  const char* expected;  // part of the message
  void (*make)(json& network);
};

TEST(NetworkJsonErrors, ContentsAreChecked) {
  const std::vector<Fault> faults{
      {"network has no key 'time_steps'", [](json& n) { n.erase("time_steps"); }},
      {"network has the unknown key 'colour'", [](json& n) { n["colour"] = 1; }},
      {"network has '\"2\"' for 'time_steps', expected a whole number",
       [](json& n) { n["time_steps"] = "2"; }},
      {"network has '2.5' for 'time_steps'", [](json& n) { n["time_steps"] = 2.5; }},
      {"network has '4294967298' for 'time_steps', expected a small whole number",
       [](json& n) { n["time_steps"] = 4294967298; }},
      {"'network': time_steps is 0", [](json& n) { n["time_steps"] = 0; }},
      {"network has '{}' for 'layers', expected an array",
       [](json& n) { n["layers"] = json::object(); }},
      {"'network': it has 0 layers", [](json& n) { n["layers"] = json::array(); }},
      {"layer 1 is number, expected an object", [](json& n) { n["layers"][1] = 3; }},
      {"layer 1 has no key 'stride'", [](json& n) { n["layers"][1].erase("stride"); }},
      {"layer 1 has the unknown key 'dilation'", [](json& n) { n["layers"][1]["dilation"] = 1; }},
      {"layer 1 has the unknown type 'conv3d'", [](json& n) { n["layers"][1]["type"] = "conv3d"; }},
      {"layer 1 'conv' reads '\"head\"', which is no earlier layer",
       [](json& n) { n["layers"][1]["inputs"] = {"head"}; }},
      {"layer 1 'conv' reads '0', which is no earlier layer",
       [](json& n) { n["layers"][1]["inputs"] = {0}; }},
      {"layer 1 has 'true' for 'kernel', expected a whole number",
       [](json& n) { n["layers"][1]["kernel"] = true; }},
      {"layer 1 has '18446744073709551615' for 'kernel'",
       [](json& n) { n["layers"][1]["kernel"] = 18446744073709551615u; }},
      {"layer 1 has '1' for 'bias', expected true or false",
       [](json& n) { n["layers"][1]["bias"] = 1; }},
      {"'conv': kernel is -1", [](json& n) { n["layers"][1]["kernel"] = -1; }},
      {"layer 2 neuron.kind: unknown neuron kind 'quaternary'",
       [](json& n) { n["layers"][2]["kind"] = "quaternary"; }},
      {"layer 2 neuron.reset: unknown reset mode", [](json& n) { n["layers"][2]["reset"] = "no"; }},
      {"layer 2 has 'null' for 'threshold', expected a number",
       [](json& n) { n["layers"][2]["threshold"] = nullptr; }},
      {"'neuron': neuron.threshold: is 0", [](json& n) { n["layers"][2]["threshold"] = 0; }},
      {"layer 2 has 'false' for 'trainable_threshold', expected true, or not to be there",
       [](json& n) { n["layers"][2]["trainable_threshold"] = false; }},
      {"layer 2 has '1' for 'trainable_threshold', expected true or false",
       [](json& n) { n["layers"][2]["trainable_threshold"] = 1; }},
      {"layer 0 kind: unknown input kind 'video'",
       [](json& n) { n["layers"][0]["kind"] = "video"; }},
      {"'conv': the name is taken", [](json& n) { n["layers"][5]["name"] = "conv"; }},
      {"its name 'a/b'", [](json& n) { n["layers"][5]["name"] = "a/b"; }},
  };
  for (const Fault& fault : faults) {
    json network = json::parse(to_json(small_network()));
    fault.make(network);
    EXPECT_THAT(message_of(network.dump()), HasSubstr(fault.expected));
    EXPECT_THAT(message_of(network.dump()), HasSubstr("file: byte "));
  }
}

// Whatever is cut off or altered, the answer is a FormatError or a valid network, never a crash.
TEST(NetworkJsonErrors, TruncatedAndAlteredTexts) {
  const std::string text = to_json(small_network());
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_THROW(network_from_json(text.substr(0, length)), FormatError) << length;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char replacement : {'\0', '"', '9', '-', '{', ']', '\x80'}) {
      std::string altered = text;
      altered[i] = replacement;
      try {
        infer(network_from_json(altered));
      } catch (const FormatError&) {
      }
    }
  }
}

}  // namespace
}  // namespace trispike::model
