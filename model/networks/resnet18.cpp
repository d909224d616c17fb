// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// ResNet-18 for ImageNet. The stem pool always divides by 9, at the border too.
#include "networks/resnet.h"

namespace trispike::model {

NetworkSpec build_resnet18(const NetworkOptions& options) {
  ResNetBuilder net("resnet18", options);
  const std::int64_t w = options.width;
  net.stem(w, 7, 2);
  net.stem_pool({.kernel = 3, .stride = 2, .padding = 1, .count_padding = true});
  net.stage(2, w, 1, Downsampling::kStride);
  net.stage(2, 2 * w, 2, Downsampling::kStride);
  net.stage(2, 4 * w, 2, Downsampling::kStride);
  net.stage(2, 8 * w, 2, Downsampling::kStride);
  return net.finish();
}

}  // namespace trispike::model
