// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A small relative of resnet20 for small pictures (28x28, 8x8): seven convolutions deep.
#include "networks/resnet.h"

namespace trispike::model {

NetworkSpec build_resnet8(const NetworkOptions& options) {
  ResNetBuilder net("resnet8", options);
  const std::int64_t w = options.width;
  net.stem(w, 3, 1);
  net.stem_pool({.kernel = 2, .stride = 2, .ceil_mode = true});
  net.stage(1, w, 1, Downsampling::kPool);
  net.stage(1, 2 * w, 2, Downsampling::kPool);
  net.stage(1, 4 * w, 2, Downsampling::kPool);
  return net.finish();
}

}  // namespace trispike::model
