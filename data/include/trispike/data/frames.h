// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Events to frames: how many events of each polarity each pixel sent, in each of several slices of
// a recording. Slices are those of SpikingJelly and of Tonic; docs/event-data.md says which option
// gives which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "trispike/data/random.h"
#include "trispike/data/recording.h"

namespace trispike::data {

/// Events [begin, end) of a recording.
struct EventSlice {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const EventSlice&) const = default;
};

enum class SliceBy {
  kCountBins,  ///< `size` slices of equally many events
  kTimeBins,   ///< `size` slices of equal duration
  kCount,      ///< slices of `size` events
  kWindow      ///< slices of `size` microseconds, from the first event on
};

struct Slicing {
  SliceBy by = SliceBy::kCountBins;
  std::int64_t size = 1;  ///< slices, events or microseconds; > 0
  /// The last slice takes the events that are left over; else they are left out.
  bool keep_rest = true;
  /// What a slice shares with the one before: events (kCount) or microseconds (kWindow), below
  /// `size`; of bins a part in [0, 1), which makes them longer instead.
  double overlap = 0;
  /// kCount, kWindow: a last slice that is not full is there, too.
  bool keep_incomplete = false;
};

/// The slices of events in the order of their time (equal times are allowed). Bins are always
/// `size` slices, some of them perhaps empty. Throws DataError if an option is out of range, or if
/// there would be more than 2^20 slices.
std::vector<EventSlice> slice_events(std::span<const Event> events, const Slicing& slicing);

/// How the events of a network's T time steps are told apart.
enum class FramesBy {
  kCount,  ///< T slices of equally many events
  kTime,   ///< T slices of equal duration
  kWindow  ///< T windows of `window_us`; later events are left out, missing ones are empty
};

/// How the sensor's pixels become those of smaller or larger frames.
enum class FrameResize {
  kSum,      ///< each event is counted at its scaled place: whole numbers, no event is lost
  kNearest,  ///< every so many-th pixel, as torch's interpolate(mode="nearest"): whole numbers
  kBilinear  ///< with antialiasing, as torchvision and Pillow: real numbers
};

/// Words of recipes and model files: "count", "time", "window"; "sum", "nearest", "bilinear". The
/// second of each pair throws DataError for another word.
std::string_view to_string(FramesBy by);
FramesBy frames_by_from_string(std::string_view word);
std::string_view to_string(FrameResize resize);
FrameResize frame_resize_from_string(std::string_view word);

/// How a recording becomes the frames of a network.
struct FrameOptions {
  int time_steps = 1;  ///< T, 1 to 1024
  FramesBy by = FramesBy::kCount;
  std::int64_t window_us = 0;  ///< of kWindow, > 0
  bool from_zero = false;      ///< kWindow: the first one starts at time 0, not at the first event
  bool keep_rest = true;       ///< kCount, kTime: as in Slicing
  int height = 0;              ///< of a frame; 0: the sensor's
  int width = 0;               ///< of a frame; 0: the sensor's
  FrameResize resize = FrameResize::kSum;
  int sensor_height = 0;  ///< of recordings that do not say; 0: there are none
  int sensor_width = 0;
  bool operator==(const FrameOptions&) const = default;
};

inline constexpr int kFrameChannels = 2;  ///< polarity bit 0, polarity bit 1

/// Throws DataError if an option is out of range.
void validate(const FrameOptions& options);

/// [T, 2, H, W]: numbers of events. Events out of the order of their times are sorted first, unless
/// slices are by count. Throws DataError as validate(), or if an event lies outside the sensor.
std::vector<float> make_frames(const EventRecording& recording, const FrameOptions& options);

/// Random changes of training frames, the same for all frames of a sample: left-right flip with
/// probability 0.5 (if `flip`), then a cyclic shift by up to `roll` pixels in each direction.
/// `frames` is [maps, height, width].
void augment_frames(std::span<float> frames, int height, int width, bool flip, int roll,
                    Random& random);

}  // namespace trispike::data
