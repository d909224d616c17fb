// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The equations of neurons/lif.h against traces worked out by hand, and the tables of options.
#include "trispike/model/neuron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "trispike/model/error.h"
#include "trispike/model/neurons/lif.h"

namespace trispike::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class Real>
struct Trace {
  std::vector<Real> u;  // before firing
  std::vector<Real> spikes;
  std::vector<Real> after;  // the potential after reset
};

template <class Real>
Trace<Real> run(const NeuronSpec& neuron, const std::vector<Real>& input) {
  const LifConstants<Real> k = lower<Real>(neuron);
  Trace<Real> trace;
  Real u = 0;
  for (const Real x : input) {
    u = charge(k, u, x);
    trace.u.push_back(u);
    const Real spike = fire(k, u);
    trace.spikes.push_back(spike);
    u = reset(k, u, spike);
    trace.after.push_back(u);
  }
  return trace;
}

template <class Real>
void expect_near(const std::vector<Real>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  const Real epsilon = 4 * std::numeric_limits<Real>::epsilon();
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], epsilon) << i;
}

template <class Real>
class Lif : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Lif, Reals);

TYPED_TEST(Lif, TernaryTraceWithThresholdOneHalf) {
  const auto neuron = neuron_preset("official_code", NeuronKind::kTernary);
  const auto trace = run<TypeParam>(neuron, {.4, .45, -.3, -.8, .7, .1});
  expect_near(trace.u, {.4, .55, -.3, -.875, .7, .1});
  EXPECT_THAT(trace.spikes, ElementsAre(0, 1, 0, -1, 1, 0));
}

TYPED_TEST(Lif, BinaryTraceHasNoNegativeSpikeAndNoResetBelowZero) {
  const auto neuron = neuron_preset("official_code", NeuronKind::kBinary);
  const auto trace = run<TypeParam>(neuron, {.4, .45, -.3, -.8, .7, .1});
  // -0.8 does not fire, so its potential leaks on: 0.25 * -0.875 + 0.7 = 0.48125, just below 0.5.
  expect_near(trace.u, {.4, .55, -.3, -.875, .48125, .2203125});
  EXPECT_THAT(trace.spikes, ElementsAre(0, 1, 0, 0, 0, 0));
}

TYPED_TEST(Lif, TernaryTraceWithThresholdOne) {
  const auto neuron = neuron_preset("paper", NeuronKind::kTernary);
  const auto trace = run<TypeParam>(neuron, {.9, .9, -.8, -1.2, .3, 1.0});
  expect_near(trace.u, {.9, 1.125, -.8, -1.4, .3, 1.075});
  EXPECT_THAT(trace.spikes, ElementsAre(0, 1, 0, -1, 0, 1));
}

TYPED_TEST(Lif, FiresAtExactlyThresholdUnlessStrict) {
  NeuronSpec neuron;
  const TypeParam above = std::nextafter(TypeParam(.5), TypeParam(1));
  const TypeParam below = std::nextafter(TypeParam(.5), TypeParam(0));
  for (const NeuronKind kind : {NeuronKind::kTernary, NeuronKind::kTrainableTernary}) {
    neuron.kind = kind;
    neuron.strict = false;
    auto k = lower<TypeParam>(neuron);
    EXPECT_EQ(fire(k, TypeParam(.5)), 1);
    EXPECT_EQ(fire(k, TypeParam(-.5)), -1);
    EXPECT_EQ(fire(k, below), 0);
    EXPECT_EQ(fire(k, -below), 0);
    neuron.strict = true;
    k = lower<TypeParam>(neuron);
    EXPECT_EQ(fire(k, TypeParam(.5)), 0);
    EXPECT_EQ(fire(k, TypeParam(-.5)), 0);
    EXPECT_EQ(fire(k, above), 1);
    EXPECT_EQ(fire(k, -above), -1);
  }
  neuron.kind = NeuronKind::kBinary;
  neuron.strict = false;
  EXPECT_EQ(fire(lower<TypeParam>(neuron), TypeParam(.5)), 1);
  EXPECT_EQ(fire(lower<TypeParam>(neuron), TypeParam(-100)), 0);
  neuron.strict = true;
  EXPECT_EQ(fire(lower<TypeParam>(neuron), TypeParam(.5)), 0);
  EXPECT_EQ(fire(lower<TypeParam>(neuron), above), 1);
}

TYPED_TEST(Lif, ResetModes) {
  NeuronSpec neuron;
  neuron.threshold = 1;
  const std::vector<TypeParam> input{1.5, 0.5, -2.5};
  neuron.reset = ResetMode::kHard;
  auto trace = run<TypeParam>(neuron, input);
  expect_near(trace.u, {1.5, .5, -2.375});
  expect_near(trace.after, {0, .5, 0});
  EXPECT_THAT(trace.spikes, ElementsAre(1, 0, -1));

  neuron.reset = ResetMode::kSoft;
  trace = run<TypeParam>(neuron, input);
  expect_near(trace.u, {1.5, .625, -2.34375});
  expect_near(trace.after, {.5, .625, -1.34375});
  EXPECT_THAT(trace.spikes, ElementsAre(1, 0, -1));

  neuron.reset = ResetMode::kNone;
  trace = run<TypeParam>(neuron, input);
  expect_near(trace.u, {1.5, .875, -2.28125});
  expect_near(trace.after, {1.5, .875, -2.28125});
  EXPECT_THAT(trace.spikes, ElementsAre(1, 0, -1));
}

TYPED_TEST(Lif, SpikesAreOddInTheInput) {
  const auto neuron = neuron_preset("official_code", NeuronKind::kTernary);
  std::vector<TypeParam> input{.4, .45, -.3, -.8, .7, .1, .5, -.5};
  const auto trace = run(neuron, input);
  for (TypeParam& x : input) x = -x;
  const auto mirrored = run(neuron, input);
  for (std::size_t i = 0; i < input.size(); ++i) {
    EXPECT_EQ(mirrored.spikes[i], -trace.spikes[i]);
  }
}

// dL/d(input) of loss = last spike, through `step_back`, with the straight-through surrogate.
template <class Real>
std::vector<Real> gradient_of_last_spike(const NeuronSpec& neuron, const std::vector<Real>& input) {
  const LifConstants<Real> k = lower<Real>(neuron);
  const Trace<Real> trace = run(neuron, input);
  std::vector<Real> gradient(input.size());
  Real grad_u = 0;
  for (std::size_t t = input.size(); t-- > 0;) {
    const Real surrogate = std::abs(trace.u[t]) <= 1 ? 1 : 0;
    const Real grad_spike = t + 1 == input.size() ? 1 : 0;
    gradient[t] = step_back(k, grad_u, trace.u[t], trace.spikes[t], grad_spike, surrogate);
  }
  return gradient;
}

TYPED_TEST(Lif, StepBackThroughTheReset) {
  auto neuron = neuron_preset("official_code", NeuronKind::kTernary);
  expect_near(gradient_of_last_spike<TypeParam>(neuron, {.6, .2}), {-.15, 1});
  neuron.detach_reset = true;
  expect_near(gradient_of_last_spike<TypeParam>(neuron, {.6, .2}), {0, 1});
}

TYPED_TEST(Lif, StepBackOfNegativeSpikesAndOtherResets) {
  // Hard reset: d(u after)/du = 1 - |s| - u sign(s) = 0 - 0.6 at u = -0.6 too; times the decay.
  auto neuron = neuron_preset("official_code", NeuronKind::kTernary);
  expect_near(gradient_of_last_spike<TypeParam>(neuron, {-.6, -.2}), {-.15, 1});
  // Soft reset: 1 - threshold; none: 1.
  neuron.reset = ResetMode::kSoft;
  expect_near(gradient_of_last_spike<TypeParam>(neuron, {.6, .2}), {.25 * (1 - .5), 1});
  neuron.detach_reset = true;
  expect_near(gradient_of_last_spike<TypeParam>(neuron, {.6, .2}), {.25, 1});
  neuron.reset = ResetMode::kNone;
  neuron.detach_reset = false;
  expect_near(gradient_of_last_spike<TypeParam>(neuron, {.6, .2}), {.25, 1});
}

// dL/d(threshold) of loss = last spike, as above.
template <class Real>
Real threshold_gradient_of_last_spike(const NeuronSpec& neuron, const std::vector<Real>& input) {
  const LifConstants<Real> k = lower<Real>(neuron);
  const Trace<Real> trace = run(neuron, input);
  Real grad_u = 0, sum = 0;
  for (std::size_t t = input.size(); t-- > 0;) {
    const Real surrogate = std::abs(trace.u[t]) <= 1 ? 1 : 0;
    const Real grad_spike = t + 1 == input.size() ? 1 : 0;
    sum += threshold_gradient(k, grad_u, trace.u[t], trace.spikes[t], grad_spike, surrogate);
    step_back(k, grad_u, trace.u[t], trace.spikes[t], grad_spike, surrogate);
  }
  return sum;
}

TYPED_TEST(Lif, ThresholdGradientOfASpike) {
  auto neuron = neuron_preset("official_code", NeuronKind::kTernary);
  const auto of = [&](TypeParam u) {
    return threshold_gradient_of_last_spike<TypeParam>(neuron, {u});
  };
  // A higher threshold makes +1 to 0 and -1 to 0, whether the neuron fires now or is just below.
  EXPECT_EQ(of(TypeParam(.6)), -1);
  EXPECT_EQ(of(TypeParam(.4)), -1);
  EXPECT_EQ(of(TypeParam(-.6)), 1);
  EXPECT_EQ(of(TypeParam(-.4)), 1);
  EXPECT_EQ(of(TypeParam(1.5)), 0);  // outside the surrogate's window
  EXPECT_EQ(of(TypeParam(0)), 0);    // as near to the one as to the other
  neuron = neuron_preset("paper", NeuronKind::kBinary);
  EXPECT_EQ(of(TypeParam(.6)), -1);
  EXPECT_EQ(of(TypeParam(-.6)), -1);  // no threshold but the one above
}

TYPED_TEST(Lif, ThresholdGradientThroughTheReset) {
  // u = .8 fires; the second step fires, too: -1 from it, and .25 of what the first leaves.
  const auto expect = [&](ResetMode reset, bool detach, double expected) {
    auto neuron = neuron_preset("official_code", NeuronKind::kTernary);
    neuron.reset = reset;
    neuron.detach_reset = detach;
    for (const TypeParam sign : {TypeParam(1), TypeParam(-1)}) {
      const TypeParam found = threshold_gradient_of_last_spike<TypeParam>(
          neuron, {sign * TypeParam(.8), sign * TypeParam(.6)});
      EXPECT_NEAR(found, double(sign) * expected, 1e-6);
    }
  };
  // Hard: u (1 - |s|), whose derivative to s is -u, and s has derivative -1.
  expect(ResetMode::kHard, false, -1 + .25 * .8);
  // Soft: u - V s: -V times -1, and -s.
  expect(ResetMode::kSoft, false, -1 + .25 * (.5 - 1));
  expect(ResetMode::kNone, false, -1);
  expect(ResetMode::kHard, true, -1);
  expect(ResetMode::kSoft, true, -1);
}

TYPED_TEST(Lif, StepBackAddsAnObjectiveOnThePotential) {
  const auto k = lower<TypeParam>(neuron_preset("official_code", NeuronKind::kTernary));
  TypeParam grad_u = 0;
  EXPECT_EQ(step_back<TypeParam>(k, grad_u, .25, 0, 0, 1, 3), 3);
  EXPECT_EQ(grad_u, TypeParam(.75));
}

TEST(Neuron, NamesAndEnumeratorsAgree) {
  for (const NeuronKindInfo& row : neuron_kinds()) {
    EXPECT_EQ(info(row.kind).name, row.name);
    EXPECT_EQ(neuron_kind_from_string(row.name), row.kind);
    EXPECT_EQ(to_string(row.kind), row.name);
  }
  for (const std::string_view name : reset_mode_names()) {
    EXPECT_EQ(to_string(reset_mode_from_string(name)), name);
  }
  for (const std::string_view name : surrogate_kind_names()) {
    EXPECT_EQ(to_string(surrogate_kind_from_string(name)), name);
  }
  EXPECT_EQ(to_string(SurrogateKind::kDspike), "dspike");
  EXPECT_EQ(to_string(ResetMode::kNone), "none");
  EXPECT_EQ(default_surrogate_width(SurrogateKind::kSigmoid), 0.25);
  EXPECT_EQ(default_surrogate_width(SurrogateKind::kDspike), 1.0 / 3.0);
}

TEST(Neuron, Presets) {
  EXPECT_EQ(neuron_preset("paper", NeuronKind::kBinary).threshold, 1.0);
  EXPECT_FALSE(neuron_preset("paper", NeuronKind::kBinary).strict);
  EXPECT_EQ(neuron_preset("official_code", NeuronKind::kBinary).threshold, 0.5);
  EXPECT_TRUE(neuron_preset("official_code", NeuronKind::kBinary).strict);
  EXPECT_FALSE(neuron_preset("official_code", NeuronKind::kTernary).strict);
  for (const std::string_view preset : neuron_presets()) {
    for (const NeuronKindInfo& row : neuron_kinds()) {
      const NeuronSpec neuron = neuron_preset(preset, row.kind);
      EXPECT_EQ(neuron.kind, row.kind);
      EXPECT_EQ(neuron.decay, 0.25);
      EXPECT_EQ(neuron.surrogate, SurrogateSpec{});
      EXPECT_NO_THROW(validate(neuron));
    }
  }
}

template <class Function>
std::string message_of(const Function& function) {
  try {
    function();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(NeuronErrors, UnknownNamesListWhatIsValid) {
  EXPECT_EQ(message_of([] { neuron_kind_from_string("ternery"); }),
            "neuron.kind: unknown neuron kind 'ternery'; expected one of binary, ternary, "
            "trainable_ternary, relu");
  EXPECT_EQ(message_of([] { reset_mode_from_string(""); }),
            "neuron.reset: unknown reset mode ''; expected one of hard, soft, none");
  EXPECT_THAT(message_of([] { surrogate_kind_from_string("ste"); }),
              HasSubstr("unknown surrogate 'ste'; expected one of straight_through"));
  EXPECT_THAT(message_of([] { neuron_preset("papers", NeuronKind::kBinary); }),
              HasSubstr("expected one of paper, official_code"));
}

TEST(NeuronErrors, ConstantsOutOfRangeAreNamed) {
  const auto message = [](double threshold, double decay, double width) {
    NeuronSpec neuron;
    neuron.threshold = threshold;
    neuron.decay = decay;
    neuron.surrogate.width = width;
    return message_of([&] { validate(neuron); });
  };
  const double nan = std::nan("");
  EXPECT_EQ(message(0, .25, 1), "neuron.threshold: is 0, expected a finite number > 0");
  EXPECT_EQ(message(nan, .25, 1), "neuron.threshold: is nan, expected a finite number > 0");
  EXPECT_EQ(message(1, 1.5, 1), "neuron.decay: is 1.5, expected a number in [0, 1]");
  EXPECT_EQ(message(1, nan, 1), "neuron.decay: is nan, expected a number in [0, 1]");
  EXPECT_EQ(message(1, .25, -1), "neuron.surrogate_width: is -1, expected a finite number > 0");
  EXPECT_EQ(message(1, 0, 1), "nothing was thrown");
  EXPECT_EQ(message(1, 1, 1), "nothing was thrown");
  NeuronSpec twin;
  twin.kind = NeuronKind::kRelu;
  twin.trainable_threshold = true;
  EXPECT_EQ(message_of([&] { validate(twin); }),
            "neuron.trainable_threshold: neurons of kind 'relu' have no threshold; expected false");
}

}  // namespace
}  // namespace trispike::model
