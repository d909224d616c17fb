// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "networks/resnet.h"

namespace trispike::model {

ResNetBuilder::ResNetBuilder(std::string name, const NetworkOptions& options) : options_(options) {
  network_.name = std::move(name);
  network_.time_steps = options.time_steps;
  last_ = append("input", {}, InputLayer{options.input, options.input_kind});
  channels_ = options.input.channels;
}

void ResNetBuilder::stem(std::int64_t channels, std::int64_t kernel, std::int64_t stride) {
  const std::string name = "stem." + std::to_string(stems_++);
  last_ = conv(name + ".conv", last_, channels_, channels, kernel, stride);
  last_ = norm(name + ".norm", last_, channels, true, false);
  last_ = append(name + ".neuron", {last_}, NeuronLayer{options_.neuron});
  channels_ = channels;
}

void ResNetBuilder::stem_pool(const AvgPoolLayer& pool) {
  last_ = append("stem.pool", {last_}, pool);
}

void ResNetBuilder::stage(int blocks, std::int64_t channels, std::int64_t stride,
                          Downsampling downsampling) {
  const std::string name = "stage" + std::to_string(++stages_) + ".";
  for (int i = 0; i < blocks; ++i) {
    block(name + std::to_string(i), channels, i == 0 ? stride : 1, downsampling);
  }
}

NetworkSpec ResNetBuilder::finish() {
  last_ = append("pool", {last_}, GlobalAvgPoolLayer{});
  append("head", {last_}, LinearLayer{channels_, options_.num_classes, true});
  return std::move(network_);
}

int ResNetBuilder::append(const std::string& name, std::vector<int> inputs,
                          const LayerParams& params) {
  network_.layers.push_back({name, std::move(inputs), params});
  return static_cast<int>(network_.layers.size()) - 1;
}

int ResNetBuilder::conv(const std::string& name, int input, std::int64_t in_channels,
                        std::int64_t out_channels, std::int64_t kernel, std::int64_t stride) {
  return append(name, {input},
                ConvLayer{in_channels, out_channels, kernel, stride, kernel / 2, false});
}

int ResNetBuilder::norm(const std::string& name, int input, std::int64_t channels, bool stem_norm,
                        bool zero_init) {
  BatchNormLayer layer;
  layer.channels = channels;
  layer.per_time_step = stem_norm && options_.stem_norm_per_time_step;
  layer.zero_init = zero_init;
  layer.scale = options_.norm_scale;
  return append(name, {input}, layer);
}

void ResNetBuilder::block(const std::string& name, std::int64_t channels, std::int64_t stride,
                          Downsampling downsampling) {
  const int block_input = last_;
  int main = conv(name + ".conv1", block_input, channels_, channels, 3, stride);
  main = norm(name + ".norm1", main, channels, false, false);
  main = append(name + ".neuron1", {main}, NeuronLayer{options_.neuron});
  main = conv(name + ".conv2", main, channels, channels, 3, 1);
  main = norm(name + ".norm2", main, channels, false, options_.zero_init_last_norm);

  int shortcut = block_input;
  if (stride != 1 || channels != channels_) {
    const bool pooled = downsampling == Downsampling::kPool && stride != 1;
    if (pooled) {
      shortcut = append(name + ".shortcut.pool", {shortcut},
                        AvgPoolLayer{.kernel = stride, .stride = stride, .ceil_mode = true});
    }
    shortcut = conv(name + ".shortcut.conv", shortcut, channels_, channels, 1, pooled ? 1 : stride);
    shortcut = norm(name + ".shortcut.norm", shortcut, channels, false, false);
  }
  last_ = append(name + ".add", {main, shortcut}, AddLayer{});
  last_ = append(name + ".neuron2", {last_}, NeuronLayer{options_.neuron});
  channels_ = channels;
}

}  // namespace trispike::model
