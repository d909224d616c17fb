// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The moving average of a network's weights against values computed by hand.
#include "src/weight_average.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "trispike/model/error.h"
#include "trispike/model/networks.h"

namespace trispike::train {
namespace {

Network small_network() {
  model::NetworkOptions options;
  options.width = 2;
  options.input = {1, 8, 8};
  return Network(model::build_network("resnet8", options), 1);
}

void fill(const Network& network, double value) {
  c10::NoGradGuard no_grad;
  for (const at::Tensor& tensor : network.state()) tensor.fill_(value);
}

void expect_all(const Network& network, double value) {
  for (const at::Tensor& tensor : network.state()) {
    EXPECT_NEAR(tensor.min().item<double>(), value, 1e-6);
    EXPECT_NEAR(tensor.max().item<double>(), value, 1e-6);
  }
}

TEST(WeightAverage, FollowsWithShorterAveragesFirst) {
  const Network network = small_network();
  fill(network, 1.0);
  WeightAverage average(network, 0.5);
  expect_all(average.network(), 1.0);
  fill(network, 2.0);
  average.follow(0);  // 1/10 of the old
  expect_all(average.network(), 0.1 * 1 + 0.9 * 2);
  fill(network, 0.0);
  average.follow(1);  // 2/11 of the old
  expect_all(average.network(), 1.9 * 2 / 11);
  fill(network, 4.0);
  average.follow(100);  // 101/110 would be more than 0.5
  expect_all(average.network(), 0.5 * 1.9 * 2 / 11 + 0.5 * 4);
  expect_all(network, 4.0);
}

TEST(WeightAverage, ComesBackFromTensors) {
  const Network network = small_network();
  WeightAverage average(network, 0.9);
  fill(network, 3.0);
  average.follow(50);
  model::TensorMap tensors;
  average.save("average.", tensors);
  WeightAverage other(network, 0.9);
  other.load("average.", tensors);
  EXPECT_EQ(other.network().tensors(), average.network().tensors());
  tensors.erase(tensors.begin());
  EXPECT_THROW(other.load("average.", tensors), Error);
}

}  // namespace
}  // namespace trispike::train
