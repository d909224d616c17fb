// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The operations behind apply() that change colours and leave every pixel where it is.
#pragma once

#include "trispike/data/image.h"

namespace trispike::data {

Image adjust_color(const Image& image, double factor);
Image adjust_contrast(const Image& image, double factor);
Image adjust_brightness(const Image& image, double factor);
Image adjust_sharpness(const Image& image, double factor);
Image solarize(const Image& image, double threshold);
Image posterize(const Image& image, int bits);
Image equalize(const Image& image);
Image autocontrast(const Image& image);
Image invert(const Image& image);

}  // namespace trispike::data
