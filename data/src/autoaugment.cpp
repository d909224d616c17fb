// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The operations by name, and the policy AutoAugment found for CIFAR-10.
#include <cmath>
#include <stdexcept>

#include "src/enhance.h"
#include "src/geometry.h"
#include "trispike/data/augment.h"

namespace trispike::data {
namespace {

using enum Operation;

constexpr OperationEntry kOperations[] = {
    {"shear_x", kShearX},
    {"shear_y", kShearY},
    {"translate_x", kTranslateX},
    {"translate_y", kTranslateY},
    {"rotate", kRotate},
    {"color", kColor},
    {"contrast", kContrast},
    {"brightness", kBrightness},
    {"sharpness", kSharpness},
    {"solarize", kSolarize},
    {"posterize", kPosterize},
    {"equalize", kEqualize},
    {"autocontrast", kAutocontrast},
    {"invert", kInvert},
};

constexpr PolicyPair kCifar10Pairs[] = {
    {{{kInvert, 0.1, 0}, {kContrast, 0.2, 6}}},
    {{{kRotate, 0.7, 2}, {kTranslateX, 0.3, 9}}},
    {{{kSharpness, 0.8, 1}, {kSharpness, 0.9, 3}}},
    {{{kShearY, 0.5, 8}, {kTranslateY, 0.7, 9}}},
    {{{kAutocontrast, 0.5, 0}, {kEqualize, 0.9, 0}}},
    {{{kShearY, 0.2, 7}, {kPosterize, 0.3, 7}}},
    {{{kColor, 0.4, 3}, {kBrightness, 0.6, 7}}},
    {{{kSharpness, 0.3, 9}, {kBrightness, 0.7, 9}}},
    {{{kEqualize, 0.6, 0}, {kEqualize, 0.5, 0}}},
    {{{kContrast, 0.6, 7}, {kSharpness, 0.6, 5}}},
    {{{kColor, 0.7, 7}, {kTranslateX, 0.5, 8}}},
    {{{kEqualize, 0.3, 0}, {kAutocontrast, 0.4, 0}}},
    {{{kTranslateY, 0.4, 3}, {kSharpness, 0.2, 6}}},
    {{{kBrightness, 0.9, 6}, {kColor, 0.2, 8}}},
    {{{kSolarize, 0.5, 2}, {kInvert, 0.0, 0}}},
    {{{kEqualize, 0.2, 0}, {kAutocontrast, 0.6, 0}}},
    {{{kEqualize, 0.2, 0}, {kEqualize, 0.8, 0}}},
    {{{kColor, 0.9, 9}, {kEqualize, 0.6, 0}}},
    {{{kAutocontrast, 0.8, 0}, {kSolarize, 0.2, 8}}},
    {{{kBrightness, 0.1, 3}, {kColor, 0.7, 0}}},
    {{{kSolarize, 0.4, 5}, {kAutocontrast, 0.9, 0}}},
    {{{kTranslateY, 0.9, 9}, {kTranslateY, 0.7, 9}}},
    {{{kAutocontrast, 0.9, 0}, {kSolarize, 0.8, 3}}},
    {{{kEqualize, 0.8, 0}, {kInvert, 0.1, 0}}},
    {{{kTranslateY, 0.7, 9}, {kAutocontrast, 0.9, 0}}},
};

}  // namespace

std::span<const OperationEntry> operations() { return kOperations; }

std::span<const PolicyPair> autoaugment_cifar10() { return kCifar10Pairs; }

double policy_value(Operation operation, int magnitude, bool negative, int side) {
  const double fraction = magnitude / 9.0;
  const double sign = negative ? -1.0 : 1.0;
  switch (operation) {
    case kShearX:
    case kShearY:
      return sign * 0.3 * fraction;
    case kTranslateX:
    case kTranslateY:
      return sign * (150.0 / 331.0) * fraction * side;
    case kRotate:
      return 30.0 * fraction;
    case kColor:
    case kContrast:
    case kBrightness:
    case kSharpness:
      return 1.0 + sign * 0.9 * fraction;
    case kSolarize:
      return 256.0 * (1.0 - fraction);
    case kPosterize:
      return std::round(8.0 - 4.0 * fraction);
    case kEqualize:
    case kAutocontrast:
    case kInvert:
      return 0.0;
  }
  throw std::logic_error("policy_value: unknown operation");
}

Image apply(Operation operation, const Image& image, double value) {
  switch (operation) {
    case kShearX:
      return shear_x(image, value);
    case kShearY:
      return shear_y(image, value);
    case kTranslateX:
      return translate(image, value, 0.0);
    case kTranslateY:
      return translate(image, 0.0, value);
    case kRotate:
      return rotate(image, value);
    case kColor:
      return adjust_color(image, value);
    case kContrast:
      return adjust_contrast(image, value);
    case kBrightness:
      return adjust_brightness(image, value);
    case kSharpness:
      return adjust_sharpness(image, value);
    case kSolarize:
      return solarize(image, value);
    case kPosterize:
      return posterize(image, static_cast<int>(value));
    case kEqualize:
      return equalize(image);
    case kAutocontrast:
      return autocontrast(image);
    case kInvert:
      return invert(image);
  }
  throw std::logic_error("apply: unknown operation");
}

}  // namespace trispike::data
