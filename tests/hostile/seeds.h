// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Small good files of every kind, from which damaged ones are made.
#pragma once

#include <string>
#include <vector>

#include "data/fixtures.h"

namespace trispike::hostile {

using data::Bytes;
using data::operator+;

std::vector<Bytes> model_seeds();
std::vector<Bytes> checkpoint_seeds();
std::vector<Bytes> safetensors_seeds();
std::vector<Bytes> network_seeds();
std::vector<Bytes> recipe_seeds();

std::vector<Bytes> jpeg_seeds();
std::vector<Bytes> png_seeds();

std::vector<Bytes> idx_image_seeds();
std::vector<Bytes> idx_gzip_seeds();
std::vector<Bytes> idx_label_seeds();
std::vector<Bytes> cifar10_seeds();
std::vector<Bytes> cifar10_name_seeds();
std::vector<Bytes> cifar100_seeds();
std::vector<Bytes> tar_seeds();
std::vector<Bytes> event_list_seeds();
std::vector<Bytes> class_list_seeds();

std::vector<Bytes> event_seeds(const std::string& format);
std::vector<Bytes> event_label_seeds();
std::vector<Bytes> official_weight_seeds();
std::vector<Bytes> torch_seeds();

}  // namespace trispike::hostile
