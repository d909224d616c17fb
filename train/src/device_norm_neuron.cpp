// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/device_norm_neuron.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "src/communicator.h"
#include "src/neuron_layer_settings.h"

namespace trispike::train {
namespace {

using at::Tensor;
using Settings = NeuronLayerSettings;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

template <class T>
T* pointer(const Tensor& tensor) {
  return tensor.defined() ? static_cast<T*>(tensor.data_ptr()) : nullptr;
}

/// Calls f(kernels, type of the maps' elements, type they are computed in).
template <class F>
void visit(const DeviceKernels& device, at::ScalarType type, F&& f) {
  const cuda::NeuronLayerTable& table = *device.table;
  if (type == at::kFloat) {
    f(table.f32, float{}, float{});
  } else if (type == at::kDouble) {
    f(table.f64, double{}, double{});
  } else if (type == at::kBFloat16) {
    f(table.bf16, cuda::BFloat16{}, float{});
  } else if (type == at::kHalf) {
    f(table.f16, cuda::Float16{}, float{});
  } else {
    TORCH_CHECK(false, "[norm_neuron] maps must be float32, float64, bfloat16 or float16, got ",
                type);
  }
}

at::ScalarType real_type(const Tensor& map) {
  return map.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

/// The order in which tensors are kept for backward.
enum Saved { kY, kResidual, kTable, kWeight, kAmplitude, kThreshold, kAllPlaces };

/// One layer on one device: its maps, and where its numbers are made.
struct Layer {
  const Settings& s;
  const DeviceKernels& device;
  const Tensor& y;

  Tensor numbers(at::IntArrayRef shape, at::ScalarType type) const {
    return at::empty(shape, y.options().dtype(type).memory_format(at::MemoryFormat::Contiguous));
  }

  /// The sum over the first dimension.
  Tensor combined(const Tensor& parts) const {
    const Tensor total = numbers(parts.sizes().slice(1), at::kDouble);
    device.table->combine(
        {parts.size(0), total.numel(), parts.data_ptr<double>(), total.data_ptr<double>()},
        device.stream);
    return total;
  }

  std::int64_t parts() const { return cuda::part_count(s.size); }
  std::int64_t scalar_parts() const { return cuda::scalar_part_count(s.size); }

  /// [4, groups, channels]; running statistics move in training. `all_places` becomes a scalar if
  /// there are other ranks.
  template <class Store, class Real>
  Tensor norm_table(const cuda::NeuronLayerKernels<Store>& kernel, const NormNeuronInput& in,
                    Tensor& all_places) const {
    const std::int64_t groups = s.size.groups, channels = s.size.channels;
    const Tensor table = numbers({4, groups, channels}, real_type(y));
    cuda::NormTableArguments<Real> a{};
    a.groups = groups;
    a.channels = channels;
    a.factor = s.norm_scale;
    a.table = pointer<Real>(table);
    Tensor sums, centre;
    if (s.has_norm) {
      a.weight = in.norm.weight.template data_ptr<Real>();
      a.bias = in.norm.bias.template data_ptr<Real>();
      a.running_mean = in.norm.running_mean.template data_ptr<Real>();
      a.running_var = in.norm.running_var.template data_ptr<Real>();
      a.eps = in.norm.layer.eps;
      a.momentum = in.norm.layer.momentum;
    }
    if (s.has_norm && in.training) {
      // Differences from one sample of each channel: no cancellation where the mean is large.
      centre = y.select(0, 0).select(1, 0).select(1, 0).to(at::kDouble).contiguous();
      const Tensor partial = numbers({parts(), groups, 2, channels}, at::kDouble);
      kernel.statistics(
          {s.size, pointer<Store>(y), pointer<double>(centre), pointer<double>(partial)},
          device.stream);
      sums = combined(partial);
      if (s.group != nullptr) {
        const Tensor common = in.norm.running_mean.to(at::kDouble);
        sums = sums_of_all_ranks(s, centre - common, sums);
        centre = common;
        all_places = sums[-1];
      }
      const bool per_step = in.norm.layer.per_time_step;
      a.sums = pointer<double>(sums);
      a.centre = pointer<double>(centre);
      a.places = s.places;
      a.all_places = pointer<double>(all_places);
      a.copies = s.size.broadcast && !per_step ? static_cast<double>(s.size.time_steps) : 1.0;
      a.updates = per_step ? s.size.time_steps : 1;
    }
    kernel.norm_table(a, device.stream);
    return table;
  }
};

struct DeviceNormNeuron : torch::autograd::Function<DeviceNormNeuron> {
  /// The differentiable tensors are arguments of their own; `in` holds everything else.
  static torch::autograd::variable_list forward(
      torch::autograd::AutogradContext* context, const Tensor& current,
      const std::optional<Tensor>& /*weight*/, const std::optional<Tensor>& /*bias*/,
      const std::optional<Tensor>& residual_in, const std::optional<Tensor>& /*amplitude*/,
      const std::optional<Tensor>& /*threshold*/, const NormNeuronInput& in,
      const DeviceKernels& device) {
    const Settings s = make_settings(in);
    const Tensor y = current.contiguous(kChannelsLast);
    const Tensor residual = residual_in ? residual_in->contiguous(kChannelsLast) : Tensor();
    auto shape = y.sizes().vec();
    if (in.static_current) shape[0] *= in.time_steps;
    const Tensor spikes = at::empty(shape, y.options().memory_format(kChannelsLast));
    const Layer layer{s, device, y};
    Tensor table, all_places, rate;
    visit(device, y.scalar_type(), [&](const auto& kernel, auto store, auto real) {
      using Store = decltype(store);
      using Real = decltype(real);
      table = layer.norm_table<Store, Real>(kernel, in, all_places);
      const Tensor fired = layer.numbers({layer.scalar_parts(), 1}, at::kDouble);
      kernel.forward({s.size, lower_neuron<Real>(in.neuron, Real(1)), pointer<Real>(in.amplitude),
                      pointer<Real>(in.threshold), pointer<Real>(table), pointer<Store>(y),
                      pointer<Store>(residual), pointer<Store>(spikes), pointer<double>(fired)},
                     device.stream);
      rate = layer.combined(fired).div_(static_cast<double>(spikes.numel())).reshape({});
    });
    context->save_for_backward(
        {y, residual, table, in.norm.weight, in.amplitude, in.threshold, all_places});
    context->saved_data["settings"] = to_bytes(s);
    context->saved_data["table"] = reinterpret_cast<std::int64_t>(device.table);
    context->saved_data["stream"] = reinterpret_cast<std::int64_t>(device.stream);
    return {spikes, rate};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Settings s = from_bytes(context->saved_data["settings"].toTensor());
    // LibTorch runs backward on the stream of forward.
    const DeviceKernels device{
        reinterpret_cast<const cuda::NeuronLayerTable*>(context->saved_data["table"].toInt()),
        reinterpret_cast<cuda::Stream>(context->saved_data["stream"].toInt())};
    const Tensor &y = saved[kY], &residual = saved[kResidual], &table = saved[kTable];
    const Layer layer{s, device, y};
    auto shape = y.sizes().vec();
    if (s.size.broadcast) shape[0] *= s.size.time_steps;
    const auto options = y.options().memory_format(kChannelsLast);
    const Tensor grad_out = gradients[0].defined()
                                ? gradients[0].to(y.scalar_type()).contiguous(kChannelsLast)
                                : at::zeros(shape, options);
    const Tensor grad_input = at::empty(y.sizes(), options);
    const Tensor grad_y =
        s.has_norm && residual.defined() ? at::empty_like(grad_input) : grad_input;
    Tensor grad_weight, grad_bias, grad_amplitude, grad_threshold;
    visit(device, y.scalar_type(), [&](const auto& kernel, auto store, auto real) {
      using Store = decltype(store);
      using Real = decltype(real);
      const std::int64_t groups = s.size.groups, channels = s.size.channels;
      const Tensor sums = layer.numbers({layer.parts(), groups, 2, channels}, at::kDouble);
      const Tensor space = layer.numbers({cuda::workspace_size(s.size)}, real_type(y));
      const auto sums_for = [&](const Tensor& scalar) {
        return scalar.defined() ? layer.numbers({layer.scalar_parts(), 1}, at::kDouble) : Tensor();
      };
      const Tensor amplitude_sums = sums_for(saved[kAmplitude]),
                   threshold_sums = sums_for(saved[kThreshold]);
      kernel.backward(
          {s.size, lower_neuron<Real>(s.neuron, Real(1)), pointer<Real>(saved[kAmplitude]),
           pointer<Real>(saved[kThreshold]), pointer<Real>(table), pointer<Store>(y),
           pointer<Store>(residual), pointer<Store>(grad_out), pointer<double>(gradients[1]),
           pointer<Store>(grad_input), pointer<double>(sums), pointer<double>(amplitude_sums),
           pointer<double>(threshold_sums), pointer<Real>(space)},
          device.stream);
      const auto total_of = [&](const Tensor& parts, const Tensor& scalar) {
        return scalar.defined() ? layer.combined(parts).to(scalar.scalar_type()) : Tensor();
      };
      grad_amplitude = total_of(amplitude_sums, saved[kAmplitude]);
      grad_threshold = total_of(threshold_sums, saved[kThreshold]);
      if (!s.has_norm) return;
      const Tensor own = layer.combined(sums);
      Tensor all = own;
      if (s.group != nullptr) {  // parameters' gradients are own shares
        all = own.clone();
        s.group->all_reduce(all);
      }
      grad_weight = at::empty_like(saved[kWeight]);
      grad_bias = at::empty_like(saved[kWeight]);
      const Tensor lines = layer.numbers({3, groups, channels}, real_type(y));
      kernel.norm_gradient(
          {groups, channels, pointer<double>(own), pointer<double>(all), s.places,
           pointer<double>(saved[kAllPlaces]), s.training, s.norm_scale, pointer<Real>(table),
           pointer<Real>(grad_weight), pointer<Real>(grad_bias), pointer<Real>(lines)},
          device.stream);
      kernel.norm_backward({s.size, pointer<Store>(y), pointer<Store>(grad_input),
                            pointer<Store>(grad_y), pointer<Real>(lines)},
                           device.stream);
    });
    return {grad_y,         grad_weight,    grad_bias, residual.defined() ? grad_input : Tensor(),
            grad_amplitude, grad_threshold, Tensor(),  Tensor()};
  }
};

/// Parameters of the type that the maps are computed in, or none.
void check_types(const NormNeuronInput& in) {
  const at::ScalarType real = real_type(in.current);
  for (const Tensor* tensor : {&in.norm.weight, &in.norm.bias, &in.norm.running_mean,
                               &in.norm.running_var, &in.amplitude, &in.threshold}) {
    TORCH_CHECK(!tensor->defined() || tensor->scalar_type() == real,
                "[norm_neuron] parameters must be ", real, " for maps of ",
                in.current.scalar_type(), ", got ", tensor->scalar_type());
  }
}

}  // namespace

NormNeuronOutput device_norm_neuron(const NormNeuronInput& in, const DeviceKernels& device) {
  check_input(in);
  check_types(in);
  const auto out = DeviceNormNeuron::apply(
      in.current, optional(in.norm.weight), optional(in.norm.bias), optional(in.residual),
      optional(in.amplitude), optional(in.threshold), in, device);
  return {out[0], out[1]};
}

}  // namespace trispike::train
