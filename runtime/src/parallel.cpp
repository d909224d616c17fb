// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/runtime/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "trispike/model/error.h"

namespace trispike::runtime {
namespace {

void add(std::vector<std::int64_t>& sum, const std::vector<std::int64_t>& more) {
  for (std::size_t t = 0; t < sum.size(); ++t) sum[t] += more[t];
}

}  // namespace

model::Activity for_each_sample(const Model& model, const SessionOptions& options,
                                std::int64_t samples, int threads,
                                const std::function<void(Session&, std::int64_t)>& work) {
  if (threads < 1) {
    throw ConfigError("threads", "is " + std::to_string(threads) + ", expected at least 1");
  }
  model::Activity activity;
  std::exception_ptr failure;
  std::mutex mutex;  // guards the two above
  std::atomic<std::int64_t> next{0};
  const auto run = [&] {
    try {
      Session session(model, options);
      for (std::int64_t i = next++; i < samples; i = next++) work(session, i);
      if (options.record_activity) {
        const std::lock_guard lock(mutex);
        merge(activity, session.activity());
      }
    } catch (...) {
      next = samples;
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    const std::int64_t useful = std::clamp<std::int64_t>(samples, 1, threads);
    for (std::int64_t i = 1; i < useful; ++i) others.emplace_back(run);
    run();
  }
  if (failure != nullptr) std::rethrow_exception(failure);
  return activity;
}

void merge(model::Activity& sum, const model::Activity& more) {
  if (sum.time_steps == 0) {
    sum = more;
    return;
  }
  sum.samples += more.samples;
  for (std::size_t i = 0; i < sum.neurons.size(); ++i) {
    add(sum.neurons[i].positive, more.neurons[i].positive);
    add(sum.neurons[i].negative, more.neurons[i].negative);
  }
  add(sum.synaptic_operations_at, more.synaptic_operations_at);
  for (std::size_t i = 0; i < sum.synapses.size(); ++i) {
    sum.synapses[i].synaptic_operations += more.synapses[i].synaptic_operations;
    sum.synapses[i].macs += more.synapses[i].macs;
    sum.synapses[i].dense_operations += more.synapses[i].dense_operations;
    sum.synapses[i].multiplied_steps += more.synapses[i].multiplied_steps;
  }
}

}  // namespace trispike::runtime
