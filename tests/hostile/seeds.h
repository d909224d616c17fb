// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Small good files of every kind, from which damaged ones are made.
#pragma once

#include <string>
#include <vector>

#include "data/fixtures.h"
#include "trispike/model/network.h"

namespace trispike::hostile {

using data::Bytes;
using data::operator+;

std::vector<Bytes> model_seeds();
std::vector<Bytes> checkpoint_seeds();
std::vector<Bytes> safetensors_seeds();
/// A network that takes 4x4 pictures, or frames of them, and files with input for it.
model::NetworkSpec input_tensor_network(model::InputKind kind);
std::vector<Bytes> input_tensor_seeds(model::InputKind kind);
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
std::vector<Bytes> cifar100_name_seeds();
std::vector<Bytes> tar_seeds();
std::vector<Bytes> event_list_seeds();
std::vector<Bytes> class_list_seeds();
/// Lists for data::make_image_folder with two classes.
std::vector<Bytes> folder_class_seeds();

std::vector<Bytes> event_seeds(const std::string& format);
std::vector<Bytes> event_label_seeds();
std::vector<Bytes> event_tar_seeds();
/// Recordings that may be called airplane/cifar10_airplane_0.aedat, which is one of the test set.
std::vector<Bytes> cifar10_dvs_seeds();
std::vector<Bytes> cifar10_dvs_tar_seeds();
/// Of a folder of DVS128 Gesture: the recording, its labels, the list of those that test.
std::vector<Bytes> gesture_seeds();
std::vector<Bytes> gesture_label_seeds();
std::vector<Bytes> gesture_list_seeds();
std::vector<Bytes> official_weight_seeds();
std::vector<Bytes> torch_seeds();

}  // namespace trispike::hostile
