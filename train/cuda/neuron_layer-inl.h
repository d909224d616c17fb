// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The bodies of the kernels of neuron_layer.h. Included by neuron_layer.cu, and by a test that runs
// them on the CPU.
#pragma once

#include "cuda/block.h"
#include "kernels/norm.h"
#include "surrogates/surrogates.h"

namespace trispike::train::cuda {

using kernels::load;
using kernels::store;

/// Neighbouring elements that one instruction moves.
template <class T, int kWidth>
struct alignas(sizeof(T) * kWidth) Pack {
  T at[kWidth];
};

template <int kWidth, class T>
TRISPIKE_BODY Pack<T, kWidth> read(const T* p) {
  return *reinterpret_cast<const Pack<T, kWidth>*>(p);
}
template <int kWidth, class T>
TRISPIKE_BODY void write(T* p, const Pack<T, kWidth>& pack) {
  *reinterpret_cast<Pack<T, kWidth>*>(p) = pack;
}

/// The rows and channels of one thread.
template <int kWidth>
struct Own {
  std::int64_t channel, row, step, rows, channels;
  TRISPIKE_BODY Own(const MapSize& size, const Spread& spread, const Block& block, int thread)
      : step(block.parts * spread.rows_per_block), rows(size.rows), channels(size.channels) {
    const std::int64_t pack = block.tile * spread.lanes + thread % spread.lanes;
    const std::int64_t line = thread / spread.lanes;
    const bool idle = pack >= spread.packs || line >= spread.rows_per_block;
    channel = idle ? 0 : pack * kWidth;
    row = idle ? rows : block.part * spread.rows_per_block + line;
  }
  TRISPIKE_BODY std::int64_t at(std::int64_t t) const {
    return (t * rows + row) * channels + channel;
  }
};

/// One number per thread and channel, to be added up.
template <int kWidth>
struct ColumnShared {
  double values[kThreads * kWidth];
};

/// to[channel] = sum of get(thread, v) over the block's threads on that channel, in order of rows.
template <int kWidth, class Get>
TRISPIKE_BODY void sum_columns(Block& block, const Spread& spread, std::int64_t channels,
                               ColumnShared<kWidth>& shared, double* to, Get&& get) {
  block.each_thread([&](int thread) {
    for (int v = 0; v < kWidth; ++v) shared.values[thread * kWidth + v] = get(thread, v);
  });
  block.wait();
  block.each_thread([&](int thread) {
    const std::int64_t columns = spread.lanes * kWidth;
    for (std::int64_t column = thread; column < columns; column += kThreads) {
      const std::int64_t channel = block.tile * columns + column;
      if (channel >= channels) break;
      double sum = 0.0;
      for (std::int64_t line = 0; line < spread.rows_per_block; ++line) {
        sum += shared.values[line * columns + column];
      }
      to[channel] = sum;
    }
  });
  block.wait();
}

/// *to = sum of get(thread) over the block, as a tree of fixed shape.
template <class Get>
TRISPIKE_BODY void sum_block(Block& block, double* values, double* to, Get&& get) {
  block.each_thread([&](int thread) { values[thread] = get(thread); });
  block.wait();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    block.each_thread([&](int thread) {
      if (thread < half) values[thread] += values[thread + half];
    });
    block.wait();
  }
  block.each_thread([&](int thread) {
    if (thread == 0) *to = values[0];
  });
  block.wait();
}

template <int kWidth, class Store>
struct StatisticsKernel {
  StatisticsArguments<Store> a;
  using Real = typename RealOf<Store>::type;
  using Shared = ColumnShared<kWidth>;
  struct State {
    Real sum[kWidth], square[kWidth];
  };

  TRISPIKE_BODY void operator()(Block& block, Shared& shared) const {
    const MapSize& size = a.size;
    const Spread spread(size, kWidth);
    const std::int64_t steps = size.broadcast ? 1 : size.time_steps;
    const std::int64_t groups = size.broadcast ? 1 : size.groups;
    double* to = a.sums + block.part * groups * 2 * size.channels;
    PerThread<State> states;
    for (std::int64_t group = 0; group < groups; ++group) {
      const std::int64_t first = groups == 1 ? 0 : group, last = groups == 1 ? steps : group + 1;
      block.each_thread([&](int thread) {
        State& state = states[thread];
        Own<kWidth> own(size, spread, block, thread);
        Real centre[kWidth];
        for (int v = 0; v < kWidth; ++v) {
          state.sum[v] = state.square[v] = Real(0);
          centre[v] = static_cast<Real>(a.centre[own.channel + v]);
        }
        for (; own.row < own.rows; own.row += own.step) {
          for (std::int64_t t = first; t < last; ++t) {
            const auto in = read<kWidth>(a.y + own.at(t));
            for (int v = 0; v < kWidth; ++v) {
              const Real value = load(&in.at[v]) - centre[v];
              state.sum[v] += value;
              state.square[v] += value * value;
            }
          }
        }
      });
      block.wait();
      sum_columns(block, spread, size.channels, shared, to + group * 2 * size.channels,
                  [&](int thread, int v) { return double(states[thread].sum[v]); });
      sum_columns(block, spread, size.channels, shared, to + (group * 2 + 1) * size.channels,
                  [&](int thread, int v) { return double(states[thread].square[v]); });
    }
  }
};

/// A thread's part of the norm's table, of one group.
template <int kWidth, class Real>
struct OwnNorm {
  Pack<Real, kWidth> scale, shift, mean;
  TRISPIKE_BODY void take(const Real* table, const MapSize& size, std::int64_t group,
                          std::int64_t channel) {
    const std::int64_t stride = size.groups * size.channels;
    const Real* p = table + group * size.channels + channel;
    scale = read<kWidth>(p);
    shift = read<kWidth>(p + stride);
    mean = read<kWidth>(p + 2 * stride);
  }
};

/// A threshold that is trained lies in the GPU's memory.
template <class Real>
TRISPIKE_BODY kernels::NeuronConstants<Real> constants_of(
    const kernels::NeuronConstants<Real>& neuron, const Real* threshold) {
  return threshold ? kernels::at_threshold(neuron, *threshold) : neuron;
}

template <int kWidth, class Store>
struct ForwardKernel {
  ForwardArguments<Store> a;
  using Real = typename RealOf<Store>::type;
  struct Shared {
    double values[kThreads];
  };

  TRISPIKE_BODY void operator()(Block& block, Shared& shared) const {
    const MapSize& size = a.size;
    const Spread spread(size, kWidth);
    PerThread<int> fired;
    block.each_thread([&](int thread) { fired[thread] = work(block, spread, thread); });
    block.wait();
    sum_block(block, shared.values, a.fired + block.part * block.tiles + block.tile,
              [&](int thread) { return double(fired[thread]); });
  }

  TRISPIKE_BODY int work(const Block& block, const Spread& spread, int thread) const {
    const MapSize& size = a.size;
    const model::LifConstants<Real> lif = constants_of(a.neuron, a.threshold).lif;
    const Real amplitude = a.amplitude ? *a.amplitude : Real(1);
    Own<kWidth> own(size, spread, block, thread);
    OwnNorm<kWidth, Real> norm;
    norm.take(a.norm, size, 0, own.channel);
    int fired = 0;
    for (; own.row < own.rows; own.row += own.step) {
      Real u[kWidth] = {};
      for (std::int64_t t = 0; t < size.time_steps; ++t) {
        if (size.groups > 1) norm.take(a.norm, size, t, own.channel);
        const auto in = read<kWidth>(a.y + own.at(size.broadcast ? 0 : t));
        Pack<Store, kWidth> extra{}, out{};
        if (a.residual) extra = read<kWidth>(a.residual + own.at(t));
        for (int v = 0; v < kWidth; ++v) {
          Real x = kernels::normalised<Real>(load(&in.at[v]), norm.scale.at[v], norm.shift.at[v]);
          if (a.residual) x += load(&extra.at[v]);
          const Real before = model::charge(lif, u[v], x);
          const Real spike = model::fire(lif, before);
          u[v] = model::reset(lif, before, spike);
          fired += spike != Real(0);
          store(&out.at[v], amplitude * spike);
        }
        write<kWidth>(a.out + own.at(t), out);
      }
    }
    return fired;
  }
};

/// A thread's numbers [steps, width]: in registers if the number of steps is known, else spread
/// over the workspace so that neighbouring threads have neighbouring numbers.
template <int kSteps, int kWidth, class Real>
struct Steps {
  Real values[kSteps][kWidth];
  TRISPIKE_BODY void place(Real*, std::int64_t, std::int64_t) {}
  TRISPIKE_BODY Real& at(std::int64_t t, int v) { return values[t][v]; }
};
template <int kWidth, class Real>
struct Steps<0, kWidth, Real> {
  Real* base;
  std::int64_t stride;
  TRISPIKE_BODY void place(Real* workspace, std::int64_t threads, std::int64_t thread) {
    base = workspace + thread;
    stride = threads;
  }
  TRISPIKE_BODY Real& at(std::int64_t t, int v) { return base[(t * kWidth + v) * stride]; }
};

/// kSteps: the number of time steps if they stay in registers, else 0. kPerStep: each time step has
/// sums of its own (groups > 1).
template <int kSteps, bool kPerStep, int kWidth, class Store>
struct BackwardKernel {
  BackwardArguments<Store> a;
  using Real = typename RealOf<Store>::type;
  using Shared = ColumnShared<kWidth>;
  struct State {
    Steps<kSteps, kWidth, Real> potential;
    Steps<kPerStep ? kSteps : 1, kWidth, Real> sum, product;
    Real amplitude, threshold;
  };

  TRISPIKE_BODY std::int64_t steps() const { return kSteps > 0 ? kSteps : a.size.time_steps; }
  TRISPIKE_BODY std::int64_t groups() const { return kPerStep ? steps() : 1; }

  TRISPIKE_BODY void operator()(Block& block, Shared& shared) const {
    const MapSize& size = a.size;
    const Spread spread(size, kWidth);
    const kernels::NeuronConstants<Real> neuron = constants_of(a.neuron, a.threshold);
    PerThread<State> states;
    block.each_thread([&](int thread) {
      State& state = states[thread];
      begin(state, block, thread);
      Own<kWidth> own(size, spread, block, thread);
      OwnNorm<kWidth, Real> norm;
      norm.take(a.norm, size, 0, own.channel);
      for (; own.row < own.rows; own.row += own.step) {
        recompute(state, neuron.lif, own, norm);
        go_back(state, neuron, own, norm);
      }
    });
    block.wait();
    double* to = a.sums + block.part * size.groups * 2 * size.channels;
    const Real* inverse = a.norm + 3 * size.groups * size.channels;
    TRISPIKE_UNROLL
    for (std::int64_t g = 0; g < groups(); ++g) {
      sum_columns(block, spread, size.channels, shared, to + g * 2 * size.channels,
                  [&](int thread, int v) { return double(states[thread].sum.at(g, v)); });
      sum_columns(block, spread, size.channels, shared, to + (g * 2 + 1) * size.channels,
                  [&](int thread, int v) {
                    const Own<kWidth> own(size, spread, block, thread);
                    return double(states[thread].product.at(g, v)) *
                           double(inverse[g * size.channels + own.channel + v]);
                  });
    }
    if (a.amplitude_sums) {
      sum_block(block, shared.values, a.amplitude_sums + block.part * block.tiles + block.tile,
                [&](int thread) { return double(states[thread].amplitude); });
    }
    if (a.threshold_sums) {
      sum_block(block, shared.values, a.threshold_sums + block.part * block.tiles + block.tile,
                [&](int thread) { return double(states[thread].threshold); });
    }
  }

  TRISPIKE_BODY void begin(State& state, const Block& block, int thread) const {
    const std::int64_t threads = block.parts * block.tiles * kThreads;
    const std::int64_t number = (block.tile * block.parts + block.part) * kThreads + thread;
    const std::int64_t part = threads * steps() * kWidth;
    state.potential.place(a.workspace, threads, number);
    state.sum.place(a.workspace + part, threads, number);
    state.product.place(a.workspace + 2 * part, threads, number);
    state.amplitude = state.threshold = Real(0);
    TRISPIKE_UNROLL
    for (std::int64_t g = 0; g < groups(); ++g) {
      TRISPIKE_UNROLL
      for (int v = 0; v < kWidth; ++v) state.sum.at(g, v) = state.product.at(g, v) = Real(0);
    }
  }

  /// The potentials before firing, as in forward.
  TRISPIKE_BODY void recompute(State& state, const model::LifConstants<Real>& lif,
                               const Own<kWidth>& own, OwnNorm<kWidth, Real>& norm) const {
    const MapSize& size = a.size;
    Real u[kWidth] = {};
    TRISPIKE_UNROLL
    for (std::int64_t t = 0; t < steps(); ++t) {
      if (kPerStep) norm.take(a.norm, size, t, own.channel);
      const auto in = read<kWidth>(a.y + own.at(size.broadcast ? 0 : t));
      Pack<Store, kWidth> extra{};
      if (a.residual) extra = read<kWidth>(a.residual + own.at(t));
      TRISPIKE_UNROLL
      for (int v = 0; v < kWidth; ++v) {
        Real x = kernels::normalised<Real>(load(&in.at[v]), norm.scale.at[v], norm.shift.at[v]);
        if (a.residual) x += load(&extra.at[v]);
        const Real before = model::charge(lif, u[v], x);
        state.potential.at(t, v) = before;
        u[v] = model::reset(lif, before, model::fire(lif, before));
      }
    }
  }

  TRISPIKE_BODY void go_back(State& state, const kernels::NeuronConstants<Real>& neuron,
                             const Own<kWidth>& own, OwnNorm<kWidth, Real>& norm) const {
    const MapSize& size = a.size;
    const double elements = double(size.time_steps) * double(size.rows) * double(size.channels);
    const Real amplitude = a.amplitude ? *a.amplitude : Real(1);
    const Real rate = a.rate_gradient ? Real(*a.rate_gradient / elements) : Real(0);
    Real grad_u[kWidth] = {}, grad_sum[kWidth] = {};
    Pack<Store, kWidth> in{};
    if (size.broadcast) in = read<kWidth>(a.y + own.at(0));
    TRISPIKE_UNROLL
    for (std::int64_t back = 0; back < steps(); ++back) {
      const std::int64_t t = steps() - 1 - back;
      if (kPerStep) norm.take(a.norm, size, t, own.channel);
      if (!size.broadcast) in = read<kWidth>(a.y + own.at(t));
      const auto from = read<kWidth>(a.grad_out + own.at(t));
      Real surrogate[kWidth] = {};
      Surrogates::visit(neuron.surrogate_kind, [&](auto kind) {
        TRISPIKE_UNROLL
        for (int v = 0; v < kWidth; ++v) {
          surrogate[v] = kind.derivative(neuron.surrogate, state.potential.at(t, v));
        }
      });
      Pack<Store, kWidth> to{};
      TRISPIKE_UNROLL
      for (int v = 0; v < kWidth; ++v) {
        const Real h = state.potential.at(t, v);
        const Real spike = model::fire(neuron.lif, h), incoming = load(&from.at[v]);
        const Real pull = kernels::hinge_pull(neuron, h);
        state.amplitude += incoming * spike;
        if (a.threshold_sums) {
          state.threshold += model::threshold_gradient(neuron.lif, grad_u[v], h, spike,
                                                       amplitude * incoming, surrogate[v]) -
                             rate * Real(kernels::kRateHinge) * pull * pull;
        }
        const Real gradient = model::step_back(neuron.lif, grad_u[v], h, spike,
                                               amplitude * incoming, surrogate[v], rate * pull);
        if (size.broadcast) {
          grad_sum[v] += gradient;
        } else {
          store(&to.at[v], gradient);
          state.sum.at(kPerStep ? t : 0, v) += gradient;
          state.product.at(kPerStep ? t : 0, v) += gradient * (load(&in.at[v]) - norm.mean.at[v]);
        }
      }
      if (!size.broadcast) write<kWidth>(a.grad_input + own.at(t), to);
    }
    if (!size.broadcast) return;
    Pack<Store, kWidth> to{};  // all time steps share the statistics of the one map
    TRISPIKE_UNROLL
    for (int v = 0; v < kWidth; ++v) {
      store(&to.at[v], grad_sum[v]);
      state.sum.at(0, v) += grad_sum[v];
      state.product.at(0, v) += grad_sum[v] * (load(&in.at[v]) - norm.mean.at[v]);
    }
    write<kWidth>(a.grad_input + own.at(0), to);
  }
};

struct NoShared {
  char nothing;
};

template <int kWidth, class Store>
struct NormBackwardKernel {
  NormBackwardArguments<Store> a;
  using Real = typename RealOf<Store>::type;
  using Shared = NoShared;

  TRISPIKE_BODY void operator()(Block& block, Shared&) const {
    const MapSize& size = a.size;
    const Spread spread(size, kWidth);
    const std::int64_t steps = size.broadcast ? 1 : size.time_steps;
    const std::int64_t stride = size.groups * size.channels;
    block.each_thread([&](int thread) {
      for (std::int64_t t = 0; t < steps; ++t) {
        Own<kWidth> own(size, spread, block, thread);
        const Real* line = a.lines + (size.groups > 1 ? t * size.channels : 0) + own.channel;
        const auto slope = read<kWidth>(line), of_y = read<kWidth>(line + stride),
                   constant = read<kWidth>(line + 2 * stride);
        for (; own.row < own.rows; own.row += own.step) {
          const auto in = read<kWidth>(a.y + own.at(t));
          const auto gradient = read<kWidth>(a.grad_input + own.at(t));
          Pack<Store, kWidth> to{};
          for (int v = 0; v < kWidth; ++v) {
            store(&to.at[v], slope.at[v] * load(&gradient.at[v]) + of_y.at[v] * load(&in.at[v]) +
                                 constant.at[v]);
          }
          write<kWidth>(a.grad_y + own.at(t), to);
        }
      }
    });
  }
};

/// One thread per channel.
template <class Real>
struct NormTableKernel {
  NormTableArguments<Real> a;
  using Shared = NoShared;

  TRISPIKE_BODY void operator()(Block& block, Shared&) const {
    block.each_thread([&](int thread) {
      const std::int64_t c = block.part * kThreads + thread;
      if (c >= a.channels) return;
      const std::int64_t channels = a.channels, stride = a.groups * channels;
      const double places = a.all_places ? *a.all_places : a.places;
      kernels::Moments running{0.0, 1.0}, now{0.0, 1.0};
      if (a.running_mean) running = {a.running_mean[c], a.running_var[c]};
      const double unbias = kernels::unbias(places * a.copies);
      for (std::int64_t t = 0; t < a.updates || t < a.groups; ++t) {
        if (t < a.groups) {
          kernels::NormRow row{1.0, 0.0, 0.0, 1.0};
          if (a.weight) {
            now = running;
            if (a.sums) {
              const double* sum = a.sums + t * 2 * channels + c;
              now = kernels::moments(a.centre[c], sum[0], sum[channels], places);
            }
            row = kernels::norm_row(now, a.eps, a.weight[c], a.bias[c], a.factor);
          }
          Real* to = a.table + t * channels + c;
          to[0] = static_cast<Real>(row.scale);
          to[stride] = static_cast<Real>(row.shift);
          to[2 * stride] = static_cast<Real>(row.mean);
          to[3 * stride] = static_cast<Real>(row.inverse_std);
        }
        if (a.sums && t < a.updates) {
          running.mean = kernels::moved(running.mean, now.mean, a.momentum);
          running.variance = kernels::moved(running.variance, now.variance * unbias, a.momentum);
        }
      }
      if (a.sums) {
        a.running_mean[c] = static_cast<Real>(running.mean);
        a.running_var[c] = static_cast<Real>(running.variance);
      }
    });
  }
};

/// One thread per channel.
template <class Real>
struct NormGradientKernel {
  NormGradientArguments<Real> a;
  using Shared = NoShared;

  TRISPIKE_BODY void operator()(Block& block, Shared&) const {
    block.each_thread([&](int thread) {
      const std::int64_t c = block.part * kThreads + thread;
      if (c >= a.channels) return;
      const std::int64_t channels = a.channels, stride = a.groups * channels;
      const double places = a.all_places ? *a.all_places : a.places;
      const double n = a.batch_statistics ? places : double(__builtin_huge_val());
      double weight = 0.0, bias = 0.0;
      for (std::int64_t group = 0; group < a.groups; ++group) {
        const std::int64_t i = group * channels + c, at = group * 2 * channels + c;
        const Real* row = a.table + i;
        const kernels::GradientLine line = kernels::gradient_line(
            {double(row[0]), double(row[stride]), double(row[2 * stride]), double(row[3 * stride])},
            a.all[at], a.all[at + channels], n);
        a.lines[i] = static_cast<Real>(line.a);
        a.lines[stride + i] = static_cast<Real>(line.b);
        a.lines[2 * stride + i] = static_cast<Real>(line.c);
        bias += a.own[at];
        weight += a.own[at + channels];
      }
      a.grad_weight[c] = static_cast<Real>(weight * a.factor);
      a.grad_bias[c] = static_cast<Real>(bias);
    });
  }
};

/// 32 columns a block; eight threads add every eighth part of a column, in order.
struct CombineKernel {
  CombineArguments a;
  static constexpr int kColumns = 32;
  struct Shared {
    double values[kThreads];
  };

  TRISPIKE_BODY void operator()(Block& block, Shared& shared) const {
    const std::int64_t first = block.part * kColumns;
    block.each_thread([&](int thread) {
      const std::int64_t column = first + thread % kColumns;
      double sum = 0.0;
      for (std::int64_t part = thread / kColumns; part < a.parts && column < a.columns;
           part += kThreads / kColumns) {
        sum += a.in[part * a.columns + column];
      }
      shared.values[thread] = sum;
    });
    block.wait();
    block.each_thread([&](int thread) {
      if (thread >= kColumns || first + thread >= a.columns) return;
      double sum = 0.0;
      for (int i = thread; i < kThreads; i += kColumns) sum += shared.values[i];
      a.total[first + thread] = sum;
    });
  }
};

template <template <int, class> class Kernel, class Arguments, class Store>
void launch_by_width(const Arguments& arguments, Store, Stream stream) {
  const Spread spread(arguments.size, width_of(arguments.size));
  const Grid grid{spread.parts, spread.tiles};
  if (width_of(arguments.size) == 4) {
    launch(Kernel<4, Store>{arguments}, grid, stream);
  } else {
    launch(Kernel<1, Store>{arguments}, grid, stream);
  }
}

template <int kSteps, bool kPerStep>
struct Backward {
  template <int kWidth, class Store>
  using Kernel = BackwardKernel<kSteps, kPerStep, kWidth, Store>;
};

template <int kSteps, class Store>
void launch_backward(const BackwardArguments<Store>& arguments, Stream stream) {
  if (arguments.size.groups > 1) {
    launch_by_width<Backward<kSteps, true>::template Kernel>(arguments, Store{}, stream);
  } else {
    launch_by_width<Backward<kSteps, false>::template Kernel>(arguments, Store{}, stream);
  }
}

template <class Kernel, class Arguments>
void launch_by_channel(const Arguments& arguments, Stream stream) {
  launch(Kernel{arguments}, {(arguments.channels + kThreads - 1) / kThreads, 1}, stream);
}

template <class Store>
constexpr NeuronLayerKernels<Store> kernels_of() {
  using Real = typename RealOf<Store>::type;
  return {
      [](const StatisticsArguments<Store>& a, Stream stream) {
        launch_by_width<StatisticsKernel>(a, Store{}, stream);
      },
      [](const NormTableArguments<Real>& a, Stream stream) {
        launch_by_channel<NormTableKernel<Real>>(a, stream);
      },
      [](const ForwardArguments<Store>& a, Stream stream) {
        launch_by_width<ForwardKernel>(a, Store{}, stream);
      },
      [](const BackwardArguments<Store>& a, Stream stream) {
        if (a.size.time_steps == 2) {
          launch_backward<2>(a, stream);
        } else if (a.size.time_steps == 4) {
          launch_backward<4>(a, stream);
        } else {
          launch_backward<0>(a, stream);
        }
      },
      [](const NormGradientArguments<Real>& a, Stream stream) {
        launch_by_channel<NormGradientKernel<Real>>(a, stream);
      },
      [](const NormBackwardArguments<Store>& a, Stream stream) {
        launch_by_width<NormBackwardKernel>(a, Store{}, stream);
      },
  };
}

inline void combine(const CombineArguments& arguments, Stream stream) {
  constexpr std::int64_t kColumns = CombineKernel::kColumns;
  launch(CombineKernel{arguments}, {(arguments.columns + kColumns - 1) / kColumns, 1}, stream);
}

inline NeuronLayerTable neuron_layer_table() {
  return {kernels_of<float>(), kernels_of<double>(), kernels_of<BFloat16>(), kernels_of<Float16>(),
          combine};
}

}  // namespace trispike::train::cuda
