// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "analysis_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "format.h"
#include "trispike/model/safetensors.h"

namespace trispike::cli {
namespace {

using report::Anchor;
using report::BarChart;
using report::Drawing;
using report::Role;

constexpr double kCardWidth = 330;
constexpr std::uint32_t kTileColor = 0x8294a826;  // grey, mostly transparent: for both themes

/// Means over the time steps.
double over_steps(const analysis::LayerStatistics& layer,
                  double (*value)(const analysis::StepStatistics&)) {
  double sum = 0;
  for (const analysis::StepStatistics& step : layer.steps) sum += value(step);
  return sum / static_cast<double>(layer.steps.size());
}

bool negative_spikes(const analysis::LayerStatistics& layer) {
  return model::info(layer.neuron.kind).negative_spikes;
}

/// Feature maps of one time step side by side on a square, at most so many that they can be seen.
report::Bitmap mosaic(const std::int8_t* maps, const model::MapShape& shape) {
  const std::int64_t most = shape.height >= 56   ? 3
                            : shape.height >= 24 ? 4
                            : shape.height >= 16 ? 5
                                                 : 8;
  const auto wanted = static_cast<std::int64_t>(std::ceil(std::sqrt(double(shape.channels))));
  const std::int64_t side = std::clamp<std::int64_t>(wanted, 1, most);
  const auto height = static_cast<int>(side * (shape.height + 1) - 1);
  const auto width = static_cast<int>(side * (shape.width + 1) - 1);
  report::Bitmap bitmap(width, height);
  const std::int64_t shown = std::min(side * side, shape.channels);
  for (std::int64_t k = 0; k < shown; ++k) {
    const std::int64_t channel = k * shape.channels / shown;
    for (std::int64_t y = 0; y < shape.height; ++y) {
      for (std::int64_t x = 0; x < shape.width; ++x) {
        const int spike = maps[(channel * shape.height + y) * shape.width + x];
        bitmap.set(static_cast<int>(k % side * (shape.width + 1) + x),
                   static_cast<int>(k / side * (shape.height + 1) + y),
                   spike != 0 ? report::spike_color(spike) : kTileColor);
      }
    }
  }
  return bitmap;
}

/// The picture as it was before normalisation; of event maps, the events of all time steps.
report::Bitmap input_bitmap(const ShownSample& shown, const model::ModelData& file) {
  const model::InputLayer& input = file.network.input();
  const model::MapShape& shape = input.shape;
  const auto positions = static_cast<std::size_t>(shape.height * shape.width);
  report::Bitmap bitmap(static_cast<int>(shape.width), static_cast<int>(shape.height));
  const auto maps = shown.input.size() / static_cast<std::size_t>(shape.elements());
  const model::Preprocessing& p = file.preprocessing;
  double largest = 1;
  const auto value = [&](std::size_t channel, std::size_t i) {
    double sum = 0;
    for (std::size_t m = 0; m < maps; ++m) {
      sum += shown.input[(m * static_cast<std::size_t>(shape.channels) + channel) * positions + i];
    }
    if (input.kind != model::InputKind::kStatic) return std::abs(sum);
    const double std = channel < p.std.size() ? p.std[channel] : 1;
    const double mean = channel < p.mean.size() ? p.mean[channel] : 0;
    return sum * std + mean;
  };
  if (input.kind != model::InputKind::kStatic) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c) {
      for (std::size_t i = 0; i < positions; ++i) largest = std::max(largest, value(c, i));
    }
  }
  for (std::size_t i = 0; i < positions; ++i) {
    std::uint32_t rgba = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const auto channel = std::min(k, static_cast<std::size_t>(shape.channels - 1));
      const double shade = std::clamp(value(channel, i) / largest, 0.0, 1.0);
      rgba = rgba << 8 | static_cast<std::uint32_t>(std::lround(255 * shade));
    }
    bitmap.set(static_cast<int>(i % static_cast<std::size_t>(shape.width)),
               static_cast<int>(i / static_cast<std::size_t>(shape.width)), rgba << 8 | 0xff);
  }
  return bitmap;
}

std::string map_text(const model::MapShape& shape) {
  return fmt::format("{} × {} × {}", shape.channels, shape.height, shape.width);
}

}  // namespace

Drawing rate_plot(const AnalysisRun& run) {
  BarChart chart{"Firing rate by layer", {}, {}, "% of neurons, ± over samples", {}};
  bool negative = false;
  for (const auto& layer : run.layers) negative |= negative_spikes(layer);
  if (negative) chart.series = {"spikes +1", "spikes −1"};
  for (const auto& layer : run.layers) {
    BarChart::Row row;
    row.label = layer.layer;
    row.parts = {100 * over_steps(layer, [](const auto& s) { return s.positive_rate; })};
    if (negative) {
      row.parts.push_back(100 * over_steps(layer, [](const auto& s) { return s.negative_rate; }));
    }
    row.whisker = 100 * layer.rate_deviation;
    row.value = fmt::format("{:.1f}", 100 * layer.firing_rate);
    row.tip = layer.layer;
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      row.tip += fmt::format("\nt = {}: {:.2f} ± {:.2f} %", t + 1,
                             100 * (layer.steps[t].positive_rate + layer.steps[t].negative_rate),
                             100 * layer.steps[t].rate_deviation);
    }
    chart.rows.push_back(std::move(row));
  }
  return draw(chart);
}

Drawing rates_by_step(const AnalysisRun& run) {
  report::HeatMap map{"Firing rate by layer and time step", {}, {}, "% of neurons"};
  for (int t = 1; t <= run.summary.time_steps; ++t) map.columns.push_back(fmt::format("t = {}", t));
  for (const auto& layer : run.layers) {
    report::HeatMap::Row row{layer.layer, {}};
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      const analysis::StepStatistics& step = layer.steps[t];
      const double rate = 100 * (step.positive_rate + step.negative_rate);
      const double deviation = 100 * step.rate_deviation;
      // A few time steps leave room for more.
      row.cells.push_back(
          {rate,
           layer.steps.size() <= 2 ? fmt::format("{:.1f} ± {:.1f}", rate, deviation)
                                   : fmt::format("{:.1f}", rate),
           fmt::format("{}, t = {}: +{:.2f} %, −{:.2f} %, ± {:.2f} over samples", layer.layer,
                       t + 1, 100 * step.positive_rate, 100 * step.negative_rate, deviation)});
    }
    map.rows.push_back(std::move(row));
  }
  return draw(map);
}

Drawing idle_plot(const AnalysisRun& run) {
  BarChart chart{"Neurons that never or always fire",
                 {"never (dead)", "always (saturated)"},
                 {},
                 "% of the layer's neurons",
                 {}};
  for (const auto& layer : run.layers) {
    const auto neurons = static_cast<double>(layer.shape.elements());
    const double dead = 100 * static_cast<double>(layer.dead) / neurons;
    const double saturated = 100 * static_cast<double>(layer.saturated) / neurons;
    chart.rows.push_back(
        {layer.layer,
         {dead, saturated},
         {},
         {},
         fmt::format("{:.1f}", dead + saturated),
         fmt::format("{}: {} dead, {} saturated of {}", layer.layer, grouped(layer.dead),
                     grouped(layer.saturated), grouped(layer.shape.elements()))});
  }
  return draw(chart);
}

Drawing entropy_plot(const AnalysisRun& run) {
  BarChart chart{
      "Entropy of a spike by layer", {}, {}, "bits per neuron and time step; line: capacity", {}};
  double capacity = 1;
  for (const auto& layer : run.layers) {
    const double bits = over_steps(layer, [](const auto& s) { return s.neuron_entropy; });
    const double bias = over_steps(layer, [](const auto& s) { return s.entropy_bias; });
    capacity = std::max(capacity, analysis::spike_capacity_bits(layer.neuron));
    chart.rows.push_back(
        {layer.layer,
         {bits},
         {},
         analysis::spike_capacity_bits(layer.neuron),
         fmt::format("{:.2f}", bits),
         fmt::format("{}: {:.4f} bits (bias at most about {:.4f})", layer.layer, bits, bias)});
  }
  chart.maximum = 1.02 * capacity;
  return draw(chart);
}

Drawing potential_entropy_plot(const AnalysisRun& run) {
  BarChart chart{
      "Entropy of the membrane potential", {}, {}, "bits at a resolution of 1/16 threshold", {}};
  for (const auto& layer : run.layers) {
    const double bits = over_steps(layer, [](const auto& s) { return s.potential_entropy; });
    const double spike = over_steps(layer, [](const auto& s) { return s.pooled_entropy; });
    chart.rows.push_back(
        {layer.layer,
         {bits},
         {},
         {},
         fmt::format("{:.2f}", bits),
         fmt::format("{}: {:.3f} bits; the spike keeps {:.3f} of them", layer.layer, bits, spike)});
  }
  return draw(chart);
}

Drawing operations_plot(const analysis::Summary& summary) {
  BarChart chart{"Operations by layer", {"executed", "skipped"}, {}, "operations a picture", {}};
  chart.roles = {Role::kFirst, Role::kGrid};
  for (const analysis::SynapseSummary& layer : summary.synapse_layers) {
    const double done = layer.macs + layer.synaptic_operations;
    const double dense = layer.dense_operations;
    chart.rows.push_back({layer.layer,
                          {done, std::max(0.0, dense - done)},
                          {},
                          {},
                          dense > 0 ? fmt::format("{:.0f} %", 100 * done / dense) : "",
                          fmt::format("{}: {} of {} ({})", layer.layer, scaled(done), scaled(dense),
                                      layer.macs > 0 ? "MACs" : "additions")});
  }
  return draw(chart);
}

Drawing work_by_step(const AnalysisRun& run) {
  report::HeatMap map{
      "Operations by layer and time step", {}, {}, "a picture; MACs where it says so"};
  for (int t = 1; t <= run.summary.time_steps; ++t) map.columns.push_back(fmt::format("t = {}", t));
  for (const LayerWork& layer : run.work) {
    const bool multiplies = std::ranges::any_of(layer.steps, [](auto& s) { return s.macs > 0; });
    report::HeatMap::Row row{layer.layer + (multiplies ? " (MACs)" : ""), {}};
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      const StepWork& step = layer.steps[t];
      const double operations = step.macs + step.synaptic_operations;
      row.cells.push_back({operations, report::short_number(operations),
                           fmt::format("{}, t = {}: {} MACs, {} additions", layer.layer, t + 1,
                                       scaled(step.macs), scaled(step.synaptic_operations))});
    }
    map.rows.push_back(std::move(row));
  }
  return draw(map);
}

Drawing energy_by_layer(const AnalysisRun& run) {
  const analysis::EnergyModel& model = analysis::energy_model("paper");
  BarChart chart{"Energy by layer",
                 {"MACs", "synaptic operations", "signs"},
                 {},
                 "nJ a picture, the paper's unit costs",
                 {}};
  const auto add = [&](const std::string& layer, const analysis::Counts& counts) {
    const std::vector<double> parts = {
        counts.macs * model.mac_pj / 1e3,
        counts.synaptic_operations * model.synaptic_operation_pj / 1e3,
        counts.sign_operations * model.sign_operation_pj / 1e3};
    const std::string total = energy(analysis::energy_pj(model, counts));
    chart.rows.push_back({layer, parts, {}, {}, total, layer + ": " + total});
  };
  for (const analysis::SynapseSummary& layer : run.summary.synapse_layers) {
    analysis::Counts counts;
    counts.macs = layer.macs;
    counts.synaptic_operations = layer.synaptic_operations;
    add(layer.layer, counts);
  }
  for (const auto& layer : run.layers) {
    analysis::Counts counts;
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      counts.sign_operations += neuron_counts(layer, t).sign_operations;
    }
    add(layer.layer, counts);
  }
  return draw(chart);
}

Drawing time_step_plot(const analysis::Summary& summary) {
  BarChart chart{"Synaptic operations by time step", {}, {}, "additions a picture", {}};
  for (std::size_t t = 0; t < summary.synaptic_operations_at.size(); ++t) {
    const double operations = summary.synaptic_operations_at[t];
    chart.rows.push_back({fmt::format("t = {}", t + 1),
                          {operations},
                          {},
                          {},
                          scaled(operations),
                          fmt::format("t = {}: {} additions", t + 1, scaled(operations))});
  }
  return draw(chart);
}

Drawing energy_plot(const analysis::Counts& counts) {
  BarChart chart{"Energy of one picture",
                 {"first layer's MACs", "synaptic operations", "signs", "membrane and memory"},
                 {},
                 "µJ",
                 {}};
  for (const analysis::EnergyModel& model : analysis::energy_models()) {
    analysis::Counts macs, synaptic, signs, membranes;
    macs.macs = counts.macs;
    synaptic.synaptic_operations = counts.synaptic_operations;
    signs.sign_operations = counts.sign_operations;
    membranes.membrane_updates = counts.membrane_updates;
    BarChart::Row row;
    row.label = model.name;
    for (const analysis::Counts& part : {macs, synaptic, signs, membranes}) {
      row.parts.push_back(analysis::energy_pj(model, part) / 1e6);
    }
    row.value = energy(analysis::energy_pj(model, counts));
    row.tip = model.summary;
    chart.rows.push_back(std::move(row));
  }
  return draw(chart);
}

std::vector<Drawing> amplitude_plots(const AnalysisRun& run, const model::ModelData& file) {
  BarChart chart{"Amplitude learned by layer", {}, {}, "a; starts at 1", {}};
  for (const auto& layer : run.layers) {
    const std::optional<double> amplitude = amplitude_of(file, layer.layer);
    if (!amplitude) return {};
    chart.rows.push_back({layer.layer,
                          {std::abs(*amplitude)},
                          {},
                          1.0,
                          fmt::format("{:.3f}", *amplitude),
                          fmt::format("{}: {}", layer.layer, *amplitude)});
  }
  return {draw(chart)};
}

Drawing potential_plot(const analysis::LayerStatistics& layer) {
  constexpr int kShown = 4;   // thresholds to each side
  constexpr int kMerged = 2;  // bins that make one of the plot
  report::DensityChart chart;
  chart.title = layer.layer;
  const analysis::Moments& first = layer.steps.front().potential;
  chart.subtitle = fmt::format("mean {:.2f}, sd {:.2f}, skew {:.2f}, kurtosis {:+.2f}{}",
                               first.mean, first.standard_deviation, first.skewness,
                               first.excess_kurtosis, layer.steps.size() > 1 ? " (t = 1)" : "");
  chart.least = -kShown;
  chart.bin = static_cast<double>(kMerged) / analysis::kBinsPerThreshold;
  chart.unit = "membrane potential / threshold";
  chart.lines = {1.0};
  if (negative_spikes(layer)) chart.lines.push_back(-1.0);
  for (std::size_t t = 0; t < layer.steps.size(); ++t) {
    const std::vector<std::int64_t>& counts = layer.steps[t].histogram;
    const auto total =
        static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
    report::DensityChart::Series series{fmt::format("t = {}", t + 1), {}};
    const int begin = 1 + (analysis::kPotentialRange - kShown) * analysis::kBinsPerThreshold;
    const int end = begin + 2 * kShown * analysis::kBinsPerThreshold;
    for (int i = begin; i < end; i += kMerged) {
      std::int64_t sum = 0;
      for (int k = 0; k < kMerged; ++k) sum += counts[static_cast<std::size_t>(i + k)];
      series.heights.push_back(static_cast<double>(sum) / total / chart.bin);
    }
    chart.series.push_back(std::move(series));
  }
  return draw(chart);
}

std::vector<Drawing> potential_plots(const AnalysisRun& run) {
  std::vector<Drawing> plots;
  for (const auto& layer : run.layers) plots.push_back(potential_plot(layer));
  return plots;
}

std::vector<Drawing> raster_plots(const AnalysisRun& run, int time_steps) {
  constexpr double kLeft = 44, kTop = 30, kRow = 7;
  std::vector<Drawing> plots;
  for (const Raster& raster : run.rasters) {
    const std::size_t neurons = raster.choice.neurons.size();
    const std::size_t columns = static_cast<std::size_t>(raster.samples * time_steps);
    const double bottom = kTop + kRow * static_cast<double>(neurons);
    Drawing drawing(report::kPlotWidth, bottom + 34, "Raster of " + raster.choice.layer);
    drawing.text({0, 14}, "Raster: " + raster.choice.layer, Anchor::kStart, Role::kInk, 13, true);
    const double column = (drawing.width() - kLeft - 6) / static_cast<double>(columns);
    for (int sample = 0; sample < raster.samples; sample += 2) {
      drawing.rectangle(kLeft + column * sample * time_steps, kTop, column * time_steps,
                        bottom - kTop, Role::kGrid, 0.45);
    }
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t i = 0; i < neurons; ++i) {
        const int spike = raster.spikes[c * neurons + i];
        if (spike == 0) continue;
        drawing.rectangle(kLeft + column * static_cast<double>(c) + 0.15 * column,
                          kTop + kRow * static_cast<double>(i) + 0.8, 0.7 * column, kRow - 1.6,
                          spike > 0 ? Role::kFirst : Role::kSecond);
      }
    }
    for (std::size_t i = 0; i < neurons; i += 4) {
      drawing.text({kLeft - 5, kTop + kRow * static_cast<double>(i) + kRow},
                   std::to_string(raster.choice.neurons[i]), Anchor::kEnd, Role::kMuted, 9);
    }
    drawing.text({kLeft, bottom + 14}, "sample 1", Anchor::kStart, Role::kMuted, 10);
    drawing.text({drawing.width() - 6, bottom + 14}, std::to_string(raster.samples), Anchor::kEnd,
                 Role::kMuted, 10);
    drawing.text({(kLeft + drawing.width()) / 2, bottom + 28},
                 fmt::format("samples, {} time steps each", time_steps), Anchor::kMiddle);
    plots.push_back(std::move(drawing));
  }
  return plots;
}

std::vector<Drawing> spike_pictures(const AnalysisRun& run, const model::ModelData& file) {
  constexpr double kHeader = 40, kGap = 8;
  constexpr std::size_t kMostSteps = 4;
  std::vector<Drawing> cards;
  Drawing input(kCardWidth, kHeader + 161, "The input");
  const model::MapShape& shape = file.network.input().shape;
  input.text({0, 14}, "input", Anchor::kStart, Role::kInk, 13, true);
  const auto name_of = [&](std::int64_t label) {
    return static_cast<std::size_t>(label) < run.class_names.size()
               ? printable(run.class_names[static_cast<std::size_t>(label)])
               : std::to_string(label);
  };
  input.text({0, 30}, fmt::format("{}; class {}, answer {}", map_text(shape),
                                  name_of(run.shown.label), name_of(run.shown.answer)));
  input.picture(0, kHeader, 161.0 * static_cast<double>(shape.width) / double(shape.height), 161,
                input_bitmap(run.shown, file));
  cards.push_back(std::move(input));
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    const analysis::LayerStatistics& layer = run.layers[i];
    const std::vector<std::int8_t>& spikes = run.shown.spikes[i].spikes;
    const std::size_t steps = std::min(kMostSteps, layer.steps.size());
    const auto elements = static_cast<std::size_t>(layer.shape.elements());
    const double side =
        std::min(161.0, (kCardWidth - kGap * static_cast<double>(steps - 1)) / double(steps));
    Drawing card(kCardWidth, kHeader + side, "Spikes of layer " + layer.layer);
    const auto fired = std::count_if(spikes.begin(), spikes.end(), [](auto s) { return s != 0; });
    card.text({0, 14}, layer.layer, Anchor::kStart, Role::kInk, 13, true);
    card.text({0, 30}, fmt::format("{}; {:.1f} % fire in this picture", map_text(layer.shape),
                                   100.0 * double(fired) / double(spikes.size())));
    for (std::size_t t = 0; t < steps; ++t) {
      const double x = static_cast<double>(t) * (side + kGap);
      card.text({x + side, 14}, fmt::format("t = {}", t + 1), Anchor::kEnd, Role::kMuted, 10);
      card.picture(x, kHeader, side, side, mosaic(spikes.data() + t * elements, layer.shape));
    }
    cards.push_back(std::move(card));
  }
  return cards;
}

Drawing network_picture(const std::vector<Drawing>& cards, int columns) {
  constexpr double kGap = 46, kMargin = 20;
  double height = 0;
  for (const Drawing& card : cards) height = std::max(height, card.height());
  const auto rows = (static_cast<int>(cards.size()) + columns - 1) / columns;
  Drawing drawing(2 * kMargin + columns * (kCardWidth + kGap) - kGap,
                  2 * kMargin + rows * (height + kGap) - kGap, "The network and its spikes");
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const auto column = static_cast<int>(i) % columns;
    const double x = kMargin + column * (kCardWidth + kGap);
    const double y = kMargin + static_cast<int>(i) / columns * (height + kGap);
    drawing.add(cards[i], x, y);
    if (i + 1 == cards.size() || column + 1 == columns) continue;
    const double from = x + kCardWidth + 8, to = from + kGap - 18, middle = y + 120;
    drawing.line({from, middle}, {to, middle}, Role::kMuted, 1.6);
    drawing.area({{to + 6, middle}, {to - 2, middle - 5}, {to - 2, middle + 5}}, Role::kMuted, 1);
  }
  return drawing;
}

std::vector<std::string> write_pngs(const report::Page& page, const std::string& folder) {
  constexpr double kMargin = 16;
  std::vector<std::string> names;
  for (const auto& [name, drawing] : page.drawings()) {
    Drawing framed(drawing.width() + 2 * kMargin, drawing.height() + 2 * kMargin, drawing.title());
    framed.add(drawing, kMargin, kMargin);
    names.push_back(name + ".png");
    model::write_text_atomically(folder + "/" + names.back(),
                                 report::to_png(framed, report::Theme::kLight));
  }
  return names;
}

}  // namespace trispike::cli
