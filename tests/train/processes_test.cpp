// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Two ranks on halves of a batch do what one does on the whole: gradients, running statistics,
// results. The ranks are threads of this process that meet through Gloo as processes do.
#include "trispike/train/processes.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "src/checkpoint.h"
#include "src/communicator.h"
#include "src/training_step.h"
#include "trispike/model/error.h"
#include "trispike/model/networks.h"

namespace trispike::train {
namespace {

using ::testing::HasSubstr;

int free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  close(listener);
  return ntohs(address.sin_port);
}

/// Calls work(communicator) on `count` threads, one rank each.
template <class F>
void on_ranks(int count, F&& work) {
  const int port = free_port();
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        at::set_num_threads(1);
        const auto group =
            connect({.rank = rank, .count = count, .on_this_machine = count, .port = port});
        work(group.get(), rank);
        if (group) group->all_reduce(at::zeros({1}));  // nobody leaves before the others are done
      } catch (...) {
        failures[static_cast<std::size_t>(rank)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

struct Case {
  std::string name;
  at::ScalarType type;
  bool fused;
  double tolerance;  ///< relative, per tensor
  std::int64_t batch;
  model::NeuronKind neuron = model::NeuronKind::kTrainableTernary;
};

/// One iteration. Without decay and with a fresh momentum, the optimizer's state is the gradient.
struct Outcome {
  std::map<std::string, at::Tensor> gradients, buffers;
  StepResult result;
};

Outcome iterate(const Case& c, Communicator* group, int rank) {
  model::NetworkOptions options;
  options.time_steps = 2;
  options.width = 4;
  options.input = {3, 16, 16};
  options.num_classes = 10;
  options.neuron = model::neuron_preset("official_code", c.neuron);
  Network network(model::build_network("resnet20", options), 7, c.type);
  TrainSection settings;
  settings.weight_decay = 0.0;
  settings.fused = c.fused;
  settings.firing_rate_target = 0.1;
  OptimizerState optimizer(settings, network.parameters());
  TrainingStep step(settings, network, optimizer, /*maps=*/std::nullopt, group);
  at::Generator generator = at::detail::createCPUGenerator(3);
  const at::Tensor images = at::randn({c.batch, 3, 16, 16}, generator, at::kDouble);
  const at::Tensor labels = at::arange(c.batch, at::kLong);
  const Share share = share_of(c.batch, group);
  const std::int64_t first = group && share.size < c.batch ? c.batch * rank / group->size() : 0;
  double penalty = first_penalty(settings);
  Outcome outcome;
  outcome.result =
      step.run({images.narrow(0, first, share.size), labels.narrow(0, first, share.size), c.batch},
               0.1, 0, penalty);
  for (std::size_t i = 0; i < network.parameters().size(); ++i) {
    outcome.gradients[network.parameters()[i].name] = optimizer.state()[0][i];
  }
  for (const auto& [name, tensor] : network.tensors()) outcome.buffers[name] = to_torch(tensor);
  return outcome;
}

/// The gradient of an amplitude in front of a batch norm is zero but for rounding: it is measured
/// by the largest of the network's (tests/golden/official-parity/README.md).
void expect_close(const std::map<std::string, at::Tensor>& value,
                  const std::map<std::string, at::Tensor>& expected, double tolerance) {
  ASSERT_EQ(value.size(), expected.size());
  double amplitude = 0.0;
  for (const auto& [name, tensor] : expected) {
    if (name.ends_with(".amplitude")) {
      amplitude = std::max(amplitude, tensor.norm().item<double>());
    }
  }
  for (const auto& [name, tensor] : expected) {
    const double own = tensor.norm().item<double>();
    const double scale = name.ends_with(".amplitude") ? amplitude : own;
    EXPECT_LE((value.at(name) - tensor).norm().item<double>(), tolerance * scale) << name;
  }
}

class TwoRanks : public ::testing::TestWithParam<Case> {};

TEST_P(TwoRanks, GiveTheGradientsAndStatisticsOfOne) {
  const Case& c = GetParam();
  at::set_num_threads(1);
  const Outcome whole = iterate(c, nullptr, 0);
  Outcome halves[2];
  on_ranks(2, [&](Communicator* group, int rank) { halves[rank] = iterate(c, group, rank); });
  for (const Outcome& half : halves) {
    expect_close(half.gradients, whole.gradients, c.tolerance);
    expect_close(half.buffers, whole.buffers, c.tolerance);
    EXPECT_NEAR(half.result.loss, whole.result.loss, c.tolerance);
    EXPECT_NEAR(half.result.firing_rate, whole.result.firing_rate, c.tolerance);
    EXPECT_EQ(half.result.correct, whole.result.correct);
  }
  for (const auto& [name, tensor] : halves[0].buffers) {
    EXPECT_TRUE(tensor.equal(halves[1].buffers.at(name))) << name << " differs between ranks";
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TwoRanks,
    ::testing::Values(Case{"reference64", at::kDouble, false, 1e-10, 8},
                      Case{"fused64", at::kDouble, true, 1e-10, 8},
                      Case{"unequal_shares", at::kDouble, true, 1e-10, 7},
                      Case{"fewer_samples_than_ranks", at::kDouble, true, 1e-10, 1},
                      Case{"fused32", at::kFloat, true, 1e-6, 4, model::NeuronKind::kTernary}),
    [](const auto& tested) { return tested.param.name; });

TEST(Processes, MoreThanTwoAgree) {
  const Case c{"three", at::kDouble, true, 1e-10, 8};
  const Outcome whole = iterate(c, nullptr, 0);
  on_ranks(3, [&](Communicator* group, int rank) {
    expect_close(iterate(c, group, rank).gradients, whole.gradients, c.tolerance);
  });
}

TEST(Processes, StopTogether) {
  on_ranks(2, [&](Communicator* group, int rank) {
    model::NetworkOptions options;
    options.width = 4;
    options.input = {1, 8, 8};
    options.num_classes = 2;
    Network network(model::build_network("resnet8", options), 7);
    TrainSection settings;
    OptimizerState optimizer(settings, network.parameters());
    TrainingStep step(settings, network, optimizer, std::nullopt, group);
    double penalty = 0.0;
    TrainingStep::Batch batch{at::ones({2, 1, 8, 8}), at::zeros({2}, at::kLong), 4, rank == 1};
    EXPECT_TRUE(step.run(batch, 0.1, 0, penalty).stop);
    batch.stop = false;
    EXPECT_FALSE(step.run(batch, 0.1, 1, penalty).stop);
  });
}

TEST(Processes, AStateOfARunTravelsAsNumbers) {
  RunState state;
  state.epoch = 3;
  state.iteration = 123456789;
  state.penalty = 0.25;
  state.best_epoch = 2;
  const RunState again = from_numbers(to_numbers(state));
  EXPECT_EQ(to_numbers(again), to_numbers(state));
  EXPECT_EQ(again.iteration, state.iteration);
}

TEST(Processes, ThatDoNotComeAreNamed) {
  try {
    // Nothing listens there.
    connect({.rank = 1,
             .count = 2,
             .on_this_machine = 2,
             .address = "256.0.0.1",
             .port = 1,
             .meeting_seconds = 1});
    FAIL() << "connected";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("process 1 of 2: the processes of the run did not meet at "
                                        "256.0.0.1:1"));
  }
}

}  // namespace
}  // namespace trispike::train
