// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "calibration.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <span>
#include <vector>

#include "trispike/data/sample.h"
#include "trispike/runtime/parallel.h"
#include "trispike/runtime/runtime.h"
#include "trispike/train/sample_form.h"

namespace trispike::cli {
namespace {

/// Sums over what one sample showed of one layer, per channel.
struct ChannelSums {
  explicit ChannelSums(std::size_t channels) : sum(channels), squares(channels) {}
  std::vector<double> sum, squares;
  double count = 0;  ///< of numbers per channel

  /// `maps` is any number of maps [C, H, W].
  template <class Number>
  void add(std::span<const Number> maps, std::size_t positions) {
    const std::size_t channels = sum.size();
    for (std::size_t i = 0; i < maps.size(); ++i) {
      const double value = static_cast<double>(maps[i]);
      sum[i / positions % channels] += value;
      squares[i / positions % channels] += value * value;
    }
    count += static_cast<double>(maps.size() / channels);
  }
};

struct SampleSums {
  std::vector<ChannelSums> layers;  ///< the input, then the spiking layers
  double largest_input = 0;
};

struct Shapes {
  std::vector<std::string> layers;
  std::vector<model::MapShape> maps;
};

Shapes observed(const model::NetworkSpec& network) {
  const std::vector<model::LayerInfo> infos = model::infer(network);
  Shapes shapes{{network.layers.front().name}, {infos.front().shape}};
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const auto* neuron = std::get_if<model::NeuronLayer>(&network.layers[i].params);
    if (neuron == nullptr || !model::info(neuron->neuron.kind).spiking) continue;
    shapes.layers.push_back(network.layers[i].name);
    shapes.maps.push_back(infos[i].shape);
  }
  return shapes;
}

SampleSums observe(const Shapes& shapes, std::span<const float> input,
                   const std::vector<model::SpikeRecord>& spikes) {
  SampleSums sums;
  for (const model::MapShape& map : shapes.maps) {
    sums.layers.emplace_back(static_cast<std::size_t>(map.channels));
  }
  const auto positions = [&](std::size_t i) {
    return static_cast<std::size_t>(shapes.maps[i].height * shapes.maps[i].width);
  };
  sums.layers[0].add(input, positions(0));
  for (const float x : input) {
    sums.largest_input = std::max(sums.largest_input, std::abs(double(x)));
  }
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    sums.layers[i + 1].add(std::span<const std::int8_t>(spikes[i].spikes), positions(i + 1));
  }
  return sums;
}

std::int64_t top1(std::span<const double> logits) {
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

}  // namespace

model::Calibration calibrate(const model::ModelData& folded, const data::Dataset& dataset,
                             std::int64_t samples, int threads, const SampleProgress& progress) {
  samples = std::min(samples, dataset.size());
  const Shapes shapes = observed(folded.network);
  const data::SamplePreparer preparer(train::sample_form(folded.network, folded.preprocessing));
  std::vector<SampleSums> sums(static_cast<std::size_t>(samples));
  std::atomic<std::int64_t> done = 0;
  runtime::for_each_sample(
      runtime::Model::from(folded), {.record_activity = false, .record_spikes = true}, samples,
      threads, [&](runtime::Session& session, std::int64_t i) {
        const std::vector<float> input = preparer.prepare(dataset, i * dataset.size() / samples);
        session.run(input);
        sums[static_cast<std::size_t>(i)] = observe(shapes, input, session.spikes());
        progress(++done);
      });

  model::Calibration calibration;
  calibration.samples = samples;
  for (std::size_t i = 0; i < shapes.layers.size(); ++i) {
    const auto channels = static_cast<std::size_t>(shapes.maps[i].channels);
    ChannelSums total(channels);
    for (const SampleSums& sample : sums) {
      for (std::size_t c = 0; c < channels; ++c) {
        total.sum[c] += sample.layers[i].sum[c];
        total.squares[c] += sample.layers[i].squares[c];
      }
      total.count += sample.layers[i].count;
    }
    model::ChannelStatistics& statistics = calibration.outputs[shapes.layers[i]];
    for (std::size_t c = 0; c < channels; ++c) {
      statistics.mean.push_back(total.sum[c] / total.count);
      statistics.mean_square.push_back(total.squares[c] / total.count);
    }
  }
  for (const SampleSums& sample : sums) {
    calibration.largest_input = std::max(calibration.largest_input, sample.largest_input);
  }
  return calibration;
}

IntegerReport compare_with_float32(const model::ModelData& folded,
                                   const model::ModelData& quantised, const data::Dataset& dataset,
                                   int threads, const SampleProgress& progress) {
  IntegerReport report;
  report.samples = dataset.size();
  const data::SamplePreparer preparer(train::sample_form(folded.network, folded.preprocessing));
  const runtime::Model integer = runtime::Model::from(quantised);
  std::vector<std::int64_t> answers(static_cast<std::size_t>(report.samples));
  std::atomic<std::int64_t> same = 0, correct_integer = 0, correct_float32 = 0, done = 0;
  runtime::for_each_sample(
      integer, {}, report.samples, threads, [&](runtime::Session& session, std::int64_t i) {
        const std::int64_t answer = top1(session.run(preparer.prepare(dataset, i)));
        answers[static_cast<std::size_t>(i)] = answer;
        correct_integer += answer == dataset.label(i) ? 1 : 0;
        progress(++done);
      });
  runtime::for_each_sample(runtime::Model::from(folded), {}, report.samples, threads,
                           [&](runtime::Session& session, std::int64_t i) {
                             const std::int64_t answer =
                                 top1(session.run(preparer.prepare(dataset, i)));
                             same += answer == answers[static_cast<std::size_t>(i)] ? 1 : 0;
                             correct_float32 += answer == dataset.label(i) ? 1 : 0;
                             progress(++done);
                           });
  report.same_top1 = same;
  report.correct_integer = correct_integer;
  report.correct_float32 = correct_float32;
  return report;
}

}  // namespace trispike::cli
