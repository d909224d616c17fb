// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>

#include "interop/torch_golden.h"
#include "support/data.h"
#include "support/temporary_folder.h"
#include "trispike/interop/state_dict.h"
#include "trispike/model/error.h"
#include "trispike/model/model_data.h"
#include "trispike/model/safetensors.h"

namespace trispike::interop {
namespace {

using test::torch_golden;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class Exception, class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

std::vector<std::string> keys(const nlohmann::json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

std::string plain_name(const testing::TestParamInfo<std::string>& tested) {
  std::string name = tested.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
      '_');
  return name;
}

class TorchRead : public testing::TestWithParam<std::string> {};

TEST_P(TorchRead, GivesWhatPyTorchReads) {
  const StateDict dict = read_state_dict(torch_golden(GetParam()));
  EXPECT_EQ(test::described(dict.tensors), test::torch_expected()["read"][GetParam()]);
}

INSTANTIATE_TEST_SUITE_P(Files, TorchRead, testing::ValuesIn(keys(test::torch_expected()["read"])),
                         plain_name);

class TorchRefused : public testing::TestWithParam<std::string> {};

TEST_P(TorchRefused, NamesTheReason) {
  const std::string file = torch_golden(GetParam());
  const std::string message = message_of<FormatError>([&] { read_state_dict(file); });
  EXPECT_THAT(message, HasSubstr(file));
  EXPECT_THAT(message, HasSubstr(": byte "));
  EXPECT_THAT(message, HasSubstr(test::torch_expected()["refused"][GetParam()]));
}

INSTANTIATE_TEST_SUITE_P(Files, TorchRefused,
                         testing::ValuesIn(keys(test::torch_expected()["refused"])), plain_name);

TEST(TorchFile, OfACheckpointTheStateDictIsTaken) {
  const StateDict dict = read_state_dict(torch_golden("checkpoint.pth"));
  EXPECT_EQ(dict.entry, "state_dict");
  EXPECT_EQ(dict.prefix, "module.");
  EXPECT_THAT(dict.not_tensors, ElementsAre());
}

TEST(TorchFile, AnEntryCanBeNamed) {
  const std::string two = torch_golden("two_dicts.pth");
  EXPECT_EQ(read_state_dict(two, "model_ema").entry, "model_ema");
  EXPECT_THAT(message_of<FormatError>([&] { read_state_dict(two, "ema"); }),
              HasSubstr("no dict called 'ema'; it holds 'model', 'model_ema'"));
  EXPECT_THAT(
      message_of<FormatError>([&] { read_state_dict(torch_golden("checkpoint.pth"), "epoch"); }),
      HasSubstr("no dict called 'epoch'"));
}

TEST(TorchFile, WhatIsNoTensorIsListed) {
  const StateDict dict = read_state_dict(torch_golden("checkpoint.pth"), "optimizer");
  EXPECT_TRUE(dict.tensors.empty());
  EXPECT_THAT(dict.not_tensors, ElementsAre("state", "param_groups"));
}

TEST(TorchFile, SafetensorsFilesAreTakenToo) {
  const test::TemporaryFolder folder;
  const std::string file = folder.file("w.safetensors");
  model::Safetensors contents;
  contents.tensors["module._orig_mod.w"] = model::Tensor::from({2}, std::vector<float>{1, 2});
  model::write_safetensors(file, contents);
  const StateDict dict = read_state_dict(file);
  EXPECT_EQ(dict.tensors.at("w"), contents.tensors.at("module._orig_mod.w"));
  EXPECT_EQ(dict.prefix, "module._orig_mod.");
  EXPECT_THAT(message_of<ConfigError>([&] { read_state_dict(file, "state_dict"); }),
              HasSubstr("is a safetensors file"));
}

TEST(TorchFile, MissingAndOtherFiles) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(message_of<IoError>([&] { read_state_dict(folder.file("none.pth")); }),
              HasSubstr("no such file"));
  EXPECT_THAT(message_of<IoError>([&] { read_state_dict(folder.path().string()); }),
              HasSubstr("not a regular file"));
  EXPECT_THAT(message_of<FormatError>([] { read_torch({}, "empty.pth"); }),
              HasSubstr("empty.pth: byte 0: not a file of torch.save"));
}

class RealTorchFile : public testing::TestWithParam<std::string> {};

TEST_P(RealTorchFile, HasTheDigestThatPyTorchGives) {
  TRISPIKE_TEST_DATA(path, GetParam());
  const StateDict dict = read_state_dict(path.string());
  EXPECT_EQ(dict.tensors.size(), test::torch_expected()["real"][GetParam()]["tensors"]);
  EXPECT_EQ(model::digest(dict.tensors), test::torch_expected()["real"][GetParam()]["sha256"]);
}

INSTANTIATE_TEST_SUITE_P(Files, RealTorchFile,
                         testing::ValuesIn(keys(test::torch_expected()["real"])), plain_name);

}  // namespace
}  // namespace trispike::interop
