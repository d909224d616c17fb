// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The runtime: loads a folded or quantised model and answers. After the first layer, and with event
// input in it, too, it needs additions only, and it does work only where there are spikes. No
// LibTorch, no Python.
//
//   auto model = trispike::runtime::Model::load("model.safetensors");
//   trispike::runtime::Session session(model);
//   std::span<const double> logits = session.run(image);
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trispike/model/activity.h"
#include "trispike/model/model_data.h"

namespace trispike::runtime {

enum class Arithmetic {
  kFloat32,  ///< the folded weights as trained, summed in float32
  kFloat64,  ///< for proofs
  kInteger   ///< integer weights, sums and potentials: a quantised model (docs/integer.md)
};
std::string_view to_string(Arithmetic arithmetic);
Arithmetic arithmetic_from_string(std::string_view name);  ///< throws ConfigError

/// A set of kernels, one row of the dispatch table, best first.
struct TargetInfo {
  /// "avx512amx", "avx512vnni", "avx512", "avx2", "neondot", "neon", "scalar"
  std::string_view name;
  std::string_view summary;  ///< the instruction sets it needs
  bool supported;            ///< by this machine
};
std::span<const TargetInfo> targets();
/// The target in use: the best supported one, or the one named by TRISPIKE_TARGET (throws
/// ConfigError if that is unknown or not supported here). For "avx512amx" it asks Linux to let the
/// process use tiles; where that is refused, the next best is in use, or ConfigError thrown.
std::string_view default_target();

struct ModelOptions {
  /// None: integer for a quantised model, else float32.
  std::optional<Arithmetic> arithmetic = {};
  std::string target = {};  ///< empty: default_target()
  /// Spikes are only ever added. Otherwise, where so many fire that it is faster, an integer
  /// model's layer multiplies them, with the same sums; costs a second copy of its weights.
  bool event_driven = false;
  /// Event-driven, and refuses, by ConfigError naming the layers, a model in which a layer reads
  /// real numbers instead of events: the first layer of a model of pictures, and ReLU networks.
  bool multiplication_free = false;
};

/// A planned model: weights packed for the chosen kernels. Immutable; cheap to copy; may be shared
/// between threads.
class Model {
 public:
  /// Reads a model file of stage `quantised`, `folded` or `trained` (folded at load, in float64).
  /// Throws IoError, FormatError, ShapeError; ConfigError if the arithmetic is integer and the
  /// model not quantised, or the other way round.
  static Model load(const std::string& path, const ModelOptions& options = {});
  static Model from(const model::ModelData& data, const ModelOptions& options = {});

  const model::NetworkSpec& network() const;  ///< the folded or quantised network
  const model::Preprocessing& preprocessing() const;
  const std::vector<std::string>& class_names() const;
  Arithmetic arithmetic() const;
  std::string_view target() const;
  std::int64_t packed_bytes() const;  ///< memory of the packed weights
  /// One line per population: its synapses, kernels and shapes.
  std::string plan() const;
  /// The layers that read real numbers, and therefore always multiply. Those that multiplied spikes
  /// in some time step are in Session::activity().
  std::vector<std::string> multiplying_layers() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Model(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

/// How far the largest of the logits is above the second largest; 0 if there is one only.
double margin(std::span<const double> logits);

struct SessionOptions {
  bool record_activity = false;    ///< fill activity()
  bool record_spikes = false;      ///< fill spikes(); N = 1
  bool record_potentials = false;  ///< fill potentials(); N = 1
  /// Session::run ends after the first time step at which the best mean logit is at least so much
  /// above the second best.
  std::optional<double> early_exit_margin = {};
  /// Threads that share each sample's work, 1 to 256: shorter answers, with the same numbers. Where
  /// there are many samples, for_each_sample uses threads better. In a forked process they are
  /// missing.
  int threads = 1;
};

/// One sample being processed: owns the membrane potentials and all buffers, allocated once (those
/// for input events grow when a frame has more at one position than any before).
/// Not thread-safe; use one per thread.
class Session {
 public:
  explicit Session(const Model& model, const SessionOptions& options = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  /// reset(), then all time steps. `input` is [C, H, W] for static input, [T, C, H, W] for frames,
  /// already normalised; any other size throws ShapeError, and so does event input that is not
  /// whole numbers of events. Returns the mean logits [classes], valid until the next call.
  std::span<const double> run(std::span<const float> input);
  std::span<const double> run(std::span<const double> input);

  /// How many time steps the last run() took: fewer than the model's only by an early exit.
  int time_steps() const;

  /// Sets all membrane potentials to zero.
  void reset();
  /// One time step on the input map [C, H, W] of that step. Returns the logits of this step alone.
  /// For static input, an empty span repeats the last image at no cost for the first layer.
  std::span<const double> step(std::span<const float> input);
  std::span<const double> step(std::span<const double> input);

  /// Sums over all runs since construction or clear_activity(). After a reset, every time_steps
  /// steps are a sample. Multiply-accumulates of dense layers are counted as is usual, padding
  /// included; synaptic operations only where there is a destination. Throws ConfigError without
  /// record_activity.
  const model::Activity& activity() const;
  void clear_activity();
  /// Spikes of the last sample, one record per spiking layer in execution order. Throws ConfigError
  /// without record_spikes.
  const std::vector<model::SpikeRecord>& spikes() const;
  /// Membrane potentials before firing, likewise. Throws ConfigError without record_potentials.
  const std::vector<model::PotentialRecord>& potentials() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trispike::runtime
