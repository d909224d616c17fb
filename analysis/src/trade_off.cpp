// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/analysis/trade_off.h"

#include <cmath>

#include "trispike/model/error.h"

namespace trispike::analysis {
namespace {

constexpr int kWeightBits = 8;
constexpr int kPotentialBits = 16;
constexpr int kAnnSumBits = 32;

}  // namespace

double addition_pj(int bits) { return 0.1 / 32 * bits; }

double multiplication_pj(int bits_a, int bits_b) { return 0.2 / 64 * bits_a * bits_b; }

double fetch_pj(int bits) { return 20.0 / 64 * bits; }

double TradeOff::density() const {
  const double dense = dense_additions * time_steps;
  return dense > 0 ? synaptic_operations / dense : 0;
}

double TradeOff::spiking_pj(double at_density) const {
  const double additions = at_density * dense_additions * time_steps;
  const double updates = neurons * time_steps;
  const double addition = addition_pj(kPotentialBits) + (memory ? fetch_pj(kWeightBits) : 0);
  // Decay is a shift; the potential is read and written.
  const double update = addition_pj(kPotentialBits) + (memory ? 2 * fetch_pj(kPotentialBits) : 0);
  return additions * addition + updates * update;
}

double TradeOff::ann_pj(int bits) const {
  const double mac = multiplication_pj(bits, kWeightBits) + addition_pj(kAnnSumBits) +
                     (memory ? fetch_pj(kWeightBits) : 0);
  const double activation = memory ? 2 * fetch_pj(bits) : 0;
  return dense_additions * mac + neurons * activation;
}

double TradeOff::break_even(int bits) const {
  const double fixed = spiking_pj(0);
  const double slope = spiking_pj(1) - fixed;
  return slope > 0 ? (ann_pj(bits) - fixed) / slope : 0;
}

TradeOff trade_off(const Summary& summary, double first_layer_macs, bool memory) {
  if (summary.time_steps < 1) throw Error("trade-off of a run without time steps");
  TradeOff t;
  t.dense_additions = summary.total.dense_operations / summary.time_steps - first_layer_macs;
  t.neurons = static_cast<double>(summary.neurons);
  t.time_steps = summary.time_steps;
  t.synaptic_operations = summary.total.synaptic_operations;
  t.memory = memory;
  return t;
}

int matched_bits(bool negative_spikes, int time_steps) {
  return static_cast<int>(std::ceil(time_steps * std::log2(negative_spikes ? 3.0 : 2.0) - 1e-9));
}

}  // namespace trispike::analysis
