// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/frames.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "src/frame_resize.h"
#include "trispike/data/error.h"

namespace trispike::data {
namespace {

constexpr std::int64_t kMaxSlices = 1 << 20;
constexpr int kMaxTimeSteps = 1024;
constexpr int kMaxSide = 1 << 14;
/// Far above what any network takes: 1 GiB of numbers.
constexpr std::int64_t kMaxNumbers = std::int64_t{1} << 28;

void require(const char* name, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) {
    throw DataError(std::string("frames: ") + name, "",
                    "is " + std::to_string(value) + ", expected " + std::to_string(low) + " to " +
                        std::to_string(high));
  }
}

/// Index of the first event not before `time`.
std::size_t at_or_after(std::span<const Event> events, double time) {
  const auto found = std::ranges::partition_point(
      events, [time](const Event& event) { return static_cast<double>(event.t) < time; });
  return static_cast<std::size_t>(found - events.begin());
}

std::vector<EventSlice> bins_of_count(std::span<const Event> events, const Slicing& slicing) {
  const auto share = static_cast<double>(static_cast<std::int64_t>(events.size()) / slicing.size);
  const auto length = static_cast<std::size_t>(share * (1 + slicing.overlap));
  const auto stride = static_cast<std::size_t>(static_cast<double>(length) * (1 - slicing.overlap));
  std::vector<EventSlice> slices;
  for (std::size_t i = 0; i < static_cast<std::size_t>(slicing.size); ++i) {
    const std::size_t begin = std::min(i * stride, events.size());
    slices.push_back({begin, std::min(begin + length, events.size())});
  }
  return slices;
}

std::vector<EventSlice> bins_of_time(std::span<const Event> events, const Slicing& slicing) {
  std::vector<EventSlice> slices(static_cast<std::size_t>(slicing.size));
  if (events.empty()) return slices;
  const std::int64_t first = events.front().t;
  const auto share = static_cast<double>((events.back().t - first) / slicing.size);
  const double window = share * (1 + slicing.overlap);
  const double stride = window * (1 - slicing.overlap);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double start = static_cast<double>(i) * stride + static_cast<double>(first);
    slices[i] = {at_or_after(events, start), at_or_after(events, start + window)};
  }
  return slices;
}

/// How many slices of `size`, `stride` apart, lie within `extent`: at least one.
std::int64_t slices_within(double extent, const Slicing& slicing) {
  const double stride = static_cast<double>(slicing.size) - slicing.overlap;
  const double count = (extent - static_cast<double>(slicing.size)) / stride;
  const double whole = slicing.keep_incomplete ? std::ceil(count) : std::floor(count);
  if (whole >= static_cast<double>(kMaxSlices)) {
    throw DataError("frames: size", "",
                    "is " + std::to_string(slicing.size) + ", which gives more than " +
                        std::to_string(kMaxSlices) + " slices");
  }
  return std::max<std::int64_t>(static_cast<std::int64_t>(whole) + 1, 1);
}

std::vector<EventSlice> slices_of_count(std::span<const Event> events, const Slicing& slicing) {
  const double stride = static_cast<double>(slicing.size) - slicing.overlap;
  const std::int64_t count = slices_within(static_cast<double>(events.size()), slicing);
  std::vector<EventSlice> slices;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto begin = static_cast<std::size_t>(static_cast<double>(i) * stride);
    const std::size_t end = begin + static_cast<std::size_t>(slicing.size);
    slices.push_back({std::min(begin, events.size()), std::min(end, events.size())});
  }
  return slices;
}

std::vector<EventSlice> windows(std::span<const Event> events, const Slicing& slicing) {
  if (events.empty()) return {};
  const auto first = static_cast<double>(events.front().t);
  const double stride = static_cast<double>(slicing.size) - slicing.overlap;
  const std::int64_t count =
      slices_within(static_cast<double>(events.back().t - events.front().t), slicing);
  std::vector<EventSlice> slices;
  for (std::int64_t i = 0; i < count; ++i) {
    const double start = first + static_cast<double>(i) * stride;
    slices.push_back({at_or_after(events, start),
                      at_or_after(events, start + static_cast<double>(slicing.size))});
  }
  return slices;
}

std::vector<EventSlice> slices_of_frames(std::span<const Event> events,
                                         const FrameOptions& options) {
  if (options.by != FramesBy::kWindow) {
    const SliceBy by = options.by == FramesBy::kCount ? SliceBy::kCountBins : SliceBy::kTimeBins;
    return slice_events(events,
                        {.by = by, .size = options.time_steps, .keep_rest = options.keep_rest});
  }
  std::vector<EventSlice> slices(static_cast<std::size_t>(options.time_steps));
  const std::int64_t first = options.from_zero || events.empty() ? 0 : events.front().t;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double start = static_cast<double>(first) +
                         static_cast<double>(i) * static_cast<double>(options.window_us);
    slices[i] = {at_or_after(events, start),
                 at_or_after(events, start + static_cast<double>(options.window_us))};
  }
  return slices;
}

struct Sensor {
  int height;
  int width;
};

/// The recording's sensor, or that of recordings which do not say. All events lie inside.
Sensor sensor_of(const EventRecording& recording, const FrameOptions& options) {
  const bool known = recording.width > 0 && recording.height > 0;
  const Sensor sensor = known ? Sensor{recording.height, recording.width}
                              : Sensor{options.sensor_height, options.sensor_width};
  require("height of the sensor", sensor.height, 1, kMaxSide);
  require("width of the sensor", sensor.width, 1, kMaxSide);
  for (const Event& event : recording.events) {
    if (event.x >= sensor.width || event.y >= sensor.height) {
      throw DataError("frames: event", "",
                      "at x " + std::to_string(event.x) + ", y " + std::to_string(event.y) +
                          ", outside the sensor of " + std::to_string(sensor.width) + "x" +
                          std::to_string(sensor.height));
    }
  }
  return sensor;
}

/// Adds events to counts [2, height, width], each at its place scaled from the sensor's size.
void count_events(std::span<const Event> events, const Sensor& sensor, int height, int width,
                  std::span<float> frame) {
  const std::size_t area = std::size_t(height) * width;
  for (const Event& event : events) {
    const std::size_t y = std::size_t(event.y) * height / sensor.height;
    const std::size_t x = std::size_t(event.x) * width / sensor.width;
    frame[(event.p != 0 ? area : 0) + y * width + x] += 1.0F;
  }
}

constexpr std::array<std::string_view, 3> kFramesBy{"count", "time", "window"};
constexpr std::array<std::string_view, 3> kFrameResize{"sum", "nearest", "bilinear"};

template <class Words>
int index_of(const Words& words, std::string_view word, const char* what) {
  std::string all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return static_cast<int>(i);
    all.append(i == 0 ? "" : ", ").append(words[i]);
  }
  throw DataError(std::string("frames: ") + what, "",
                  "is '" + std::string(word) + "', expected one of " + all);
}

}  // namespace

std::string_view to_string(FramesBy by) { return kFramesBy.at(static_cast<std::size_t>(by)); }
FramesBy frames_by_from_string(std::string_view word) {
  return static_cast<FramesBy>(index_of(kFramesBy, word, "by"));
}
std::string_view to_string(FrameResize resize) {
  return kFrameResize.at(static_cast<std::size_t>(resize));
}
FrameResize frame_resize_from_string(std::string_view word) {
  return static_cast<FrameResize>(index_of(kFrameResize, word, "resize"));
}

std::vector<EventSlice> slice_events(std::span<const Event> events, const Slicing& slicing) {
  const bool bins = slicing.by == SliceBy::kCountBins || slicing.by == SliceBy::kTimeBins;
  require("size", slicing.size, 1, bins ? kMaxSlices : std::int64_t{1} << 40);
  const double limit = bins ? 1.0 : static_cast<double>(slicing.size);
  if (!(slicing.overlap >= 0 && slicing.overlap < limit)) {
    throw DataError("frames: overlap", "",
                    "is " + std::to_string(slicing.overlap) + ", expected a number in [0, " +
                        std::to_string(limit) + ")");
  }
  std::vector<EventSlice> slices;
  switch (slicing.by) {
    case SliceBy::kCountBins:
      slices = bins_of_count(events, slicing);
      break;
    case SliceBy::kTimeBins:
      slices = bins_of_time(events, slicing);
      break;
    case SliceBy::kCount:
      slices = slices_of_count(events, slicing);
      break;
    case SliceBy::kWindow:
      slices = windows(events, slicing);
  }
  if (slicing.keep_rest && !slices.empty()) slices.back().end = events.size();
  return slices;
}

void validate(const FrameOptions& options) {
  require("time_steps", options.time_steps, 1, kMaxTimeSteps);
  require("height", options.height, 0, kMaxSide);
  require("width", options.width, 0, kMaxSide);
  const bool windows = options.by == FramesBy::kWindow;
  require("sensor_height", options.sensor_height, 0, kMaxSide);
  require("sensor_width", options.sensor_width, 0, kMaxSide);
  require("window_us", options.window_us, windows ? 1 : 0, windows ? std::int64_t{1} << 40 : 0);
}

std::vector<float> make_frames(const EventRecording& recording, const FrameOptions& options) {
  validate(options);
  const Sensor sensor = sensor_of(recording, options);
  std::vector<Event> sorted;
  std::span<const Event> events = recording.events;
  const auto by_time = [](const Event& a, const Event& b) { return a.t < b.t; };
  if (options.by != FramesBy::kCount && !std::ranges::is_sorted(events, by_time)) {
    sorted = recording.events;
    std::ranges::stable_sort(sorted, by_time);
    events = sorted;
  }
  const int height = options.height != 0 ? options.height : sensor.height;
  const int width = options.width != 0 ? options.width : sensor.width;
  const bool in_place =
      options.resize == FrameResize::kSum || (height == sensor.height && width == sensor.width);
  const std::size_t size = std::size_t(kFrameChannels) * height * width;
  const std::size_t sensor_size = std::size_t(kFrameChannels) * sensor.height * sensor.width;
  require("numbers of a sample",
          static_cast<std::int64_t>(std::max(size * options.time_steps, sensor_size)), 1,
          kMaxNumbers);

  std::vector<float> frames(size * options.time_steps);
  std::vector<float> counts(in_place ? 0 : sensor_size);
  std::span<float> rest = frames;
  for (const EventSlice& slice : slices_of_frames(events, options)) {
    const std::span<const Event> part = events.subspan(slice.begin, slice.end - slice.begin);
    const std::span<float> frame = rest.first(size);
    rest = rest.subspan(size);
    if (in_place) {
      count_events(part, sensor, height, width, frame);
    } else {
      std::ranges::fill(counts, 0.0F);
      count_events(part, sensor, sensor.height, sensor.width, counts);
      resize_maps(options.resize, counts, sensor.height, sensor.width, frame, height, width);
    }
  }
  return frames;
}

void augment_frames(std::span<float> frames, int height, int width, bool flip, int roll,
                    Random& random) {
  const bool flipped = flip && random.below(2) == 1;
  const auto draw = [&](int side) {
    const std::uint64_t places = 2 * static_cast<std::uint64_t>(roll) + 1;
    const std::int64_t shift = static_cast<std::int64_t>(random.below(places)) - roll;
    return ((shift % side) + side) % side;
  };
  const std::int64_t down = draw(height);
  const std::int64_t right = draw(width);
  for (auto row = frames.begin(); flipped && row != frames.end(); row += width) {
    std::reverse(row, row + width);
  }
  if (down == 0 && right == 0) return;
  const std::ptrdiff_t area = std::ptrdiff_t(height) * width;
  for (auto map = frames.begin(); map != frames.end(); map += area) {
    for (auto row = map; row != map + area; row += width) {
      std::rotate(row, row + (width - right), row + width);
    }
    std::rotate(map, map + (height - down) * width, map + area);
  }
}

}  // namespace trispike::data
