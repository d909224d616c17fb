// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Classifies what an event camera sees, as it sees it: plays a recording in its own time, shows the
// network a frame of each window of events when that window ends, and prints a decision after every
// T of them, or earlier where the margin is clear.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "trispike/data/events.h"
#include "trispike/data/frames.h"
#include "trispike/model/error.h"
#include "trispike/runtime/runtime.h"

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr const char* kUsage =
    "usage: stream MODEL RECORDING [WINDOW_MS [SPEED [MARGIN]]]\n"
    "WINDOW_MS: of one frame (default: that of the model, else 20); SPEED: 1 is the recording's "
    "own time (default); MARGIN: "
    "of the best\nmean score over the second best, at which a decision is taken before the last "
    "time step (default: none)\n";

double number(int argc, char** argv, int index, double otherwise) {
  if (index >= argc) return otherwise;
  char* end = nullptr;
  const double value = std::strtod(argv[index], &end);
  if (*end != '\0' || !(value > 0)) {
    throw trispike::ConfigError("argument " + std::to_string(index),
                                "is '" + std::string(argv[index]) + "', expected a number above 0");
  }
  return value;
}

/// The mean scores of a decision on its way.
class Decision {
 public:
  void add(std::span<const double> scores) {
    sums_.resize(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) sums_[i] += scores[i];
    ++steps_;
  }
  int steps() const { return steps_; }
  std::size_t best() const {
    return static_cast<std::size_t>(std::max_element(sums_.begin(), sums_.end()) - sums_.begin());
  }
  double margin() const { return trispike::runtime::margin(sums_) / steps_; }

 private:
  std::vector<double> sums_;
  int steps_ = 0;
};

class Stream {
 public:
  Stream(const trispike::runtime::Model& model, double window_us, double speed, double margin)
      : model_(model), session_(model), window_us_(window_us), speed_(speed), margin_(margin) {
    const auto& shape = model.network().input().shape;
    frames_.height = static_cast<int>(shape.height);
    frames_.width = static_cast<int>(shape.width);
    if (const auto& trained = model.preprocessing().frames) {  // what recordings do not say
      frames_.resize = trispike::data::frame_resize_from_string(trained->resize);
      frames_.sensor_height = trained->sensor_height;
      frames_.sensor_width = trained->sensor_width;
    }
    if (shape.channels != trispike::data::kFrameChannels ||
        model.network().input().kind == trispike::model::InputKind::kStatic) {
      throw trispike::ConfigError("MODEL", "is not shown frames of events, one per polarity");
    }
  }

  void play(trispike::data::EventReader& reader) {
    window_.width = reader.width();
    window_.height = reader.height();
    std::array<trispike::data::Event, 4096> part;
    const Clock::time_point start = Clock::now();
    std::int64_t first = 0;
    for (std::size_t count = 0; (count = reader.read(part)) > 0;) {
      if (windows_ == 0 && window_.events.empty()) first = part[0].t;
      for (std::size_t i = 0; i < count; ++i) {
        while (double(part[i].t - first) >= double(windows_ + 1) * window_us_) end_window(start);
        window_.events.push_back(part[i]);
      }
    }
    end_window(start);
  }

  void print_latencies() {
    std::sort(latencies_us_.begin(), latencies_us_.end());
    const auto quantile = [&](double q) {
      return latencies_us_[static_cast<std::size_t>(q * double(latencies_us_.size() - 1))];
    };
    std::printf(
        "%zu windows, latency from the end of a window: median %.0f us, 90 %% %.0f us, "
        "99 %% %.0f us, most %.0f us\n",
        latencies_us_.size(), quantile(0.5), quantile(0.9), quantile(0.99), quantile(1));
  }

 private:
  void end_window(Clock::time_point start) {
    ++windows_;
    const auto due = start + std::chrono::duration_cast<Clock::duration>(
                                 Microseconds(double(windows_) * window_us_ / speed_));
    std::this_thread::sleep_until(due);
    const std::vector<float> frame = trispike::data::make_frames(window_, frames_);
    window_.events.clear();
    decision_.add(session_.step(std::span<const float>(frame)));
    const bool decided = decision_.steps() == model_.network().time_steps ||
                         (margin_ > 0 && decision_.margin() >= margin_);
    latencies_us_.push_back(Microseconds(Clock::now() - due).count());
    if (!decided) return;
    const auto& names = model_.class_names();
    std::printf("%8.3f s  class %zu%s%s after %d time steps, margin %.3f, %.0f us\n",
                double(windows_) * window_us_ / 1e6, decision_.best(), names.empty() ? "" : " ",
                names.empty() ? "" : names[decision_.best()].c_str(), decision_.steps(),
                decision_.margin(), latencies_us_.back());
    decision_ = {};
    session_.reset();
  }

  const trispike::runtime::Model& model_;
  trispike::runtime::Session session_;
  const double window_us_;
  const double speed_;
  const double margin_;  // 0: none
  trispike::data::FrameOptions frames_;
  trispike::data::EventRecording window_;
  std::int64_t windows_ = 0;
  Decision decision_;
  std::vector<double> latencies_us_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 6) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  try {
    const auto model = trispike::runtime::Model::load(argv[1]);
    const auto& trained = model.preprocessing().frames;
    const double window_ms =
        trained && trained->window_us > 0 ? double(trained->window_us) / 1000 : 20;
    const double window_us = 1000 * number(argc, argv, 3, window_ms);
    const double speed = number(argc, argv, 4, 1);
    const double margin = number(argc, argv, 5, 0);
    const auto reader = trispike::data::open_events(argv[2]);
    Stream stream(model, window_us, speed, margin);
    stream.play(*reader);
    stream.print_latencies();
  } catch (const trispike::ConfigError& error) {
    std::fprintf(stderr, "stream: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stream: %s\n", error.what());
    return 1;
  }
}
