// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Cameras that headers name without telling their size.
#pragma once

#include <string_view>

namespace trispike::data {

struct SensorSize {
  int width = 0;  ///< 0 if unknown
  int height = 0;
};

/// Of the camera named in `text`, in lower case: "dvs128", "...davis.davis240c", "davis346blue".
inline SensorSize sensor_size(std::string_view text) {
  struct Camera {
    std::string_view name;
    SensorSize size;
  };
  constexpr Camera kCameras[] = {
      {"dvs128", {128, 128}},   {"davis128", {128, 128}}, {"davis208", {208, 192}},
      {"davis240", {240, 180}}, {"davis346", {346, 260}}, {"davis640", {640, 480}},

  };
  for (const Camera& camera : kCameras) {
    if (text.find(camera.name) != std::string_view::npos) return camera.size;
  }
  return {};
}

}  // namespace trispike::data
