// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

#include <bit>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "support/random_weights.h"
#include "trispike/model/error.h"
#include "trispike/model/network.h"
#include "trispike/runtime/runtime.h"

namespace trispike::fuzz {
namespace {

// Numbers drawn from the bytes; zeros behind their end.
class Draw {
 public:
  explicit Draw(std::span<const std::byte> bytes) : bytes_(bytes) {}

  int byte() {
    if (bytes_.empty()) return 0;
    const int value = std::to_integer<int>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return value;
  }
  int between(int low, int high) { return low + byte() % (high - low + 1); }

 private:
  std::span<const std::byte> bytes_;
};

model::NeuronLayer draw_neuron(Draw& draw) {
  constexpr model::NeuronKind kKinds[] = {model::NeuronKind::kBinary, model::NeuronKind::kTernary};
  constexpr model::ResetMode kResets[] = {model::ResetMode::kHard, model::ResetMode::kSoft,
                                          model::ResetMode::kNone};
  model::NeuronSpec neuron = model::neuron_preset("paper", kKinds[draw.between(0, 1)]);
  neuron.reset = kResets[draw.between(0, 2)];
  neuron.threshold = draw.between(1, 16) / 8.0;
  neuron.decay = draw.between(0, 8) / 8.0;
  neuron.strict = draw.byte() % 2 == 1;
  return {neuron};
}

// Dense convolution, spikes, event-driven convolution, shortcut, pool, head.
model::NetworkSpec draw_network(Draw& draw) {
  const int channels = draw.between(1, 3);
  const int width = draw.between(1, 40);  // around the vectors' lengths
  const int side = draw.between(1, 6);
  const int classes = draw.between(1, 20);
  const int kernel = draw.between(1, 3);
  const int odd_kernel = 2 * draw.between(0, 1) + 1;
  model::NetworkSpec network{"drawn", draw.between(1, 3), {}};
  network.layers = {
      {"input", {}, model::InputLayer{{channels, side, side}, model::InputKind::kStatic}},
      {"conv1",
       {0},
       model::ConvLayer{channels, width, kernel, draw.between(1, 2), draw.between(0, 1), true}},
      {"neuron1", {1}, draw_neuron(draw)},
      {"conv2", {2}, model::ConvLayer{width, width, odd_kernel, 1, odd_kernel / 2, true}},
      {"add", {3, 2}, model::AddLayer{}},
      {"neuron2", {4}, draw_neuron(draw)},
      {"pool", {5}, model::GlobalAvgPoolLayer{}},
      {"head", {6}, model::LinearLayer{width, classes, true}},
  };
  return network;
}

// Logits and spikes with one set of kernels.
struct Answer {
  std::vector<std::uint64_t> logits;  // bits of each
  std::vector<model::SpikeRecord> spikes;
};

template <class Real>
Answer run(const model::ModelData& data, std::string_view target, std::span<const Real> input) {
  const auto arithmetic =
      sizeof(Real) == 4 ? runtime::Arithmetic::kFloat32 : runtime::Arithmetic::kFloat64;
  const auto model =
      runtime::Model::from(data, {.arithmetic = arithmetic, .target = std::string(target)});
  runtime::Session session(model, {.record_spikes = true});
  Answer answer;
  for (const double logit : session.run(input)) {
    answer.logits.push_back(std::bit_cast<std::uint64_t>(logit));
  }
  answer.spikes = session.spikes();
  return answer;
}

template <class Real>
void compare(const model::ModelData& data, const std::vector<Real>& input) {
  const Answer expected = run<Real>(data, "scalar", input);
  for (const runtime::TargetInfo& target : runtime::targets()) {
    if (!target.supported) continue;
    const Answer found = run<Real>(data, target.name, input);
    if (found.logits != expected.logits) {
      throw std::logic_error(std::string(target.name) + " kernels give other logits than scalar");
    }
    for (std::size_t k = 0; k < expected.spikes.size(); ++k) {
      if (found.spikes[k].spikes != expected.spikes[k].spikes) {
        throw std::logic_error(std::string(target.name) + " kernels spike otherwise than scalar");
      }
    }
  }
}

}  // namespace

void compare_kernels(const data::Bytes& bytes) {
  Draw draw(bytes);
  const model::NetworkSpec network = draw_network(draw);
  try {
    model::infer(network);
  } catch (const ShapeError&) {
    return;  // a window larger than the map
  }
  const auto seed = static_cast<std::uint64_t>(draw.byte());
  const model::ModelData data = model::fold(test::random_weights(network, seed));
  std::vector<double> input(static_cast<std::size_t>(network.input().shape.elements()));
  for (double& value : input) value = (draw.byte() - 128) / 64.0;
  compare(data, std::vector<float>(input.begin(), input.end()));
  compare(data, input);
}

}  // namespace trispike::fuzz
