// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// When does a spiking network cost less than a quantised ANN of the same architecture and of as
// many bits between its layers? Costs grow with the bits that are added, multiplied and fetched
// (docs/energy.md).
#pragma once

#include "trispike/analysis/summary.h"

namespace trispike::analysis {

/// 45 nm, after Horowitz, ISSCC 2014 (8-bit addition 0.03 pJ, 32-bit 0.1 pJ; 8-bit multiplication
/// 0.2 pJ, 32-bit 3.1 pJ; 64 bits from 32 KB of SRAM 20 pJ): additions and fetches grow with the
/// bits, multiplications with the product of both numbers' bits.
double addition_pj(int bits);
double multiplication_pj(int bits_a, int bits_b);
double fetch_pj(int bits);

/// Both networks have weights of 8 bits and the same first layer, which is left out.
struct TradeOff {
  double dense_additions = 0;  ///< of one time step behind the first layer, if all neurons fired
  double neurons = 0;
  int time_steps = 1;
  double synaptic_operations = 0;  ///< executed, in all time steps
  bool memory = false;             ///< charge fetches, too

  /// Share of the dense additions of all time steps that is executed.
  double density() const;
  /// Of one picture; sums and potentials of 16 bits.
  double spiking_pj(double at_density) const;
  /// The ANN twin with activations of `bits`; sums of 32 bits.
  double ann_pj(int bits) const;
  /// The density at which both cost the same; the spiking network pays below it. Can be beyond 1
  /// (it always pays) or below 0 (its potentials alone cost more).
  double break_even(int bits) const;
};

/// Of a run. `first_layer_macs`: dense multiply-accumulates of the layers that see the input, at
/// one time step; 0 if they see events and add. Throws Error for a network without time steps.
TradeOff trade_off(const Summary& summary, double first_layer_macs, bool memory);

/// Whole bits that hold what a neuron can tell in all time steps: 2^T or 3^T values.
int matched_bits(bool negative_spikes, int time_steps);

}  // namespace trispike::analysis
