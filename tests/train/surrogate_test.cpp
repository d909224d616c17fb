// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Each surrogate gradient against values of its closed form, and its area.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "surrogates/surrogates.h"
#include "trispike/model/neuron.h"

namespace trispike::train {
namespace {

using model::NeuronKind;
using model::SurrogateKind;

double derivative(SurrogateKind kind, double width, double u,
                  NeuronKind neuron_kind = NeuronKind::kBinary, double threshold = 1.0) {
  model::NeuronSpec neuron;
  neuron.kind = neuron_kind;
  neuron.threshold = threshold;
  neuron.surrogate = {kind, width};
  const auto constants = lower_surrogate<double>(neuron);
  double value = -1.0;
  Surrogates::visit(kind, [&](auto s) { value = s.derivative(constants, u); });
  return value;
}

TEST(Surrogate, StraightThroughIsOneInsideItsWindow) {
  for (const double u : {-1.0, -0.3, 0.0, 1.0}) {
    EXPECT_EQ(derivative(SurrogateKind::kStraightThrough, 1.0, u, NeuronKind::kTernary), 1.0) << u;
  }
  EXPECT_EQ(derivative(SurrogateKind::kStraightThrough, 1.0, 1.0 + 1e-12, NeuronKind::kTernary),
            0.0);
  EXPECT_EQ(derivative(SurrogateKind::kStraightThrough, 1.0, -1.0 - 1e-12, NeuronKind::kTernary),
            0.0);
  EXPECT_EQ(derivative(SurrogateKind::kStraightThrough, 1.0, 0.0), 1.0);
  EXPECT_EQ(derivative(SurrogateKind::kStraightThrough, 1.0, -1e-12), 0.0);
  EXPECT_EQ(derivative(SurrogateKind::kStraightThrough, 1.0, 1.0), 1.0);
}

TEST(Surrogate, RectangleAndTriangle) {
  EXPECT_EQ(derivative(SurrogateKind::kRectangle, 0.5, 1.0), 1.0);
  EXPECT_EQ(derivative(SurrogateKind::kRectangle, 0.25, 1.2), 2.0);
  EXPECT_EQ(derivative(SurrogateKind::kRectangle, 0.5, 1.5), 0.0);
  EXPECT_EQ(derivative(SurrogateKind::kTriangle, 1.0, 1.0), 1.0);
  EXPECT_DOUBLE_EQ(derivative(SurrogateKind::kTriangle, 1.0, 1.4), 0.6);
  EXPECT_DOUBLE_EQ(derivative(SurrogateKind::kTriangle, 2.0, 0.0), 0.25);
  EXPECT_EQ(derivative(SurrogateKind::kTriangle, 1.0, 2.5), 0.0);
}

TEST(Surrogate, SigmoidAndAtanHaveThePublishedValues) {
  // Width 0.25 is alpha = 4, width 0.5 is alpha = 2.
  EXPECT_NEAR(derivative(SurrogateKind::kSigmoid, 0.25, 1.0), 1.0, 1e-15);
  EXPECT_NEAR(derivative(SurrogateKind::kSigmoid, 0.25, 1.25), 0.7864477, 1e-7);
  EXPECT_NEAR(derivative(SurrogateKind::kSigmoid, 0.25, 0.5), 0.4199743, 1e-7);
  EXPECT_NEAR(derivative(SurrogateKind::kSigmoid, 0.25, 1e4), 0.0, 1e-300);
  EXPECT_NEAR(derivative(SurrogateKind::kAtan, 0.5, 1.0), 1.0, 1e-15);
  EXPECT_NEAR(derivative(SurrogateKind::kAtan, 0.5, 1.5), 0.2884004, 1e-7);
  EXPECT_NEAR(derivative(SurrogateKind::kAtan, 0.5, 0.0), 0.0919997, 1e-7);
}

TEST(Surrogate, DspikeIsTheScaledTanhOfItsPaper) {
  // b sech^2(b (u - 1/2)) / (2 tanh(b/2)) on [0, 1], b = 3: the threshold is 1/2.
  const double b = 3.0;
  for (const double u : {0.0, 0.2, 0.5, 0.9}) {
    const double expected = b / (2 * std::tanh(b / 2) * std::pow(std::cosh(b * (u - 0.5)), 2));
    EXPECT_NEAR(derivative(SurrogateKind::kDspike, 1 / b, u, NeuronKind::kBinary, 0.5), expected,
                1e-14)
        << u;
  }
  EXPECT_EQ(derivative(SurrogateKind::kDspike, 1 / b, 1.01, NeuronKind::kBinary, 0.5), 0.0);
}

TEST(Surrogate, SymmetricKindsHaveAreaOne) {
  for (const SurrogateKind kind : {SurrogateKind::kRectangle, SurrogateKind::kTriangle,
                                   SurrogateKind::kSigmoid, SurrogateKind::kDspike}) {
    const double width = model::default_surrogate_width(kind);
    double area = 0.0;
    constexpr double kStep = 1e-4;
    for (double u = -9.0; u < 11.0; u += kStep) area += derivative(kind, width, u) * kStep;
    EXPECT_NEAR(area, 1.0, 2e-4) << model::to_string(kind);
  }
}

TEST(Surrogate, NegativeSpikesMirrorThePositiveSide) {
  for (const std::string_view name : model::surrogate_kind_names()) {
    const SurrogateKind kind = model::surrogate_kind_from_string(name);
    const double width = model::default_surrogate_width(kind);
    for (const double u : {0.1, 0.5, 0.8, 1.3}) {
      EXPECT_EQ(derivative(kind, width, u, NeuronKind::kTernary),
                derivative(kind, width, -u, NeuronKind::kTernary))
          << name << " at " << u;
    }
  }
}

}  // namespace
}  // namespace trispike::train
