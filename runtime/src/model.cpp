// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <array>

#include "src/dispatch.h"
#include "src/model_impl.h"
#include "trispike/model/error.h"

namespace trispike::runtime {
namespace {

constexpr std::array<std::string_view, 3> kArithmeticNames = {"float32", "float64", "integer"};

template <class Number>
PackedModel<Number> pack_model(const Model::Impl& model, const model::TensorMap& tensors,
                               model::TensorMap* done) {
  const Kernels<Number> kernels = kernels_for<Number>(model.target);
  return {kernels, pack<Number>(model.plan, tensors, kernels.lanes, model.dense_cost, done,
                                kernels.narrow != nullptr)};
}

Arithmetic choose_arithmetic(model::Stage stage, std::optional<Arithmetic> requested) {
  const bool quantised = stage == model::Stage::kQuantised;
  const Arithmetic chosen =
      requested.value_or(quantised ? Arithmetic::kInteger : Arithmetic::kFloat32);
  if (quantised && chosen != Arithmetic::kInteger) {
    throw ConfigError("arithmetic",
                      "the model is quantised and runs in integer arithmetic only, "
                      "not in " +
                          std::string(to_string(chosen)));
  }
  if (!quantised && chosen == Arithmetic::kInteger) {
    throw ConfigError("arithmetic", "integer needs a quantised model, and this one is " +
                                        std::string(model::to_string(stage)) +
                                        "; see trispike export --arithmetic integer");
  }
  return chosen;
}

std::vector<std::string> layers_that_multiply(const Plan& plan) {
  std::vector<std::string> layers;
  for (const Population& population : plan.populations) {
    for (const Projection& projection : population.projections) {
      if (!projection.event_driven && projection.synapse != kNoSynapse) {
        layers.push_back(projection.layer);
      }
    }
  }
  return layers;
}

void refuse_multiplications(const Plan& plan) {
  const std::vector<std::string> layers = layers_that_multiply(plan);
  if (layers.empty()) return;
  const std::string more =
      layers.size() == 1 ? "" : " and " + std::to_string(layers.size() - 1) + " more";
  throw ConfigError("multiplication_free", "layer '" + layers.front() + "'" + more +
                                               " of this model reads real numbers and multiplies; "
                                               "expected spikes or events everywhere");
}

/// `done`: as that of pack().
std::shared_ptr<const Model::Impl> build(const model::ModelData& folded, Arithmetic arithmetic,
                                         const ModelOptions& options, model::TensorMap* done) {
  auto impl = std::make_shared<Model::Impl>();
  impl->network = folded.network;
  impl->preprocessing = folded.preprocessing;
  impl->class_names = folded.class_names;
  impl->target = resolve_target(options.target);
  impl->plan = make_plan(folded);
  if (options.multiplication_free) refuse_multiplications(impl->plan);
  const NarrowKernels* narrow = kernels_for<Integer>(impl->target).narrow;
  if (narrow != nullptr && !options.event_driven && !options.multiplication_free) {
    impl->dense_cost = narrow->dense_cost;
  }
  switch (arithmetic) {
    case Arithmetic::kFloat32:
      impl->packed = pack_model<float>(*impl, folded.tensors, done);
      break;
    case Arithmetic::kFloat64:
      impl->packed = pack_model<double>(*impl, folded.tensors, done);
      break;
    case Arithmetic::kInteger:
      impl->packed = pack_model<Integer>(*impl, folded.tensors, done);
      break;
  }
  return impl;
}

}  // namespace

std::string_view to_string(Arithmetic arithmetic) {
  return kArithmeticNames.at(static_cast<std::size_t>(arithmetic));
}

Arithmetic arithmetic_from_string(std::string_view name) {
  for (std::size_t i = 0; i < kArithmeticNames.size(); ++i) {
    if (kArithmeticNames[i] == name) return static_cast<Arithmetic>(i);
  }
  throw ConfigError("arithmetic", "unknown value '" + std::string(name) +
                                      "'; expected float32, float64 or integer");
}

Model Model::load(const std::string& path, const ModelOptions& options) {
  model::ModelData data = model::read_model(path);
  const Arithmetic arithmetic = choose_arithmetic(data.stage, options.arithmetic);
  model::validate(data);
  if (data.stage == model::Stage::kTrained) data = model::fold(data);
  return Model(build(data, arithmetic, options, &data.tensors));
}

Model Model::from(const model::ModelData& data, const ModelOptions& options) {
  const Arithmetic arithmetic = choose_arithmetic(data.stage, options.arithmetic);
  model::validate(data);
  if (data.stage != model::Stage::kTrained) return Model(build(data, arithmetic, options, nullptr));
  model::ModelData folded = model::fold(data);
  return Model(build(folded, arithmetic, options, &folded.tensors));
}

const model::NetworkSpec& Model::network() const { return impl_->network; }
const model::Preprocessing& Model::preprocessing() const { return impl_->preprocessing; }
const std::vector<std::string>& Model::class_names() const { return impl_->class_names; }
Arithmetic Model::arithmetic() const { return static_cast<Arithmetic>(impl_->packed.index()); }
std::string_view Model::target() const { return impl_->target; }

std::int64_t Model::packed_bytes() const {
  return std::visit([](const auto& packed) { return packed.weights.size_bytes; }, impl_->packed);
}

std::vector<std::string> Model::multiplying_layers() const {
  return layers_that_multiply(impl_->plan);
}

std::string Model::plan() const { return describe(impl_->plan, impl_->dense_cost); }

}  // namespace trispike::runtime
