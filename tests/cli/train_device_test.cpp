// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// --device cuda, as a machine without a GPU answers it.
#include <filesystem>
#include <fstream>

#include "cli/train_fixture.h"

namespace trispike::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class TrainDevice : public Train {
 protected:
  /// The program and its training library in a folder of their own, where no plugin is.
  void SetUp() override {
    Train::SetUp();
    fs::create_directory(path("bin"));
    const fs::path built = fs::path(TRISPIKE_PROGRAM).parent_path();
    for (const char* name : {"trispike", "libtrispike_train.so"}) {
      fs::copy_file(built / name, path("bin") + "/" + name);
    }
  }

  std::string plugin() const { return path("bin/libtrispike_cuda.so"); }

  ProgramResult on_cuda(const std::vector<std::string>& environment = {}) {
    Program program(path("bin"), train("run", {"--device", "cuda", "--quiet"}), environment,
                    path("bin/trispike").c_str());
    return program.wait();
  }

  void expect_refused(const ProgramResult& result, const std::vector<std::string>& texts) {
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("trispike: error: --device: cuda needs"));
    for (const std::string& text : texts) EXPECT_THAT(result.err, HasSubstr(text));
    EXPECT_FALSE(fs::exists(path("run")));  // nothing was begun
  }
};

TEST_F(TrainDevice, UnknownNamesAreRefused) {
  expect_error(2, train("run", {"--device", "gpu"}),
               "--device: 'gpu' is unknown, expected cpu or cuda");
}

TEST_F(TrainDevice, APluginThatWasNotBuiltIsNamedWithWhatBuildsIt) {
  expect_refused(on_cuda(), {"libtrispike_cuda.so, which this trispike was built without", "nvcc",
                             "scripts/setup --cuda"});
}

TEST_F(TrainDevice, APluginThatCannotBeLoadedIsNamedWithTheReason) {
  std::ofstream(plugin()) << "no library";
  expect_refused(on_cuda(),
                 {"which cannot be loaded", "libtrispike_cuda.so: ", "scripts/setup --cuda"});
}

TEST_F(TrainDevice, NoGpuIsSaidWithCudasOwnReason) {
  fs::copy_file(TRISPIKE_FAKE_CUDA, plugin());
  expect_refused(on_cuda({"FAKE_CUDA_DEVICES=0"}), {"an NVIDIA GPU", "none here, says the fake"});
}

TEST_F(TrainDevice, EachProcessNeedsAGpuOfItsOwn) {
  fs::copy_file(TRISPIKE_FAKE_CUDA, plugin());
  expect_refused(on_cuda({"FAKE_CUDA_DEVICES=1", "RANK=1", "WORLD_SIZE=2", "LOCAL_WORLD_SIZE=2",
                          "LOCAL_RANK=1", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=1"}),
                 {"a GPU for each process; this machine has 1, and this is process 1"});
}

TEST_F(TrainDevice, Float16IsForGpus) {
  expect_error(2, train("run", {"--set", "train.precision=float16"}),
               "train.precision: \"float16\" is for GPUs (--device cuda)");
}

TEST_F(TrainDevice, ReproduceTrainsItsCellsOnIt) {
  const auto reproduce = [&](const char* name, const std::vector<std::string>& more) {
    std::vector<std::string> all = {"reproduce", name,        "--data",  path("data"),
                                    "--out",     path("out"), "--scale", "tiny",
                                    "--dataset", "mnist",     "--quiet", "--device"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  expect_error(2, reproduce("ablation", {"gpu"}), "'gpu' is unknown, expected cpu or cuda");
  expect_error(2, reproduce("comparison", {"cuda"}),
               "--device: is nothing that 'comparison' takes");
  expect_error(2, reproduce("ablation", {"cuda", "--no-training"}),
               "--device: says where to train, --no-training that nothing is trained");
  fs::copy_file(TRISPIKE_FAKE_CUDA, plugin());
  Program program(path("bin"), reproduce("ablation", {"cuda"}), {"FAKE_CUDA_DEVICES=0"},
                  path("bin/trispike").c_str());
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("none here, says the fake"));
}

TEST_F(TrainDevice, EvalTakesItForLibtorchOnly) {
  const Json trained = run_json("train", train("run", {"--json", "--quiet"}));
  const std::vector<std::string> eval = {"eval", trained["best"], "--data", path("data"),
                                         "--device"};
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = eval;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  expect_error(2, with({"cuda"}), "--device: 'cuda' is for --engine libtorch");
  expect_error(2, with({"tpu", "--engine", "libtorch"}), "expected cpu or cuda");
  EXPECT_EQ(run_json("eval", with({"cpu", "--engine", "libtorch", "--json", "--quiet"}))["target"],
            "cpu");
  fs::copy_file(TRISPIKE_FAKE_CUDA, plugin());
  Program program(path("bin"), with({"cuda", "--engine", "libtorch", "--quiet"}),
                  {"FAKE_CUDA_DEVICES=0"}, path("bin/trispike").c_str());
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("none here, says the fake"));
}

}  // namespace
}  // namespace trispike::test
