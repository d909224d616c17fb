// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The geometric operations behind apply(). Places that come from outside the picture are grey 128.
#pragma once

#include "trispike/data/image.h"

namespace trispike::data {

Image shear_x(const Image& image, double factor);
Image shear_y(const Image& image, double factor);
Image translate(const Image& image, double dx, double dy);
Image rotate(const Image& image, double degrees);

}  // namespace trispike::data
