// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A program built without LibTorch has the same commands; those that need it say so.
#include <fstream>

#include "cli/cli_fixture.h"
#include "cli/samples.h"

namespace trispike::test {
namespace {

using WithoutLibTorch = CliTest;

TEST_F(WithoutLibTorch, RefusesByName) {
  write_idx_dataset(path("data"), kSide, {0, 1, 2});
  std::ofstream(path("small.toml")) << "[network]\nname = \"resnet8\"\n";
  const std::string checkpoint = save(small_model());
  expect_error(1, {"train", path("small.toml"), "--data", path("data"), "--out", path("run")},
               "training needs LibTorch");
  expect_error(1, {"export", checkpoint, "-o", path("out.safetensors"), "--quiet"},
               "needs LibTorch");
  expect_error(1, {"eval", checkpoint, "--data", path("data"), "--engine", "libtorch", "--quiet"},
               "the libtorch engine needs LibTorch");
  EXPECT_FALSE(std::filesystem::exists(path("out.safetensors")));
}

}  // namespace
}  // namespace trispike::test
