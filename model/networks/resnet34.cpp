// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// ResNet-34 for ImageNet: resnet18 with more blocks.
#include "networks/resnet.h"

namespace trispike::model {

NetworkSpec build_resnet34(const NetworkOptions& options) {
  ResNetBuilder net("resnet34", options);
  const std::int64_t w = options.width;
  net.stem(w, 7, 2);
  net.stem_pool({.kernel = 3, .stride = 2, .padding = 1, .count_padding = true});
  net.stage(3, w, 1, Downsampling::kStride);
  net.stage(4, 2 * w, 2, Downsampling::kStride);
  net.stage(6, 4 * w, 2, Downsampling::kStride);
  net.stage(3, 8 * w, 2, Downsampling::kStride);
  return net.finish();
}

}  // namespace trispike::model
