// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The neuron layer of GPUs without one: the bodies of its kernels, run on the CPU, against the
// op-by-op reference and against the CPU's own kernels.
#include "src/device_norm_neuron.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <barrier>
#include <cmath>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "kernels/neuron_layer.h"
#include "src/communicator.h"
#include "src/neuron_layer_settings.h"
#include "train/emulated_kernels.h"
#include "train/norm_neuron_cases.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

using at::Tensor;

void expect_emulated(const LayerCase& c, const std::string& what) {
  expect_equal(emulated_norm_neuron, c, what + ", T = " + std::to_string(c.time_steps));
}

// T = 2 and 4 keep potentials in registers, 1 and 3 in the workspace.
TEST(DeviceNormNeuron, EqualsTheReferenceForEveryNeuronOption) {
  for (const std::int64_t steps : {1, 2, 3, 4}) {
    LayerCase base;
    base.time_steps = steps;
    base.channels = steps == 2 ? 8 : 5;
    for_every_neuron(expect_emulated, base);
  }
}

TEST(DeviceNormNeuron, EqualsTheReferenceForEveryKindOfNormAndSize) {
  for (const std::int64_t steps : {2, 3, 4}) {
    LayerCase base;
    base.time_steps = steps;
    for_every_norm_and_size(expect_emulated, base);
  }
}

TEST(DeviceNormNeuron, EqualsTheReferenceOnMoreRowsThanBlocksTakeAtOnce) {
  LayerCase c;
  c.neuron = neuron_of(model::NeuronKind::kTrainableTernary, 0.5);
  c.channels = 256;  // a block takes 4 rows at a time, all blocks 4096
  c.samples = 600;   // 5400 rows
  c.time_steps = 2;
  c.residual = true;
  const cuda::MapSize size{2, 5400, 256, false, 1};
  ASSERT_EQ(cuda::part_count(size), cuda::kMostParts);
  expect_emulated(c, "5400 rows");
}

// A phase in which a thread reads what another writes would change with it. (A phase that begins
// before the last one has ended makes every test here fail: block.h.)
TEST(DeviceNormNeuron, DoesNotDependOnTheOrderOfThreads) {
  for (const bool per_time_step : {false, true}) {
    for (const std::int64_t channels : {3, 8, 1028}) {
      LayerCase c;
      c.neuron = neuron_of(model::NeuronKind::kTrainableTernary, 0.5);
      c.neuron.trainable_threshold = per_time_step;
      c.type = at::kFloat;
      c.channels = channels;
      c.samples = 40;
      c.residual = true;
      c.per_time_step = per_time_step;
      const LayerRun run = run_layer(emulated_norm_neuron, c);
      emulate_backwards(true);
      const LayerRun other = run_layer(emulated_norm_neuron, c);
      emulate_backwards(false);
      EXPECT_TRUE(at::equal(run.spikes, other.spikes));
      EXPECT_EQ(run.rate, other.rate);
      EXPECT_TRUE(at::equal(run.running_var, other.running_var));
      for (std::size_t i = 0; i < run.gradients.size(); ++i) {
        EXPECT_TRUE(at::equal(run.gradients[i], other.gradients[i])) << "gradient " << i;
      }
    }
  }
}

TEST(DeviceNormNeuron, TakesRunningStatisticsInEvaluation) {
  for (const bool static_current : {false, true}) {
    LayerCase c;
    c.neuron = neuron_of(model::NeuronKind::kTernary, 0.5);
    c.training = false;
    c.static_current = static_current;
    c.per_time_step = true;
    expect_emulated(c, "evaluation");
  }
}

/// Two ranks as threads of this process.
class TwoThreads {
 public:
  class Rank final : public Communicator {
   public:
    Rank(TwoThreads& both, int rank) : both_(both), rank_(rank) {}
    int rank() const override { return rank_; }
    int size() const override { return 2; }
    std::string transport() const override { return "by threads"; }
    void all_reduce(const Tensor& values) override {
      both_.parts_[rank_] = values.clone();
      both_.meeting_.arrive_and_wait();
      values.copy_(both_.parts_[0] + both_.parts_[1]);
      both_.meeting_.arrive_and_wait();
    }
    std::function<void()> start_all_reduce(const SumBuffer&) override { throw Error("unused"); }
    void broadcast(const Tensor&) override { throw Error("unused"); }

   private:
    TwoThreads& both_;
    int rank_;
  };

 private:
  std::barrier<> meeting_{2};
  Tensor parts_[2];
};

/// A layer's input, [steps, samples, ...] cut to some of its samples, and what comes of it.
struct Part {
  Tensor spikes, grad_current, grad_weight, grad_bias, running_mean, running_var;
};

Part run_share(bool static_current, bool per_time_step, std::int64_t first, std::int64_t samples,
               Communicator* group) {
  const std::int64_t steps = 3, all = 5, channels = 4;
  at::Generator generator = at::detail::createCPUGenerator(5);
  const auto numbers = [&](std::int64_t t) {
    const Tensor whole = at::randn({t, all, channels, 3, 3}, generator, at::kDouble) * 0.8 + 0.3;
    return whole.narrow(1, first, samples).flatten(0, 1).clone();
  };
  NormNeuronInput in;
  in.neuron = neuron_of(model::NeuronKind::kTernary, 0.5);
  in.time_steps = steps;
  in.static_current = static_current;
  in.training = true;
  in.group = group;
  in.current = numbers(static_current ? 1 : steps).requires_grad_();
  in.norm.weight = at::full({channels}, 0.9, at::kDouble).requires_grad_();
  in.norm.bias = at::full({channels}, 0.1, at::kDouble).requires_grad_();
  in.norm.running_mean = at::full({channels}, 0.2, at::kDouble);
  in.norm.running_var = at::ones({channels}, at::kDouble);
  in.norm.layer.channels = channels;
  in.norm.layer.per_time_step = per_time_step;
  const Tensor weights = numbers(steps);
  const NormNeuronOutput out = emulated_norm_neuron(in);
  (out.spikes * weights).sum().backward();
  const auto by_step = [&](const Tensor& x, std::int64_t t) {
    return x.unflatten(0, {t, samples});
  };
  return {by_step(out.spikes.detach(), steps),
          by_step(in.current.grad(), static_current ? 1 : steps),
          in.norm.weight.grad(),
          in.norm.bias.grad(),
          in.norm.running_mean,
          in.norm.running_var};
}

TEST(DeviceNormNeuron, HasTheStatisticsOfAllRanks) {
  for (const bool static_current : {false, true}) {
    for (const bool per_time_step : {false, true}) {
      const Part whole = run_share(static_current, per_time_step, 0, 5, nullptr);
      TwoThreads both;
      Part parts[2];
      std::vector<std::thread> threads;
      for (int rank = 0; rank < 2; ++rank) {
        threads.emplace_back([&, rank] {
          TwoThreads::Rank group(both, rank);
          parts[rank] = run_share(static_current, per_time_step, rank * 2, 2 + rank, &group);
        });
      }
      for (std::thread& thread : threads) thread.join();
      const auto near = [](const Tensor& a, const Tensor& b) {
        return at::allclose(a, b, 1e-12, 1e-13);
      };
      EXPECT_TRUE(at::equal(at::cat({parts[0].spikes, parts[1].spikes}, 1), whole.spikes));
      EXPECT_TRUE(
          near(at::cat({parts[0].grad_current, parts[1].grad_current}, 1), whole.grad_current));
      EXPECT_TRUE(near(parts[0].grad_weight + parts[1].grad_weight, whole.grad_weight));
      EXPECT_TRUE(near(parts[0].grad_bias + parts[1].grad_bias, whole.grad_bias));
      for (const Part& part : parts) {
        EXPECT_TRUE(near(part.running_mean, whole.running_mean));
        EXPECT_TRUE(near(part.running_var, whole.running_var));
      }
    }
  }
}

TEST(DeviceNormNeuron, RefusesParametersOfAnotherTypeThanItsArithmetic) {
  NormNeuronInput in;
  in.current = at::zeros({2, 3, 2, 2}, at::kBFloat16);
  in.time_steps = 2;
  in.amplitude = at::ones({1}, at::kDouble);
  EXPECT_THROW(emulated_norm_neuron(in), c10::Error);
  in.amplitude = Tensor();
  in.current = at::zeros({2, 3, 2, 2}, at::kInt);
  EXPECT_THROW(emulated_norm_neuron(in), c10::Error);
}

/// Relative distance of a's gradients from b's, the largest of all tensors.
double distance(const LayerRun& a, const LayerRun& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.gradients.size(); ++i) {
    const Tensor x = a.gradients[i].to(at::kDouble), y = b.gradients[i].to(at::kDouble);
    largest = std::max(largest, ((x - y).norm() / (y.norm() + 1e-30)).item<double>());
  }
  return largest;
}

// In float32 sums are rounded otherwise than on the CPU, so that a potential near the threshold may
// fall on its other side. With this seed none does.
TEST(DeviceNormNeuron, IsTheCpusLayerInFloat32ToRounding) {
  double largest = 0.0;
  for (const bool per_time_step : {false, true}) {
    LayerCase c;
    c.neuron = neuron_of(model::NeuronKind::kTrainableTernary, 0.5);
    c.type = at::kFloat;
    c.channels = 16;
    c.samples = 8;
    c.time_steps = 4;
    c.residual = true;
    c.per_time_step = per_time_step;
    const LayerRun device = run_layer(emulated_norm_neuron, c);
    const LayerRun cpu = run_layer(fused_norm_neuron, c);
    ASSERT_TRUE(at::equal(device.spikes, cpu.spikes));
    EXPECT_EQ(device.rate, cpu.rate);
    largest = std::max(largest, distance(device, cpu));
  }
  RecordProperty("largest_relative_gradient_difference", std::to_string(largest));
  EXPECT_LT(largest, 1e-6);
}

/// The CPU's scalar kernels and those for GPUs on the same maps and constants. What is computed
/// element by element must be the same bits.
template <class Store>
void expect_the_same_bits(at::ScalarType type, bool broadcast) {
  using Real = typename cuda::RealOf<Store>::type;
  const auto real = type == at::kDouble ? at::kDouble : at::kFloat;
  const kernels::MapSize size{3, 37, 28, broadcast, broadcast ? 1 : 3};
  at::manual_seed(11);
  const std::int64_t one = size.rows * size.channels, all = size.time_steps * one;
  const auto map = [&](std::int64_t n) { return at::randn({n}, real).to(type); };
  const Tensor y = map(broadcast ? one : all), residual = map(all), grad = map(all);
  const Tensor table = at::rand({4, size.groups * size.channels}, real) + 0.5;
  const Tensor amplitude = at::full({1}, 1.25, real);
  const Tensor rate = at::full({1}, 0.01 * static_cast<double>(all), at::kDouble);
  const auto* in = static_cast<const Store*>(y.data_ptr());
  const auto* extra = broadcast ? nullptr : static_cast<const Store*>(residual.data_ptr());
  const auto* from = static_cast<const Store*>(grad.data_ptr());
  const Real* p = table.template data_ptr<Real>();
  const std::int64_t stride = table.stride(0);
  model::NeuronSpec neuron = neuron_of(model::NeuronKind::kTrainableTernary, 0.5);
  neuron.surrogate = {model::SurrogateKind::kAtan, 0.5};
  // Kernels for GPUs read the threshold from memory.
  neuron.threshold = 0.4375;
  const Tensor threshold = at::full({1}, neuron.threshold, real);
  const auto constants = lower_neuron<Real>(neuron, Real(1.25));
  neuron.threshold = 0.5;
  const auto before = lower_neuron<Real>(neuron, Real(1.25));

  const auto& cpu = kernels::KernelsOf<Store>::get(kernels::neuron_layer_targets().back());
  const auto chunks = kernels::chunk_count(size);
  Tensor out = at::empty({all}, type), grad_input = at::empty_like(y), grad_y = at::empty_like(y);
  Tensor space = at::empty({kernels::workspace_size(size)}, real);
  Tensor fired = at::empty({chunks}, at::kDouble), amplitude_sums = at::empty_like(fired),
         threshold_sums = at::empty_like(fired);
  Tensor sums = at::empty({chunks, size.groups * 2 * size.channels}, at::kDouble);
  const auto at_ = [](const Tensor& t) { return static_cast<Store*>(t.data_ptr()); };
  cpu.forward(size, constants, {p, p + stride, p + 2 * stride, p + 3 * stride}, in, extra, at_(out),
              fired.data_ptr<double>(), space.data_ptr<Real>(), 1);
  cpu.backward(size, constants, {p, p + stride, p + 2 * stride, p + 3 * stride}, in, extra, from,
               Real(0.01), at_(grad_input), sums.data_ptr<double>(),
               amplitude_sums.data_ptr<double>(), threshold_sums.data_ptr<double>(),
               space.data_ptr<Real>(), 1);
  cpu.norm_backward(size, in, at_(grad_input), at_(grad_y), p, p + stride, p + 2 * stride,
                    space.data_ptr<Real>(), 1);

  const cuda::NeuronLayerTable& gpu_table = emulated_table();
  const cuda::NeuronLayerKernels<Store>* gpu = nullptr;
  if constexpr (std::is_same_v<Store, float>) gpu = &gpu_table.f32;
  if constexpr (std::is_same_v<Store, double>) gpu = &gpu_table.f64;
  if constexpr (std::is_same_v<Store, kernels::BFloat16>) gpu = &gpu_table.bf16;
  Tensor out2 = at::empty_like(out), grad_input2 = at::empty_like(y), grad_y2 = at::empty_like(y);
  Tensor fired2 = at::empty({cuda::scalar_part_count(size)}, at::kDouble),
         amplitude_sums2 = at::empty_like(fired2), threshold_sums2 = at::empty_like(fired2);
  Tensor sums2 = at::empty({cuda::part_count(size), size.groups * 2 * size.channels}, at::kDouble);
  Tensor space2 = at::empty({cuda::workspace_size(size)}, real);
  gpu->forward(
      {size, before, amplitude.template data_ptr<Real>(), threshold.template data_ptr<Real>(), p,
       in, extra, at_(out2), fired2.data_ptr<double>()},
      nullptr);
  gpu->backward({size, before, amplitude.template data_ptr<Real>(),
                 threshold.template data_ptr<Real>(), p, in, extra, from, rate.data_ptr<double>(),
                 at_(grad_input2), sums2.data_ptr<double>(), amplitude_sums2.data_ptr<double>(),
                 threshold_sums2.data_ptr<double>(), space2.template data_ptr<Real>()},
                nullptr);
  gpu->norm_backward({size, in, at_(grad_input), at_(grad_y2), p}, nullptr);

  EXPECT_TRUE(at::equal(out, out2));
  EXPECT_TRUE(at::equal(grad_input, grad_input2));
  EXPECT_TRUE(at::equal(grad_y, grad_y2));
  EXPECT_EQ(fired.sum().item<double>(), fired2.sum().item<double>());
  const double tolerance = type == at::kDouble ? 1e-13 : 1e-5;
  EXPECT_TRUE(at::allclose(sums.sum(0), sums2.sum(0), tolerance, tolerance));
  EXPECT_TRUE(at::allclose(amplitude_sums.sum(), amplitude_sums2.sum(), tolerance, tolerance));
  EXPECT_TRUE(at::allclose(threshold_sums.sum(), threshold_sums2.sum(), tolerance, tolerance));
}

TEST(DeviceNormNeuron, HasTheCpusBits) {
  for (const bool broadcast : {false, true}) {
    expect_the_same_bits<float>(at::kFloat, broadcast);
    expect_the_same_bits<double>(at::kDouble, broadcast);
    expect_the_same_bits<kernels::BFloat16>(at::kBFloat16, broadcast);
  }
}

// Against LibTorch's own type: every bit pattern to float, and floats around all of them to half.
TEST(Float16Storage, IsIeeesBinary16) {
  using kernels::Float16;
  const auto to_bits = [](float v) {
    Float16 half;
    kernels::store(&half, v);
    return half.bits;
  };
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const Float16 half{static_cast<std::uint16_t>(bits)};
    const float ours = kernels::load(&half);
    const float theirs = static_cast<float>(c10::Half(half.bits, c10::Half::from_bits()));
    if (std::isnan(theirs)) {
      EXPECT_TRUE(std::isnan(ours)) << bits;
      EXPECT_EQ(to_bits(ours) & 0x7fff, 0x7e00) << bits;
      continue;
    }
    ASSERT_EQ(ours, theirs) << bits;
    ASSERT_EQ(std::signbit(ours), std::signbit(theirs)) << bits;
    // Half-way to the next number, and one step to either side of that.
    const float next =
        kernels::load(std::array{Float16{static_cast<std::uint16_t>(bits + 1)}}.data());
    const float middle =
        std::isfinite(ours) && std::isfinite(next) ? ours + (next - ours) / 2 : ours;
    for (const float v : {ours, middle, std::nextafter(middle, 0.0f),
                          std::nextafter(middle, std::copysign(INFINITY, middle))}) {
      ASSERT_EQ(to_bits(v), c10::Half(v).x) << v;
    }
  }
  for (const float v :
       {65503.9f, 65504.0f, 65519.9f, 65520.0f, 65536.0f, 1e30f, INFINITY, 1e-30f}) {
    EXPECT_EQ(to_bits(v), c10::Half(v).x) << v;
    EXPECT_EQ(to_bits(-v), c10::Half(-v).x) << v;
  }
}

// In float16 maps are rounded where they are stored, and nowhere else.
TEST(DeviceNormNeuron, ComputesFloat16InFloat32) {
  LayerCase c;
  c.neuron = neuron_of(model::NeuronKind::kTernary, 0.5);
  c.norm = false;
  c.channels = 8;
  c.samples = 16;
  c.type = at::kHalf;
  const LayerRun half = run_layer(emulated_norm_neuron, c);
  c.type = at::kFloat;
  const auto rounded = [](const NormNeuronInput& in) {  // the same current, in float32
    NormNeuronInput same = in;
    same.current = in.current.to(at::kHalf).to(at::kFloat);
    return emulated_norm_neuron(same);
  };
  const LayerRun single = run_layer(rounded, c);
  EXPECT_TRUE(at::equal(half.spikes.to(at::kFloat), single.spikes));
  EXPECT_EQ(half.rate, single.rate);
}

}  // namespace
}  // namespace trispike::train
