// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Distillation (Hinton et al. 2015): a network learns the answers of another, trained one besides
// the labels.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "src/network.h"
#include "trispike/data/folds.h"
#include "trispike/model/model_data.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// temperature^2 times the Kullback-Leibler divergence of the student's probabilities from the
/// teacher's, both softmax(logits / temperature); mean over the samples, in nats. Logits are [N,
/// classes]; no gradient reaches the teacher's.
at::Tensor distillation_loss(const at::Tensor& student, const at::Tensor& teacher,
                             double temperature);

/// SHA-256 of the file of a teacher, 64 hex digits; "" for no path. Throws IoError.
std::string teacher_sha256(const std::string& path);

class Teacher {
 public:
  /// Reads the model `settings.teacher`. Throws ConfigError if it does not see the same inputs and
  /// name the same classes as `student`, whose data are prepared as `preprocessing` says, or was
  /// not trained on `fold`, the run's (fold_mismatch). `maps`: type of its activations.
  Teacher(const TrainSection& settings, const data::Fold& fold, const model::NetworkSpec& student,
          const model::Preprocessing& preprocessing, const std::vector<std::string>& class_names,
          at::ScalarType maps, at::Device device);

  /// `loss`, of the labels, and the teacher's, by their weights. `images` as Network::forward takes
  /// them.
  at::Tensor blend(const at::Tensor& loss, const at::Tensor& images,
                   const at::Tensor& logits) const;

 private:
  Network network_;
  double weight_, temperature_;
  at::ScalarType maps_;
};

}  // namespace trispike::train
