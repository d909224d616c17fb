// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The distillation loss against values computed by hand.
#include "src/teacher.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace trispike::train {
namespace {

TEST(Distillation, IsTheDivergenceOfTheProbabilities) {
  // At temperature 2 the teacher's odds are 3:1 and 1:1, the student's 1:1 and 1:3.
  const double odds = 2 * std::log(3.0);
  const at::Tensor teacher = at::tensor({odds, 0.0, 1.0, 1.0}, at::kDouble).view({2, 2});
  at::Tensor student = at::tensor({0.0, 0.0, 0.0, odds}, at::kDouble).view({2, 2});
  student.set_requires_grad(true);
  const double first = 0.75 * std::log(0.75 / 0.5) + 0.25 * std::log(0.25 / 0.5);
  const double second = 0.5 * std::log(0.5 / 0.25) + 0.5 * std::log(0.5 / 0.75);
  const at::Tensor loss = distillation_loss(student, teacher, 2.0);
  EXPECT_NEAR(loss.item<double>(), 4 * (first + second) / 2, 1e-12);
  // The gradient is temperature * (p - q) / samples: as large as that of the labels' loss.
  loss.backward();
  const double expected[] = {0.5 - 0.75, 0.5 - 0.25, 0.25 - 0.5, 0.75 - 0.5};
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(student.grad().view({-1})[i].item<double>(), 2 * expected[i] / 2, 1e-12) << i;
  }
}

TEST(Distillation, IsZeroForEqualAnswersAndLeavesTheTeacherAlone) {
  at::Tensor teacher = at::tensor({1.0, -2.0, 0.5}, at::kDouble).view({1, 3});
  teacher.set_requires_grad(true);
  at::Tensor student = (teacher.detach() + 3.0).set_requires_grad(true);
  const at::Tensor loss = distillation_loss(student, teacher, 4.0);
  EXPECT_NEAR(loss.item<double>(), 0.0, 1e-12);
  loss.backward();
  EXPECT_FALSE(teacher.grad().defined());
}

}  // namespace
}  // namespace trispike::train
