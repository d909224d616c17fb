// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// ResNet-19: wide, three stages at full resolution, no pooling in the stem.
#include "networks/resnet.h"

namespace trispike::model {

NetworkSpec build_resnet19(const NetworkOptions& options) {
  ResNetBuilder net("resnet19", options);
  const std::int64_t w = options.width;
  net.stem(w, 3, 1);
  net.stage(3, w, 1, Downsampling::kStride);
  net.stage(3, 2 * w, 2, Downsampling::kStride);
  net.stage(2, 4 * w, 2, Downsampling::kStride);
  return net.finish();
}

}  // namespace trispike::model
