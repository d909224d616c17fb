// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/teacher.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <fstream>

#include "src/fold_mismatch.h"
#include "trispike/model/error.h"
#include "trispike/model/sha256.h"

namespace trispike::train {
namespace {

model::ModelData read_teacher(const TrainSection& settings, const data::Fold& fold,
                              const model::NetworkSpec& student,
                              const model::Preprocessing& preprocessing,
                              const std::vector<std::string>& class_names) {
  model::ModelData data = model::read_model(settings.teacher);
  const auto refuse = [&](const std::string& why) {
    throw ConfigError("train.teacher", "'" + settings.teacher + "' " + why);
  };
  if (!(data.network.input() == student.input())) {
    refuse("sees inputs of another size or kind than the network that is trained");
  }
  if (student.input().kind != model::InputKind::kStatic &&
      data.network.time_steps != student.time_steps) {
    refuse("takes " + std::to_string(data.network.time_steps) + " frames, expected " +
           std::to_string(student.time_steps));
  }
  if (data.class_names != class_names) refuse("names other classes than the data set");
  if (!(data.preprocessing == preprocessing)) {
    refuse("was trained on inputs that were normalised otherwise");
  }
  if (const std::string why = fold_mismatch(data, fold); !why.empty()) refuse(why);
  return data;
}

}  // namespace

std::string teacher_sha256(const std::string& path) {
  if (path.empty()) return "";
  std::ifstream file(path, std::ios::binary);
  model::Sha256 sha;
  std::vector<char> part(1 << 20);
  while (file) {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    sha.update(part.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) throw IoError(path + ": cannot be read");
  return sha.finish();
}

at::Tensor distillation_loss(const at::Tensor& student, const at::Tensor& teacher,
                             double temperature) {
  const at::Tensor target = (teacher.detach() / temperature).log_softmax(1);
  const at::Tensor learned = (student / temperature).log_softmax(1);
  return (target.exp() * (target - learned)).sum(1).mean() * (temperature * temperature);
}

Teacher::Teacher(const TrainSection& settings, const data::Fold& fold,
                 const model::NetworkSpec& student, const model::Preprocessing& preprocessing,
                 const std::vector<std::string>& class_names, at::ScalarType maps,
                 at::Device device)
    : network_(read_teacher(settings, fold, student, preprocessing, class_names), at::kFloat,
               device),
      weight_(settings.teacher_weight),
      temperature_(settings.teacher_temperature),
      maps_(maps) {}

at::Tensor Teacher::blend(const at::Tensor& loss, const at::Tensor& images,
                          const at::Tensor& logits) const {
  at::Tensor answers;
  {
    c10::NoGradGuard no_grad;
    ForwardOptions options;
    options.maps = maps_;
    answers = network_.forward(images, options).logits.to(logits.scalar_type());
  }
  return loss * (1.0 - weight_) + distillation_loss(logits, answers, temperature_) * weight_;
}

}  // namespace trispike::train
