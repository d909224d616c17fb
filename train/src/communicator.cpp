// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/communicator.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>
#include <vector>

#include "src/cuda_plugin.h"
#include "src/shared_memory_communicator.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

/// The first line of LibTorch's message; the rest is a trace.
std::string first_line(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

std::string who(const Processes& processes) {
  return "process " + std::to_string(processes.rank) + " of " + std::to_string(processes.count);
}

using Group = c10::intrusive_ptr<c10d::Backend>;

Group join_gloo(const Processes& processes, const c10::intrusive_ptr<c10d::Store>& store) {
  auto options = c10d::ProcessGroupGloo::Options::create(kPatience);
  const bool local = processes.on_this_machine == processes.count;
  options->devices = {local ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                            : c10d::ProcessGroupGloo::createDefaultDevice()};
  return c10::make_intrusive<c10d::ProcessGroupGloo>(store, processes.rank, processes.count,
                                                     options);
}

/// By one of LibTorch's libraries: Gloo between processors, NCCL between GPUs.
class GroupCommunicator final : public Communicator {
 public:
  /// Two groups: statistics that a layer waits for must not queue behind gradients.
  GroupCommunicator(const Processes& processes, at::Device device, Group now, Group later)
      : processes_(processes), device_(device), now_(std::move(now)), later_(std::move(later)) {}

  int rank() const override { return processes_.rank; }
  int size() const override { return processes_.count; }
  std::string transport() const override {
    return device_.is_cpu() ? "through Gloo" : "through NCCL";
  }

  void all_reduce(const at::Tensor& values) override {
    on_device(values, [&](std::vector<at::Tensor>& tensors) { return now_->allreduce(tensors); });
  }

  std::function<void()> start_all_reduce(const SumBuffer& buffer) override {
    c10::intrusive_ptr<c10d::Work> work;
    run([&] {
      std::vector<at::Tensor> tensors{buffer.sum};
      work = later_->allreduce(tensors);
    });
    return [this, work] { run([&] { work->wait(); }); };
  }

  void broadcast(const at::Tensor& values) override {
    on_device(values, [&](std::vector<at::Tensor>& tensors) { return now_->broadcast(tensors); });
  }

 private:
  /// NCCL takes tensors of its GPU only: numbers of the processor go there and back.
  template <class F>
  void on_device(const at::Tensor& values, F&& operation) const {
    std::vector<at::Tensor> tensors{values.to(device_)};
    run([&] { operation(tensors)->wait(); });
    if (values.device() != device_) values.copy_(tensors.front());
  }

  template <class F>
  void run(F&& operation) const {
    try {
      operation();
    } catch (const std::exception& error) {
      throw Error(who(processes_) +
                  ": another process of the run has ended or cannot be reached (" +
                  first_line(error) + "); go on with --resume from the last checkpoint");
    }
  }

  Processes processes_;
  at::Device device_;
  Group now_, later_;
};

/// Where they tell each other how to be reached, under keys of this start of the run alone: the
/// store of torchrun outlives processes that it starts anew.
c10::intrusive_ptr<c10d::Store> meet(const Processes& processes) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(processes.port);
  options.isServer = processes.rank == 0 && !processes.store_runs_elsewhere;
  options.numWorkers = static_cast<std::size_t>(processes.count);
  options.waitWorkers = !processes.store_runs_elsewhere;
  options.timeout = std::chrono::seconds(processes.meeting_seconds);
  return c10::make_intrusive<c10d::PrefixStore>(
      "trispike/" + std::to_string(processes.restart),
      c10::make_intrusive<c10d::TCPStore>(processes.address, options));
}

}  // namespace

SumBuffer Communicator::make_sum_buffer(std::int64_t count, const at::TensorOptions& options) {
  const at::Tensor values = at::zeros({count}, options);
  return {values, values};
}

std::unique_ptr<Communicator> connect(const Processes& processes, Transport transport,
                                      at::Device device) {
  if (processes.count == 1) return nullptr;
  try {
    const c10::intrusive_ptr<c10d::Store> store = meet(processes);
    if (device.is_cpu() && transport == Transport::kAutomatic) {
      c10d::PrefixStore memory("memory", store);
      if (auto group = connect_by_shared_memory(processes, memory)) return group;
    }
    const auto join = [&](const char* name) {
      const auto own = c10::make_intrusive<c10d::PrefixStore>(name, store);
      return device.is_cpu() ? join_gloo(processes, own)
                             : cuda_plugin().join_nccl(own, processes.rank, processes.count,
                                                       device.index(), kPatience);
    };
    Group now = join("now"), later = join("later");
    return std::make_unique<GroupCommunicator>(processes, device, std::move(now), std::move(later));
  } catch (const std::exception& error) {
    throw Error(who(processes) + ": the processes of the run did not meet at " + processes.address +
                ":" + std::to_string(processes.port) + ": " + first_line(error));
  }
}

void broadcast_all(const std::vector<at::Tensor>& tensors, Communicator& group) {
  c10::NoGradGuard no_grad;
  for (at::Tensor tensor : tensors) {
    const at::Tensor plain = tensor.detach().clone(at::MemoryFormat::Contiguous);
    group.broadcast(plain);
    tensor.copy_(plain);
  }
}

Share share_of(std::int64_t total, const Communicator* group) {
  if (group == nullptr) return {total, 1.0};
  const std::int64_t size = group->size(), rank = group->rank();
  if (total < size) return {total, 1.0 / static_cast<double>(size)};
  const std::int64_t mine = total * (rank + 1) / size - total * rank / size;
  return {mine, static_cast<double>(mine) / static_cast<double>(total)};
}

}  // namespace trispike::train
