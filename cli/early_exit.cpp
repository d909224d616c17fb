// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "early_exit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "steps.h"

namespace trispike::cli {
namespace {

constexpr std::size_t kParts = 10;

StepAnswer answer(const std::vector<double>& sums, int steps, std::int64_t label) {
  const auto best = std::max_element(sums.begin(), sums.end());
  return {runtime::margin(sums) / steps, best - sums.begin() == label};
}

EarlyExitPoint point(const std::vector<std::vector<StepAnswer>>& samples, double margin) {
  double steps = 0;
  double correct = 0;
  for (const std::vector<StepAnswer>& answers : samples) {
    std::size_t t = 0;
    while (t + 1 < answers.size() && answers[t].margin < margin) ++t;
    steps += static_cast<double>(t + 1);
    correct += answers[t].correct ? 1 : 0;
  }
  const auto count = static_cast<double>(samples.size());
  return {margin, steps / count, correct / count};
}

}  // namespace

std::vector<StepAnswer> answers_of_steps(runtime::Session& session,
                                         const model::NetworkSpec& network,
                                         std::span<const float> input, std::int64_t label) {
  std::vector<StepAnswer> answers;
  std::vector<double> sums;
  run_steps(session, network, input, [&](int t, std::span<const double> logits) {
    sums.resize(logits.size());
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += logits[i];
    answers.push_back(answer(sums, t + 1, label));
  });
  return answers;
}

std::vector<EarlyExitPoint> early_exit_curve(const std::vector<std::vector<StepAnswer>>& samples) {
  std::vector<double> margins;
  for (const std::vector<StepAnswer>& answers : samples) {
    for (std::size_t t = 0; t + 1 < answers.size(); ++t) margins.push_back(answers[t].margin);
  }
  std::sort(margins.begin(), margins.end());
  std::vector<EarlyExitPoint> curve = {point(samples, 0)};
  if (margins.empty()) return curve;
  for (std::size_t i = 1; i < kParts; ++i) {
    curve.push_back(point(samples, margins[i * margins.size() / kParts]));
  }
  const double beyond = std::nextafter(margins.back(), std::numeric_limits<double>::max());
  curve.push_back(point(samples, beyond));
  return curve;
}

}  // namespace trispike::cli
