// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Models out of other programs' weights, and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trispike/model/model_data.h"
#include "trispike/model/networks.h"
#include "trispike/model/safetensors.h"

namespace trispike::interop {

/// What weights do not tell.
struct ImportOptions {
  std::string layout;        ///< name of a Layout
  std::string network;       ///< name of a network; its width follows from the weights
  model::NeuronKind spikes;  ///< with the constants of the preset `official_code`
  int time_steps = 0;
  std::int64_t num_classes = 0;    ///< 0: as many as the weights have
  model::MapShape input{0, 0, 0};  ///< zeros: the network's own default
  model::InputKind input_kind = model::InputKind::kStatic;
  model::Preprocessing preprocessing;
};

struct ImportResult {
  model::ModelData model;           ///< stage `trained`
  std::vector<std::string> unused;  ///< tensors of the file that the network has no use for
};

/// `weights`: a StateDict's tensors. Renames, checks every shape and converts BF16 to F32; F32 and
/// F64 stay as they are. `file` is for messages. Throws ConfigError for an option, Error naming the
/// tensors that are missing or have another shape than the network needs, FormatError for numbers
/// that are not finite.
ImportResult import_model(model::TensorMap weights, const ImportOptions& options,
                          const std::string& file);

/// The tensors of a trained model under the names of a layout, bits unchanged; the metadata say
/// what the weights do not (`trispike.layout`, `trispike.network`). Throws ConfigError for an
/// unknown layout, Error if the model is not of stage `trained` or the layout cannot express it.
model::Safetensors export_weights(const model::ModelData& model, std::string_view layout);

}  // namespace trispike::interop
