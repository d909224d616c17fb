// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/sample_form.h"

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

data::FrameOptions frame_options(const model::NetworkSpec& network,
                                 const model::Preprocessing& preprocessing) {
  if (!preprocessing.frames) {
    throw ShapeError(network.layers.front().name,
                     "the network's input is " +
                         std::string(model::to_string(network.input().kind)) +
                         " (one map per time step), and its file does not say how a recording of "
                         "events becomes that; a picture cannot");
  }
  const model::FrameBinning& binning = *preprocessing.frames;
  data::FrameOptions options;
  options.time_steps = network.time_steps;
  options.by = data::frames_by_from_string(binning.by);
  options.window_us = binning.window_us;
  options.from_zero = binning.from_zero;
  options.keep_rest = binning.keep_rest;
  options.resize = data::frame_resize_from_string(binning.resize);
  options.sensor_height = static_cast<int>(binning.sensor_height);
  options.sensor_width = static_cast<int>(binning.sensor_width);
  return options;
}

}  // namespace

model::FrameBinning frame_binning(const data::FrameOptions& options) {
  return {std::string(data::to_string(options.by)),
          options.window_us,
          options.from_zero,
          options.keep_rest,
          std::string(data::to_string(options.resize)),
          options.sensor_height,
          options.sensor_width};
}

data::SampleForm sample_form(const model::NetworkSpec& network,
                             const model::Preprocessing& preprocessing) {
  const model::InputLayer& input = network.input();
  data::SampleForm form;
  if (input.kind != model::InputKind::kStatic) {
    form.frames = frame_options(network, preprocessing);
  } else if (input.shape.channels != 1 && input.shape.channels != 3) {
    throw ShapeError(network.layers.front().name, "the network's input has " +
                                                      std::to_string(input.shape.channels) +
                                                      " channels, pictures have 1 or 3");
  }
  form.channels = static_cast<int>(input.shape.channels);
  form.height = static_cast<int>(input.shape.height);
  form.width = static_cast<int>(input.shape.width);
  form.normalisation = {preprocessing.mean, preprocessing.std};
  form.normalisation.mean.resize(static_cast<std::size_t>(form.channels), 0.0);
  form.normalisation.std.resize(static_cast<std::size_t>(form.channels), 1.0);
  form.resize_shorter = static_cast<int>(preprocessing.resize_shorter);
  return form;
}

}  // namespace trispike::train
