// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/neuron_layer.h"
#include "kernels/norm.h"
#include "src/communicator.h"
#include "src/cuda_plugin.h"
#include "src/device_norm_neuron.h"
#include "src/neuron_layer_settings.h"
#include "src/norm_neuron.h"
#include "src/packed_spikes.h"

namespace trispike::train {
namespace {

using at::Tensor;
using kernels::BFloat16;
using kernels::MapSize;
using Settings = NeuronLayerSettings;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

/// Calls f with the storage type of a map: float, BFloat16 or double.
template <class F>
void visit_store(at::ScalarType type, F&& f) {
  if (type == at::kFloat) {
    f(float{});
  } else if (type == at::kBFloat16) {
    f(BFloat16{});
  } else if (type == at::kDouble) {
    f(double{});
  } else {
    TORCH_CHECK(false, "[norm_neuron] maps must be float32, bfloat16 or float64, got ", type);
  }
}

at::ScalarType real_type(at::ScalarType store) {
  return store == at::kDouble ? at::kDouble : at::kFloat;
}

template <class T>
T* pointer(const Tensor& tensor) {
  return tensor.defined() ? static_cast<T*>(tensor.data_ptr()) : nullptr;
}

Tensor workspace(const MapSize& size, at::ScalarType real) {
  return at::empty({at::get_num_threads() * kernels::workspace_size(size)}, real);
}

template <class Real>
Real amplitude_of(const Tensor& amplitude) {
  return amplitude.defined() ? amplitude.item<Real>() : Real(1);
}

/// Rows of a [4, groups, channels] tensor: scale, shift, mean, inverse standard deviation.
template <class Real>
kernels::NormConstants<Real> norm_constants(const Tensor& table) {
  const std::int64_t stride = table.stride(0);
  const Real* p = table.data_ptr<Real>();
  return {p, p + stride, p + 2 * stride, p + 3 * stride};
}

struct Statistics {
  std::vector<double> mean, variance;  ///< [groups, channels], biased
  double places = 0.0;                 ///< over which each was taken, of all ranks
};

/// Over all ranks.
template <class Store>
Statistics batch_statistics(const Settings& s, const Tensor& y, const Tensor& running_mean) {
  const MapSize& size = s.size;
  using Real = typename kernels::KernelsOf<Store>::Real;
  const std::int64_t channels = size.channels, groups = size.groups;
  // Sums of differences from one sample of each channel: no cancellation where the mean is large.
  const Tensor pilot =
      y.select(0, 0).select(1, 0).select(1, 0).to(real_type(y.scalar_type())).contiguous();
  const std::int64_t chunks = kernels::chunk_count(size);
  std::vector<double> sums(static_cast<std::size_t>(chunks * groups * 2 * channels));
  Tensor space = workspace(size, pilot.scalar_type());
  kernels::KernelsOf<Store>::get(kernels::neuron_layer_target())
      .statistics(size, pointer<Store>(y), pilot.data_ptr<Real>(), sums.data(),
                  space.data_ptr<Real>(), at::get_num_threads());
  const Tensor total = at::zeros({groups, 2, channels}, at::kDouble);
  double* to = total.data_ptr<double>();
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
    const double* from = sums.data() + chunk * groups * 2 * channels;
    for (std::int64_t i = 0; i < groups * 2 * channels; ++i) to[i] += from[i];
  }
  Tensor centre = pilot.to(at::kDouble);
  double n = s.places;
  if (s.group != nullptr) {
    // About what all ranks have in common.
    const Tensor common = running_mean.to(at::kDouble);
    const Tensor all = sums_of_all_ranks(s, centre - common, total);
    total.copy_(all.narrow(0, 0, total.numel()).view(total.sizes()));
    n = all[-1].item<double>();
    centre = common;
  }
  Statistics result;
  result.places = n;
  for (std::int64_t g = 0; g < groups; ++g) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const double* at = to + g * 2 * channels + c;
      const kernels::Moments found =
          kernels::moments(centre.data_ptr<double>()[c], at[0], at[channels], n);
      result.mean.push_back(found.mean);
      result.variance.push_back(found.variance);
    }
  }
  return result;
}

/// Moves running statistics as PyTorch does: once per group (a static current's single group stands
/// for all time steps), with the unbiased variance.
void move_running_statistics(const NormNeuronInput& in, const Settings& s,
                             const Statistics& batch) {
  const double momentum = in.norm.layer.momentum;
  // A static current is the same at every step: the elements of a group are more than its places.
  const double n = batch.places * (s.size.broadcast && !in.norm.layer.per_time_step
                                       ? static_cast<double>(s.size.time_steps)
                                       : 1.0);
  const double unbias = kernels::unbias(n);
  const std::int64_t updates = in.norm.layer.per_time_step ? s.size.time_steps : 1;
  Tensor mean = in.norm.running_mean.to(at::kDouble), var = in.norm.running_var.to(at::kDouble);
  double* m = mean.data_ptr<double>();
  double* v = var.data_ptr<double>();
  for (std::int64_t t = 0; t < updates; ++t) {
    const std::int64_t group = s.size.groups == 1 ? 0 : t;
    for (std::int64_t c = 0; c < s.size.channels; ++c) {
      const auto i = static_cast<std::size_t>(group * s.size.channels + c);
      m[c] = kernels::moved(m[c], batch.mean[i], momentum);
      v[c] = kernels::moved(v[c], batch.variance[i] * unbias, momentum);
    }
  }
  c10::NoGradGuard no_grad;
  in.norm.running_mean.copy_(mean);
  in.norm.running_var.copy_(var);
}

/// [4, groups, channels]: see norm_constants.
Tensor make_norm_table(const NormNeuronInput& in, const Settings& s, const Statistics& stats,
                       at::ScalarType real) {
  const std::int64_t channels = s.size.channels;
  Tensor table = at::empty({4, s.size.groups, channels}, at::kDouble);
  double* p = table.data_ptr<double>();
  const std::int64_t stride = table.stride(0);
  Tensor weight, bias;
  if (s.has_norm) {
    weight = in.norm.weight.detach().to(at::kDouble);
    bias = in.norm.bias.detach().to(at::kDouble);
  }
  for (std::int64_t i = 0; i < stride; ++i) {
    const std::int64_t c = i % channels;
    const auto at = static_cast<std::size_t>(i);
    kernels::NormRow row{1.0, 0.0, 0.0, 1.0};
    if (s.has_norm) {
      row =
          kernels::norm_row({stats.mean[at], stats.variance[at]}, in.norm.layer.eps,
                            weight.data_ptr<double>()[c], bias.data_ptr<double>()[c], s.norm_scale);
    }
    p[i] = row.scale;
    p[stride + i] = row.shift;
    p[2 * stride + i] = row.mean;
    p[3 * stride + i] = row.inverse_std;
  }
  return table.to(real);
}

/// [3, groups, channels]: a, b and c of norm_backward, from the norm's table and the sums of
/// gradients [groups, 2, channels] over n places.
Tensor gradient_lines(const Tensor& table, const Tensor& sums, double n) {
  const Tensor rows = table.to(at::kDouble), line = at::empty_like(rows).narrow(0, 0, 3);
  const std::int64_t stride = rows.stride(0), channels = rows.size(2);
  const double* row = rows.data_ptr<double>();
  const double* sum = sums.data_ptr<double>();
  double* to = line.data_ptr<double>();
  for (std::int64_t i = 0; i < stride; ++i) {
    const double* at = sum + i / channels * 2 * channels + i % channels;
    const kernels::GradientLine found =
        kernels::gradient_line({row[i], row[stride + i], row[2 * stride + i], row[3 * stride + i]},
                               at[0], at[channels], n);
    to[i] = found.a;
    to[stride + i] = found.b;
    to[2 * stride + i] = found.c;
  }
  return line;
}

Statistics running_statistics(const NormNeuronInput& in, std::int64_t groups) {
  const Tensor mean = in.norm.running_mean.to(at::kDouble),
               var = in.norm.running_var.to(at::kDouble);
  Statistics stats;
  for (std::int64_t g = 0; g < groups; ++g) {
    stats.mean.insert(stats.mean.end(), mean.data_ptr<double>(),
                      mean.data_ptr<double>() + mean.numel());
    stats.variance.insert(stats.variance.end(), var.data_ptr<double>(),
                          var.data_ptr<double>() + var.numel());
  }
  return stats;
}

struct NormNeuronFunction : torch::autograd::Function<NormNeuronFunction> {
  /// The differentiable tensors are arguments of their own; `in` holds everything else.
  static torch::autograd::variable_list forward(
      torch::autograd::AutogradContext* context, const Tensor& current,
      const std::optional<Tensor>& /*weight*/, const std::optional<Tensor>& /*bias*/,
      const std::optional<Tensor>& residual_in, const std::optional<Tensor>& /*amplitude*/,
      const std::optional<Tensor>& threshold, const NormNeuronInput& in) {
    Settings s = make_settings(in);
    if (threshold) s.neuron.threshold = threshold->item<double>();
    const Tensor y = current.contiguous(kChannelsLast);
    const Tensor residual = residual_in ? residual_in->contiguous(kChannelsLast) : Tensor();
    auto shape = y.sizes().vec();
    if (in.static_current) shape[0] *= in.time_steps;
    Tensor spikes = at::empty(shape, y.options().memory_format(kChannelsLast));
    Tensor table;
    double fired = 0.0;
    visit_store(y.scalar_type(), [&](auto tag) {
      using Store = decltype(tag);
      using Real = typename kernels::KernelsOf<Store>::Real;
      Statistics stats;
      if (s.has_norm && in.training) {
        stats = batch_statistics<Store>(s, y, in.norm.running_mean);
        s.places = stats.places;
        move_running_statistics(in, s, stats);
      } else if (s.has_norm) {
        stats = running_statistics(in, s.size.groups);
      }
      const auto real = real_type(y.scalar_type());
      table = make_norm_table(in, s, stats, real);
      Tensor space = workspace(s.size, real);
      std::vector<double> counts(static_cast<std::size_t>(kernels::chunk_count(s.size)));
      kernels::KernelsOf<Store>::get(kernels::neuron_layer_target())
          .forward(s.size, lower_neuron<Real>(s.neuron, amplitude_of<Real>(in.amplitude)),
                   norm_constants<Real>(table), pointer<Store>(y), pointer<Store>(residual),
                   pointer<Store>(spikes), counts.data(), space.data_ptr<Real>(),
                   at::get_num_threads());
      for (const double count : counts) fired += count;
    });
    context->save_for_backward({y, in.packed_residual ? Tensor() : residual, table, in.norm.weight,
                                in.amplitude, in.threshold});
    if (in.packed_residual) {
      context->saved_data["residual"] =
          c10::IValue::make_capsule(c10::make_intrusive<KeptSpikes>(in.packed_residual));
    }
    context->saved_data["settings"] = to_bytes(s);
    const Tensor rate = at::full({}, fired / static_cast<double>(spikes.numel()), at::kDouble);
    return {spikes, rate};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &y = saved[0], &table = saved[2], &weight = saved[3], &amplitude = saved[4],
                 &threshold = saved[5];
    const auto packed = context->saved_data.find("residual");
    Tensor residual =
        packed == context->saved_data.end()
            ? saved[1]
            : static_cast<KeptSpikes*>(packed->second.toCapsule().get())->spikes->unpack();
    const Settings s = from_bytes(context->saved_data["settings"].toTensor());
    const std::int64_t elements = s.size.time_steps * s.size.rows * s.size.channels;
    auto shape = y.sizes().vec();
    if (s.size.broadcast) shape[0] *= s.size.time_steps;
    Tensor grad_out = gradients[0].defined()
                          ? gradients[0].to(y.scalar_type()).contiguous(kChannelsLast)
                          : at::zeros(shape, y.options().memory_format(kChannelsLast));
    const double rate_gradient =
        gradients[1].defined() ? gradients[1].item<double>() / static_cast<double>(elements) : 0.0;
    Tensor grad_input = at::empty(y.sizes(), y.options().memory_format(kChannelsLast));
    const bool has_residual = residual.defined();
    Tensor grad_y = grad_input;
    Tensor grad_weight, grad_bias, grad_amplitude, grad_threshold;
    visit_store(y.scalar_type(), [&](auto tag) {
      using Store = decltype(tag);
      using Real = typename kernels::KernelsOf<Store>::Real;
      const auto& kernel = kernels::KernelsOf<Store>::get(kernels::neuron_layer_target());
      const auto real = real_type(y.scalar_type());
      const std::int64_t chunks = kernels::chunk_count(s.size);
      Tensor space = workspace(s.size, real);
      Tensor sums = at::empty({chunks, s.size.groups, 2, s.size.channels}, at::kDouble);
      const auto sums_for = [&](const Tensor& scalar) {
        return scalar.defined() ? at::empty({chunks}, at::kDouble) : Tensor();
      };
      const Tensor amplitude_sums = sums_for(amplitude), threshold_sums = sums_for(threshold);
      kernel.backward(s.size, lower_neuron<Real>(s.neuron, amplitude_of<Real>(amplitude)),
                      norm_constants<Real>(table), pointer<Store>(y), pointer<Store>(residual),
                      pointer<Store>(grad_out), static_cast<Real>(rate_gradient),
                      pointer<Store>(grad_input), sums.data_ptr<double>(),
                      pointer<double>(amplitude_sums), pointer<double>(threshold_sums),
                      space.data_ptr<Real>(), at::get_num_threads());
      const auto total_of = [](const Tensor& parts, const Tensor& scalar) {
        return scalar.defined() ? parts.sum().reshape({1}).to(scalar.scalar_type()) : Tensor();
      };
      grad_amplitude = total_of(amplitude_sums, amplitude);
      grad_threshold = total_of(threshold_sums, threshold);
      // Before the next map is made.
      residual.reset();
      grad_out.reset();
      gradients.clear();
      if (!s.has_norm) return;
      if (has_residual) grad_y = at::empty_like(grad_input);
      const Tensor total = sums.sum(0);  // [groups, 2, channels]
      const Tensor sum = total.select(1, 0), product = total.select(1, 1);
      grad_bias = sum.sum(0).to(weight.scalar_type());
      grad_weight = (product.sum(0) * s.norm_scale).to(weight.scalar_type());
      if (s.group != nullptr) s.group->all_reduce(total);  // parameters' gradients are own shares
      // Batch norm's own backward, as a line through (gradient, y) per channel. Running statistics
      // do not depend on y.
      const double n = s.training ? s.places : std::numeric_limits<double>::infinity();
      const Tensor line = gradient_lines(table, total, n).to(real);
      const Real* a = line.data_ptr<Real>();
      const std::int64_t stride = line.stride(0);
      kernel.norm_backward(s.size, pointer<Store>(y), pointer<Store>(grad_input),
                           pointer<Store>(grad_y), a, a + stride, a + 2 * stride,
                           space.data_ptr<Real>(), at::get_num_threads());
    });
    return {grad_y,         grad_weight,    grad_bias, has_residual ? grad_input : Tensor(),
            grad_amplitude, grad_threshold, Tensor()};
  }
};

}  // namespace

NormNeuronOutput fused_norm_neuron(const NormNeuronInput& in) {
  check_input(in);
  if (!in.current.is_cpu()) return device_norm_neuron(in, cuda_kernels());
  const auto out = NormNeuronFunction::apply(in.current, optional(in.norm.weight),
                                             optional(in.norm.bias), optional(in.residual),
                                             optional(in.amplitude), optional(in.threshold), in);
  return {out[0], out[1]};
}

}  // namespace trispike::train
