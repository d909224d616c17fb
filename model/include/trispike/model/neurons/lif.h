// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The equations of the leaky integrate-and-fire neuron, written once: charge, fire, reset, and the
// step back through time. Training kernels, references and the runtime all call these functions.
// Every rule is branch-free, so that loops over neurons vectorise; options are constants, not
// branches.
#pragma once

#include <cmath>
#include <limits>

#include "trispike/model/host_device.h"
#include "trispike/model/neuron.h"

namespace trispike::model {

/// A NeuronSpec lowered to the constants of the equations below.
template <class Real>
struct LifConstants {
  Real decay;
  Real positive_threshold;  ///< fires +1 where u >= this
  Real negative_threshold;  ///< fires -1 where u <= this; -infinity if the neuron has no negative
                            ///< spikes
  Real hard_reset;          ///< 1 or 0
  Real soft_reset;          ///< what is subtracted per spike: the threshold or 0
  Real reset_gradient;      ///< 1, or 0 if the reset is detached
};

template <class Real>
LifConstants<Real> lower(const NeuronSpec& neuron) {
  // u > V is u >= the next number above V.
  const Real v = static_cast<Real>(neuron.threshold);
  const Real infinity = std::numeric_limits<Real>::infinity();
  const Real fire_at = neuron.strict ? std::nextafter(v, infinity) : v;
  return {static_cast<Real>(neuron.decay),
          fire_at,
          info(neuron.kind).negative_spikes ? -fire_at : -infinity,
          neuron.reset == ResetMode::kHard ? Real(1) : Real(0),
          neuron.reset == ResetMode::kSoft ? v : Real(0),
          neuron.detach_reset ? Real(0) : Real(1)};
}

/// u before firing: the decayed potential plus the input current (Eq. 4, 7, 13).
template <class Real>
TRISPIKE_HD Real charge(const LifConstants<Real>& k, Real u, Real input_current) {
  return k.decay * u + input_current;
}

/// The spike, -1, 0 or 1, of a neuron at potential `u` (Eq. 5, 8, 14).
template <class Real>
TRISPIKE_HD Real fire(const LifConstants<Real>& k, Real u) {
  return (u >= k.positive_threshold ? Real(1) : Real(0)) -
         (u <= k.negative_threshold ? Real(1) : Real(0));
}

/// u after firing.
template <class Real>
TRISPIKE_HD Real reset(const LifConstants<Real>& k, Real u, Real spike) {
  const Real fired = spike * spike;
  return u - (k.hard_reset * fired * u + k.soft_reset * spike);
}

/// One step back through time. `grad_u` holds dL/d(u after reset at t) and receives that of t - 1;
/// `grad_spike` is dL/d(spike) without the reset's part; `surrogate` the derivative of firing at u;
/// `grad_potential` what an objective on the membrane potential adds to dL/du.
/// Returns dL/d(input current at t). The derivative of |s| in the hard reset is sign(s), 0 at s =
/// 0.
template <class Real>
TRISPIKE_HD Real step_back(const LifConstants<Real>& k, Real& grad_u, Real u, Real spike,
                           Real grad_spike, Real surrogate, Real grad_potential = Real(0)) {
  const Real fired = spike * spike;
  const Real through_reset = k.reset_gradient * grad_u * (k.hard_reset * u * spike + k.soft_reset);
  const Real grad = grad_u * (Real(1) - k.hard_reset * fired) +
                    (grad_spike - through_reset) * surrogate + grad_potential;
  grad_u = grad * k.decay;
  return grad;
}

/// What a neuron that fires at a trainable threshold V adds to dL/dV at one time step; arguments as
/// of step_back, `grad_u` from before it. Firing depends on u - V, or on -u - V where u < 0 may
/// fire -1, so its derivative to V is minus that to u, or plus it (0 at u = 0). The soft reset
/// takes V off: its own derivative to V is -spike. No gradient flows through a detached reset.
template <class Real>
TRISPIKE_HD Real threshold_gradient(const LifConstants<Real>& k, Real grad_u, Real u, Real spike,
                                    Real grad_spike, Real surrogate) {
  const bool two_sided = k.negative_threshold == -k.positive_threshold;
  const Real sign = (u > Real(0) ? Real(1) : Real(0)) - (u < Real(0) ? Real(1) : Real(0));
  const Real side = two_sided ? sign : Real(1);
  const Real soft = k.soft_reset != Real(0) ? Real(1) : Real(0);
  const Real through_reset = k.reset_gradient * grad_u * (k.hard_reset * u * spike + k.soft_reset);
  return -(side * (grad_spike - through_reset) * surrogate +
           k.reset_gradient * soft * grad_u * spike);
}

}  // namespace trispike::model
