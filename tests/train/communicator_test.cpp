// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What every transport between the processes of a run must do.
#include "src/communicator.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include "ranks.h"
#include "src/run_identity.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

struct Way {
  std::string name;
  Transport transport;
  int ranks;
};

class EveryTransport : public ::testing::TestWithParam<Way> {
 protected:
  int ranks() const { return GetParam().ranks; }
  template <class F>
  void on_all(F&& work) const {
    on_ranks(ranks(), work, GetParam().transport);
  }
};

/// Whole numbers, so that their sum is exact in any order: rank * 1000 + i mod 97.
at::Tensor numbers_of(int rank, std::int64_t count, at::ScalarType type) {
  return (at::arange(count, at::kDouble).remainder(97) + 1000.0 * rank).to(type);
}

at::Tensor sum_of_numbers(int ranks, std::int64_t count, at::ScalarType type) {
  at::Tensor sum = at::zeros({count}, type);
  for (int rank = 0; rank < ranks; ++rank) sum += numbers_of(rank, count, type);
  return sum;
}

TEST_P(EveryTransport, SumsAnyLength) {
  on_all([&](Communicator* group, int rank) {
    EXPECT_EQ(group->rank(), rank);
    EXPECT_EQ(group->size(), ranks());
    for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
      for (const std::int64_t count : {1, 7, 8192, 100'001}) {
        const at::Tensor values = numbers_of(rank, count, type);
        group->all_reduce(values);
        EXPECT_TRUE(values.equal(sum_of_numbers(ranks(), count, type))) << count;
      }
    }
  });
}

TEST_P(EveryTransport, GivesEveryRankTheSameBits) {
  std::vector<at::Tensor> small(static_cast<std::size_t>(ranks())), large = small;
  on_all([&](Communicator* group, int rank) {
    at::Generator generator = at::detail::createCPUGenerator(static_cast<std::uint64_t>(rank));
    const at::Tensor values = at::randn({10'000}, generator, at::kFloat);
    const SumBuffer buffer = group->make_sum_buffer(10'000, values.options());
    buffer.own.copy_(values);
    group->start_all_reduce(buffer)();
    large[static_cast<std::size_t>(rank)] = buffer.sum.clone();
    group->all_reduce(values);
    small[static_cast<std::size_t>(rank)] = values;
  });
  for (int rank = 1; rank < ranks(); ++rank) {
    EXPECT_TRUE(small[0].equal(small[static_cast<std::size_t>(rank)]));
    EXPECT_TRUE(large[0].equal(large[static_cast<std::size_t>(rank)]));
  }
}

TEST_P(EveryTransport, SumsLargeOnesBesideSmallOnesAgainAndAgain) {
  on_all([&](Communicator* group, int rank) {
    const std::vector<std::int64_t> counts{50'000, 3, 1, 300'000};
    std::vector<SumBuffer> buffers;
    for (const std::int64_t count : counts) {
      buffers.push_back(group->make_sum_buffer(count, at::TensorOptions(at::kFloat)));
      EXPECT_EQ(buffers.back().own.abs().sum().item<float>(), 0.0f);
    }
    for (int round = 0; round < 20; ++round) {
      std::vector<std::function<void()>> waits;
      for (std::size_t i = 0; i < buffers.size(); ++i) {
        buffers[i].own.copy_(numbers_of(rank + round, counts[i], at::kFloat));
        waits.push_back(group->start_all_reduce(buffers[i]));
        const at::Tensor small = at::ones({5}, at::kDouble);
        group->all_reduce(small);
        EXPECT_EQ(small[4].item<double>(), ranks());
      }
      for (std::size_t i = 0; i < buffers.size(); ++i) {
        waits[i]();
        const at::Tensor expected =
            sum_of_numbers(ranks(), counts[i], at::kFloat) + 1000.0f * round * ranks();
        EXPECT_TRUE(buffers[i].sum.equal(expected)) << "round " << round << ", buffer " << i;
      }
    }
  });
}

TEST_P(EveryTransport, BroadcastsFromRank0) {
  on_all([&](Communicator* group, int rank) {
    for (const std::int64_t count : {1, 100'001}) {
      const at::Tensor values = numbers_of(rank, count, at::kFloat);
      group->broadcast(values);
      EXPECT_TRUE(values.equal(numbers_of(0, count, at::kFloat)));
    }
    const at::Tensor bytes = at::full({3}, rank + 7, at::kByte);
    group->broadcast(bytes);
    EXPECT_EQ(bytes[2].item<int>(), 7);
  });
}

TEST_P(EveryTransport, ARankThatLeavesEndsTheOthers) {
  const auto start = Clock::now();
  const int port = free_port();
  on_threads(ranks(), [&](int rank) {
    auto group = connect({.rank = rank, .count = ranks(), .on_this_machine = ranks(), .port = port},
                         GetParam().transport);
    group->all_reduce(at::zeros({1}));
    if (rank == 1) return;
    try {
      // The others may have got through this one before they notice.
      for (int i = 0; i < 3; ++i) group->all_reduce(at::zeros({1}));
      ADD_FAILURE() << "rank " << rank << " went on without rank 1";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("another process of the run"));
      EXPECT_THAT(error.what(), HasSubstr("go on with --resume from the last checkpoint"));
    }
  });
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(30));
}

TEST_P(EveryTransport, MeetsAgainInAStoreThatOutlivesIt) {
  // As torchrun's does, which starts all processes anew when one has failed.
  c10d::TCPStoreOptions options;
  options.isServer = true;
  options.port = 0;
  options.waitWorkers = false;
  const c10d::TCPStore store("127.0.0.1", options);
  for (int restart = 0; restart < 3; ++restart) {
    on_threads(ranks(), [&](int rank) {
      const auto group = connect({.rank = rank,
                                  .count = ranks(),
                                  .on_this_machine = ranks(),
                                  .port = store.getPort(),
                                  .store_runs_elsewhere = true,
                                  .restart = restart,
                                  .meeting_seconds = 20},
                                 GetParam().transport);
      const at::Tensor values = at::full({1}, 1.0 + rank, at::kDouble);
      group->all_reduce(values);
      EXPECT_EQ(values.item<double>(), ranks() * (ranks() + 1) / 2);
      group->all_reduce(values);
    });
  }
}

TEST_P(EveryTransport, NamesWhatDiffersBetweenRanks) {
  const RunIdentity agreed{{"train.epochs", "3"}, {"the number of train samples", "50"}};
  on_all([&](Communicator* group, int) { check_same_run(agreed, *group); });
  on_all([&](Communicator* group, int rank) {
    RunIdentity identity = agreed;
    if (rank == ranks() - 1) identity[1].second = "49";
    try {
      check_same_run(identity, *group);
      ADD_FAILURE() << "rank " << rank << " saw no difference";
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), HasSubstr("the number of train samples is 49 on process " +
                                          std::to_string(ranks() - 1) + ", but 50 on process 0"));
    }
  });
  on_all([&](Communicator* group, int rank) {
    RunIdentity identity = agreed;
    if (rank == 1) identity.insert(identity.begin(), {"train.new", "1"});
    EXPECT_THROW(check_same_run(identity, *group), ConfigError);
  });
}

INSTANTIATE_TEST_SUITE_P(All, EveryTransport,
                         ::testing::Values(Way{"shared_memory_2", Transport::kAutomatic, 2},
                                           Way{"shared_memory_5", Transport::kAutomatic, 5},
                                           Way{"gloo_2", Transport::kGloo, 2},
                                           Way{"gloo_3", Transport::kGloo, 3}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Communicator, ChoosesSharedMemoryOnOneMachine) {
  on_ranks(2, [](Communicator* group, int) {
#if defined(__linux__)
    EXPECT_EQ(group->transport(), "through shared memory");
#else
    EXPECT_EQ(group->transport(), "through Gloo");
#endif
  });
  on_ranks(
      2, [](Communicator* group, int) { EXPECT_EQ(group->transport(), "through Gloo"); },
      Transport::kGloo);
}

TEST(Communicator, AloneIsNull) { EXPECT_EQ(connect({}), nullptr); }

}  // namespace
}  // namespace trispike::train
