// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// An input map of event counts, as the lists of events that the gather kernels read: a count of n
// at some channel and position stands n times in that position's list.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>

#include "kernels/kernels.h"
#include "src/aligned.h"
#include "src/plan.h"
#include "trispike/model/error.h"
#include "trispike/model/network.h"

namespace trispike::runtime {

class InputEvents {
 public:
  /// With room for one event at every place of the map, of which each may have up to `most_events`.
  InputEvents(const model::MapShape& shape, std::int64_t most_events)
      : shape_(shape), most_of_place_(most_events) {
    positive_.resize(positions());
    negative_.resize(positions());
    reserve(shape.channels);
  }

  EventView view() const { return {channels_.data(), positive_.data(), negative_.data(), room_}; }
  std::int64_t room() const { return room_; }  ///< events of one position

  /// Lists the events of `map` [C, H, W]. Returns whether the lists have moved, which happens only
  /// if a position has more events than any before. Throws ShapeError, and leaves the lists as they
  /// are, if a number is no count of events or a position has too many.
  template <class T>
  bool set(std::span<const T> map) {
    const std::int64_t needed = check(map);
    const bool grows = needed > room_;
    if (grows) reserve(std::max(needed, std::min(2 * room_, kMaxInputEvents)));
    std::fill(positive_.begin(), positive_.end(), std::uint16_t{0});
    for (std::int64_t c = 0; c < shape_.channels; ++c) {
      const T* count = map.data() + c * std::ssize(positive_);
      for (std::size_t p = 0; p < positive_.size(); ++p) {
        std::uint16_t* list = channels_.data() + std::int64_t(p) * room_ + positive_[p];
        const auto n = static_cast<std::uint16_t>(count[p]);
        std::fill_n(list, n, static_cast<std::uint16_t>(c));
        positive_[p] = static_cast<std::uint16_t>(positive_[p] + n);
      }
    }
    return grows;
  }

 private:
  static constexpr std::int64_t kMostRoom = std::int64_t{1} << 27;  // of all positions: 256 MiB

  std::size_t positions() const { return static_cast<std::size_t>(shape_.height * shape_.width); }

  /// The most events of any position.
  template <class T>
  std::int64_t check(std::span<const T> map) const {
    const auto area = static_cast<std::int64_t>(positions());
    double most = 0;
    for (std::int64_t p = 0; p < area; ++p) {
      double events = 0;
      for (std::int64_t c = 0; c < shape_.channels; ++c) {
        const double count = map[static_cast<std::size_t>(c * area + p)];
        // Comparisons with a NaN are false.
        if (!(count >= 0 && count <= double(most_of_place_) && count == std::floor(count))) {
          throw ShapeError("input", "got " + std::to_string(count) + at(p) + ", channel " +
                                        std::to_string(c) +
                                        "; event input takes whole numbers of events, 0 to " +
                                        std::to_string(most_of_place_));
        }
        events += count;
      }
      const bool fits =
          events <= double(kMaxInputEvents) && events * double(area) <= double(kMostRoom);
      if (!fits && events > double(shape_.channels)) {
        throw ShapeError("input", "got " + std::to_string(std::int64_t(events)) + " events" +
                                      at(p) + ", more than the runtime takes");
      }
      most = std::max(most, events);
    }
    return static_cast<std::int64_t>(most);
  }

  std::string at(std::int64_t position) const {
    return " at row " + std::to_string(position / shape_.width) + ", column " +
           std::to_string(position % shape_.width);
  }

  void reserve(std::int64_t room) {
    room_ = room;
    // Vector kernels read whole vectors of a list, also of the last one.
    channels_.resize(positions() * static_cast<std::size_t>(room) + kListSlack);
  }

  model::MapShape shape_;
  std::int64_t most_of_place_;
  std::int64_t room_ = 0;
  AlignedVector<std::uint16_t> channels_;  // [positions][room]
  AlignedVector<std::uint16_t> positive_;  // [positions] events
  AlignedVector<std::uint16_t> negative_;  // [positions], all 0
};

}  // namespace trispike::runtime
