// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/event_dataset.h"

#include <algorithm>
#include <array>
#include <optional>

#include "trispike/data/frames.h"

namespace trispike::data {
namespace {

constexpr std::int64_t kSizeSamples = 64;

struct SensorSize {
  int width;
  int height;
};

/// Of N-MNIST, DVS128, DAVIS240, ATIS, DAVIS346, Gen 3 VGA, Gen 4 HD; rising.
constexpr std::array<SensorSize, 7> kUsualSensors{
    {{34, 34}, {128, 128}, {240, 180}, {304, 240}, {346, 260}, {640, 480}, {1280, 720}}};

SensorSize smallest_sensor(int max_x, int max_y) {
  for (const SensorSize& sensor : kUsualSensors) {
    if (max_x < sensor.width && max_y < sensor.height) return sensor;
  }
  return {max_x + 1, max_y + 1};
}

}  // namespace

EventDataset::EventDataset(std::string_view format, Split split) : Dataset(format, split) {
  has_events_ = true;
  channels_ = kFrameChannels;
  normalisation_ = {{0.0, 0.0}, {1.0, 1.0}};
}

Image EventDataset::image(std::int64_t i) const {
  throw DataError(name(i), "", "is a recording of events, not a picture");
}

void EventDataset::measure() {
  const std::int64_t samples = std::min(size(), kSizeSamples);
  std::optional<DataError> damage;
  int max_x = -1;
  int max_y = -1;
  for (std::int64_t k = 0; k < samples; ++k) {
    try {
      const EventRecording recording = events(k * size() / samples);
      if (recording.width > 0 && recording.height > 0) {
        width_ = recording.width;
        height_ = recording.height;
        return;
      }
      for (const Event& event : recording.events) {
        max_x = std::max<int>(max_x, event.x);
        max_y = std::max<int>(max_y, event.y);
      }
    } catch (const DataError& error) {
      damage = error;
    }
  }
  if (max_x < 0 && damage) throw *damage;
  const SensorSize sensor = smallest_sensor(max_x, max_y);
  width_ = sensor.width;
  height_ = sensor.height;
}

EventRecording EventTreeDataset::events(std::int64_t i) const {
  return read_recording(*open_events(tree_.read(*recordings_[i].entry), name(i)));
}

EventRecording read_recording(EventReader& reader) {
  EventRecording recording;
  recording.events = read_events(reader);
  recording.width = reader.width();
  recording.height = reader.height();
  return recording;
}

}  // namespace trispike::data
