// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "src/executor.h"
#include "src/model_impl.h"
#include "trispike/model/error.h"

namespace trispike::runtime {
namespace {

constexpr int kMaxThreads = 256;

std::unique_ptr<Engine> make_engine(const Model::Impl& model, const SessionOptions& options) {
  return std::visit(
      [&]<class Number>(const PackedModel<Number>& packed) -> std::unique_ptr<Engine> {
        return std::make_unique<Executor<Number>>(model.plan, packed.weights, packed.kernels,
                                                  options);
      },
      model.packed);
}

}  // namespace

double margin(std::span<const double> logits) {
  double best = -std::numeric_limits<double>::infinity();
  double second = best;
  for (const double logit : logits) {
    second = std::max(second, std::min(best, logit));
    best = std::max(best, logit);
  }
  return logits.size() < 2 ? 0 : best - second;
}

struct Session::Impl {
  Impl(const Model& m, const SessionOptions& o) : model(m), options(o) {
    if (o.threads < 1 || o.threads > kMaxThreads) {
      throw ConfigError("threads", "is " + std::to_string(o.threads) + ", expected 1 to " +
                                       std::to_string(kMaxThreads));
    }
    if (o.early_exit_margin && !(*o.early_exit_margin >= 0)) {
      throw ConfigError("early_exit_margin",
                        "is " + std::to_string(*o.early_exit_margin) + ", expected at least 0");
    }
    engine = make_engine(m.impl(), o);
    const auto classes = static_cast<std::size_t>(m.impl().plan.populations.back().shape.channels);
    logits.resize(classes);
    mean_logits.resize(classes);
  }

  const model::InputLayer& input() const { return model.impl().plan.input; }
  bool is_static() const { return input().kind == model::InputKind::kStatic; }

  void check_size(std::size_t size, std::int64_t time_steps) const {
    const model::MapShape& shape = input().shape;
    if (static_cast<std::int64_t>(size) == shape.elements() * time_steps) return;
    const std::string steps =
        is_static() || time_steps == 1 ? "" : std::to_string(time_steps) + "x";
    throw ShapeError(model.network().layers.front().name,
                     "got " + std::to_string(size) + " numbers, expected " +
                         std::to_string(shape.elements() * time_steps) + " (" + steps +
                         std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" +
                         std::to_string(shape.width) + ")");
  }

  template <class T>
  std::span<const double> run(std::span<const T> samples) {
    const int time_steps = model.impl().plan.time_steps;
    check_size(samples.size(), is_static() ? 1 : time_steps);
    const auto map_size = static_cast<std::size_t>(input().shape.elements());
    engine->reset();
    std::fill(mean_logits.begin(), mean_logits.end(), 0.0);
    steps_taken = 0;
    for (int t = 0; t < time_steps && !is_decided(); ++t) {
      if (t == 0 || !is_static()) {
        engine->set_input(samples.subspan(static_cast<std::size_t>(t) * map_size, map_size));
      }
      engine->step();
      engine->read_logits(logits);
      for (std::size_t i = 0; i < logits.size(); ++i) mean_logits[i] += logits[i];
      ++steps_taken;
    }
    has_input = true;
    for (double& logit : mean_logits) logit /= steps_taken;
    return mean_logits;
  }

  /// Of a run, whose sums of logits are in mean_logits.
  bool is_decided() const {
    return options.early_exit_margin && steps_taken > 0 && mean_logits.size() > 1 &&
           margin(mean_logits) / steps_taken >= *options.early_exit_margin;
  }

  template <class T>
  std::span<const double> step(std::span<const T> map) {
    if (!(map.empty() && is_static() && has_input)) {
      check_size(map.size(), 1);
      engine->set_input(map);
      has_input = true;
    }
    engine->step();
    engine->read_logits(logits);
    return logits;
  }

  Model model;  // keeps plan and weights alive
  SessionOptions options;
  std::unique_ptr<Engine> engine;
  std::vector<double> logits;       // of the last step
  std::vector<double> mean_logits;  // of the last run
  int steps_taken = 0;              // of the last run
  bool has_input = false;
};

Session::Session(const Model& model, const SessionOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

std::span<const double> Session::run(std::span<const float> input) { return impl_->run(input); }
std::span<const double> Session::run(std::span<const double> input) { return impl_->run(input); }
int Session::time_steps() const { return impl_->steps_taken; }
void Session::reset() { impl_->engine->reset(); }
std::span<const double> Session::step(std::span<const float> input) { return impl_->step(input); }
std::span<const double> Session::step(std::span<const double> input) { return impl_->step(input); }

const model::Activity& Session::activity() const {
  if (!impl_->options.record_activity) {
    throw ConfigError("record_activity", "is false: this session counts nothing");
  }
  return impl_->engine->recorder().activity();
}

void Session::clear_activity() { impl_->engine->recorder().clear_activity(); }

const std::vector<model::SpikeRecord>& Session::spikes() const {
  if (!impl_->options.record_spikes) {
    throw ConfigError("record_spikes", "is false: this session keeps no spikes");
  }
  return impl_->engine->recorder().spike_records();
}

const std::vector<model::PotentialRecord>& Session::potentials() const {
  if (!impl_->options.record_potentials) {
    throw ConfigError("record_potentials", "is false: this session keeps no potentials");
  }
  return impl_->engine->recorder().potential_records();
}

}  // namespace trispike::runtime
