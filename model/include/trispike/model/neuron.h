// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a neuron layer *is*: its kind, constants and surrogate gradient, as data.
// The equations stand in neurons/lif.h; the list of kinds is `neuron_kinds()`.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace trispike::model {

enum class NeuronKind { kBinary, kTernary, kTrainableTernary, kRelu };

/// What happens to the membrane potential of a neuron that has fired.
enum class ResetMode {
  kHard,  ///< to zero (Eq. 4, 7, 13)
  kSoft,  ///< the threshold is subtracted (added after a negative spike)
  kNone   ///< nothing
};

/// Shape of the derivative that stands for that of the firing step in backward. With V the
/// threshold, w the width and z = |u| - V (ternary) or u - V (binary):
enum class SurrogateKind {
  kStraightThrough,  ///< 1 on |u| <= w (ternary) or 0 <= u <= w (binary), else 0; default w = 1
  kRectangle,        ///< 1 / (2w) on |z| < w, else 0; default w = 0.5
  kTriangle,         ///< max(0, w - |z|) / w^2; default w = 1
  kSigmoid,          ///< s(z/w) (1 - s(z/w)) / w with s the logistic function; default w = 0.25
  kAtan,             ///< (1/2w) / (1 + (pi z / 2w)^2); default w = 0.5
  kDspike            ///< sech^2(z/w) / (2w tanh(1/2w)) on |z| <= 1/2, else 0; default w = 1/3
};

struct SurrogateSpec {
  SurrogateKind kind = SurrogateKind::kStraightThrough;
  double width = 1.0;  ///< > 0, in units of the membrane potential; meaning per kind above
  bool operator==(const SurrogateSpec&) const = default;
};

/// The width used when a recipe names a surrogate but no width.
double default_surrogate_width(SurrogateKind kind);

/// One neuron layer. All constants are shared by the neurons of the layer.
struct NeuronSpec {
  NeuronKind kind = NeuronKind::kTernary;
  double threshold = 0.5;  ///< > 0. Fires where |u| >= threshold (ternary), u >= threshold (binary)
  double decay = 0.25;     ///< in [0, 1]: factor on the potential per time step (the paper's tau)
  bool strict = false;     ///< fires where u > threshold instead (the authors' binary neuron)
  ResetMode reset = ResetMode::kHard;
  bool detach_reset = false;  ///< no gradient flows through the reset
  SurrogateSpec surrogate;
  /// A trained layer fires at its tensor `threshold` instead, which starts at `threshold`.
  bool trainable_threshold = false;
  bool operator==(const NeuronSpec&) const = default;
};

/// A row of the list of neuron kinds.
struct NeuronKindInfo {
  NeuronKind kind;
  std::string_view name;     ///< as written in recipes and model files
  std::string_view summary;  ///< one line for help texts, with the paper's equation
  bool spiking;              ///< false: real-valued output, one time step (the ANN twin)
  bool negative_spikes;      ///< fires -1 where u <= -threshold
  bool trainable_amplitude;  ///< emits amplitude * spike, one scalar per layer
};

std::span<const NeuronKindInfo> neuron_kinds();
const NeuronKindInfo& info(NeuronKind kind);

/// Named settings. `paper`: Eq. 4-14 with V_th = 1. `official_code`: the authors' code, which fires
/// at 0.5 and, in its binary variant, strictly above. Throws ConfigError for another name.
NeuronSpec neuron_preset(std::string_view preset, NeuronKind kind);
std::span<const std::string_view> neuron_presets();

/// Throws ConfigError (keys "neuron.threshold", ...) if a constant is out of range.
void validate(const NeuronSpec& neuron);

/// Names as used in files, recipes and help; the parsers throw ConfigError listing what is valid.
std::string_view to_string(NeuronKind kind);
std::string_view to_string(ResetMode mode);
std::string_view to_string(SurrogateKind kind);
NeuronKind neuron_kind_from_string(std::string_view name);
ResetMode reset_mode_from_string(std::string_view name);
SurrogateKind surrogate_kind_from_string(std::string_view name);
std::span<const std::string_view> reset_mode_names();
std::span<const std::string_view> surrogate_kind_names();

}  // namespace trispike::model
