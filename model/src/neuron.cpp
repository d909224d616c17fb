// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The tables of neuron kinds, reset modes, surrogates and presets.
#include "trispike/model/neuron.h"

#include <array>
#include <cmath>

#include "src/text.h"
#include "trispike/model/error.h"

namespace trispike::model {
namespace {

constexpr std::array<NeuronKindInfo, 4> kKinds{{
    {NeuronKind::kBinary, "binary", "fires 1 where u >= threshold (Eq. 4-5)", true, false, false},
    {NeuronKind::kTernary, "ternary", "fires sign(u) where |u| >= threshold (Eq. 7-8)", true, true,
     false},
    {NeuronKind::kTrainableTernary, "trainable_ternary",
     "ternary spikes times one trainable amplitude per layer (Eq. 13-14)", true, true, true},
    {NeuronKind::kRelu, "relu", "max(u, 0): the ANN twin, one time step", false, false, false},
}};

// Rows stand in the order of the enumerators.
constexpr std::array<std::string_view, 3> kResetModes{"hard", "soft", "none"};
constexpr std::array<std::string_view, 6> kSurrogates{"straight_through", "rectangle", "triangle",
                                                      "sigmoid",          "atan",      "dspike"};
constexpr std::array<double, 6> kSurrogateWidths{1.0, 0.5, 1.0, 0.25, 0.5, 1.0 / 3.0};
constexpr std::array<std::string_view, 2> kPresets{"paper", "official_code"};

template <class Names>
int index_of(const Names& names, std::string_view name, const std::string& key,
             std::string_view what) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<int>(i);
  }
  throw ConfigError(key, "unknown " + std::string(what) + " " + in_quotes(name) +
                             "; expected one of " + joined(names));
}

constexpr std::array<std::string_view, kKinds.size()> kind_names() {
  std::array<std::string_view, kKinds.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kKinds[i].name;
  return names;
}

void require(bool ok, const std::string& key, double value, std::string_view expected) {
  if (!ok) {
    throw ConfigError(key, "is " + number(value) + ", expected " + std::string(expected));
  }
}

}  // namespace

double default_surrogate_width(SurrogateKind kind) {
  return kSurrogateWidths.at(static_cast<std::size_t>(kind));
}

std::span<const NeuronKindInfo> neuron_kinds() { return kKinds; }

const NeuronKindInfo& info(NeuronKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }

std::span<const std::string_view> neuron_presets() { return kPresets; }

NeuronSpec neuron_preset(std::string_view preset, NeuronKind kind) {
  const bool official_code = index_of(kPresets, preset, "neuron.preset", "neuron preset") == 1;
  NeuronSpec neuron;
  neuron.kind = kind;
  neuron.threshold = official_code ? 0.5 : 1.0;
  neuron.strict = official_code && kind == NeuronKind::kBinary;
  return neuron;
}

void validate(const NeuronSpec& neuron) {
  require(std::isfinite(neuron.threshold) && neuron.threshold > 0, "neuron.threshold",
          neuron.threshold, "a finite number > 0");
  if (neuron.trainable_threshold && !info(neuron.kind).spiking) {
    throw ConfigError("neuron.trainable_threshold", "neurons of kind '" +
                                                        std::string(to_string(neuron.kind)) +
                                                        "' have no threshold; expected false");
  }
  require(neuron.decay >= 0 && neuron.decay <= 1, "neuron.decay", neuron.decay,
          "a number in [0, 1]");
  require(std::isfinite(neuron.surrogate.width) && neuron.surrogate.width > 0,
          "neuron.surrogate_width", neuron.surrogate.width, "a finite number > 0");
}

std::string_view to_string(NeuronKind kind) { return info(kind).name; }

std::string_view to_string(ResetMode mode) {
  return kResetModes.at(static_cast<std::size_t>(mode));
}

std::string_view to_string(SurrogateKind kind) {
  return kSurrogates.at(static_cast<std::size_t>(kind));
}

NeuronKind neuron_kind_from_string(std::string_view name) {
  static constexpr auto kNames = kind_names();
  return kKinds[static_cast<std::size_t>(index_of(kNames, name, "neuron.kind", "neuron kind"))]
      .kind;
}

ResetMode reset_mode_from_string(std::string_view name) {
  return static_cast<ResetMode>(index_of(kResetModes, name, "neuron.reset", "reset mode"));
}

SurrogateKind surrogate_kind_from_string(std::string_view name) {
  return static_cast<SurrogateKind>(index_of(kSurrogates, name, "neuron.surrogate", "surrogate"));
}

std::span<const std::string_view> reset_mode_names() { return kResetModes; }
std::span<const std::string_view> surrogate_kind_names() { return kSurrogates; }

}  // namespace trispike::model
