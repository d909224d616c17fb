// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The paper's "modified" ResNet-20: three convolutions before the first pooling, four stages.
#include "networks/resnet.h"

namespace trispike::model {

NetworkSpec build_resnet20(const NetworkOptions& options) {
  ResNetBuilder net("resnet20", options);
  const std::int64_t w = options.width;
  for (int i = 0; i < 3; ++i) net.stem(w, 3, 1);
  net.stem_pool({.kernel = 2, .stride = 2, .ceil_mode = true});
  net.stage(2, w, 1, Downsampling::kPool);
  net.stage(2, 2 * w, 2, Downsampling::kPool);
  net.stage(2, 4 * w, 2, Downsampling::kPool);
  net.stage(2, 8 * w, 2, Downsampling::kPool);
  return net.finish();
}

}  // namespace trispike::model
