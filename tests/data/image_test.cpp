// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/image.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "trispike/data/error.h"

namespace trispike::data {
namespace {

Image grey_picture(int height, int width, std::vector<std::uint8_t> pixels) {
  Image image(1, height, width);
  image.pixels = std::move(pixels);
  return image;
}

TEST(Image, LumaFollowsItuR601) {
  Image image(3, 1, 4);
  image.pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30};
  // 0.299 * 255 = 76.2, 0.587 * 255 = 149.7, 0.114 * 255 = 29.07, 2.99 + 11.74 + 3.42 = 18.15
  EXPECT_EQ(convert_channels(image, 1).pixels, (std::vector<std::uint8_t>{76, 150, 29, 18}));
}

TEST(Image, GreyBecomesColourByRepetition) {
  EXPECT_EQ(convert_channels(grey_picture(1, 2, {5, 9}), 3).pixels,
            (std::vector<std::uint8_t>{5, 5, 5, 9, 9, 9}));
}

TEST(Image, CropFillsWithZero) {
  const Image image = grey_picture(2, 3, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(crop(image, -1, 1, 3, 3).pixels,
            (std::vector<std::uint8_t>{0, 0, 0, 2, 3, 0, 5, 6, 0}));
  EXPECT_EQ(crop(image, 0, -2, 2, 3).pixels, (std::vector<std::uint8_t>{0, 0, 1, 0, 0, 4}));
  EXPECT_EQ(crop(image, 5, 0, 1, 2).pixels, (std::vector<std::uint8_t>{0, 0}));
  EXPECT_EQ(crop(image, 0, 7, 1, 2).pixels, (std::vector<std::uint8_t>{0, 0}));
  EXPECT_EQ(crop(image, 0, -7, 1, 2).pixels, (std::vector<std::uint8_t>{0, 0}));
}

TEST(Image, ResizeEqualsPillow) {
  for (const GoldenCase& item : golden_cases("resize")) {
    const Image resized = resize(golden_source(item.source), item.image.height, item.image.width);
    EXPECT_EQ(resized, item.image)
        << item.source << " to " << item.image.height << "x" << item.image.width;
  }
}

TEST(Image, FitToTakesTheCentre) {
  const Image image = grey_picture(2, 4, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(fit_to(image, 1, 2, 2).pixels, (std::vector<std::uint8_t>{2, 3, 6, 7}));
  EXPECT_EQ(fit_to(image, 1, 2, 4), image);
  const Image colour = fit_to(image, 3, 4, 4);
  EXPECT_EQ(colour.channels, 3);
  EXPECT_EQ(colour.height, 4);
  EXPECT_EQ(colour.width, 4);
  // A line of one pixel has a centre of one pixel.
  EXPECT_EQ(fit_to(grey_picture(1, 3, {10, 20, 30}), 1, 2, 2).pixels,
            (std::vector<std::uint8_t>{20, 20, 20, 20}));
}

TEST(Image, NormaliseGivesBothLayouts) {
  Image image(3, 1, 2);
  image.pixels = {0, 51, 102, 153, 204, 255};
  const Normalisation normalisation{{0.0, 0.2, 0.5}, {1.0, 0.5, 0.1}};
  std::vector<float> out(6);
  normalise_into(image, normalisation, false, out);
  const std::vector<float> planes = {0.0f, 0.6f, 0.0f, 1.2f, -1.0f, 5.0f};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(out[i], planes[i], 1e-6) << i;
  normalise_into(image, normalisation, true, out);
  const std::vector<float> pixels = {0.0f, 0.0f, -1.0f, 0.6f, 1.2f, 5.0f};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(out[i], pixels[i], 1e-6) << i;
}

TEST(Image, NormaliseRefusesWhatDoesNotFit) {
  const Image image(3, 1, 1);
  std::vector<float> out(3);
  EXPECT_THROW(normalise_into(image, {{0.5}, {0.5}}, false, out), DataError);
  EXPECT_THROW(normalise_into(image, {{0.5, 0.5, 0.5}, {0.5}}, false, out), DataError);
  EXPECT_THROW(normalise_into(image, {{0.5, 0.5, 0.5}, {0.5, 0.0, 0.5}}, false, out), DataError);
  EXPECT_THROW(normalise_into(image, {}, false, out), DataError);
}

}  // namespace
}  // namespace trispike::data
