// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "formats/formats.h"

namespace trispike::data {
namespace {

constexpr DatasetFormat kFormats[] = {
    {"idx", "MNIST family: folder with train-images-idx3-ubyte and so on, gzip or not", idx::probe,
     idx::splits, idx::open},
    {"cifar10", "CIFAR-10 binary version: folder with data_batch_1.bin to 5, test_batch.bin",
     cifar10::probe, cifar10::splits, cifar10::open},
    {"cifar100", "CIFAR-100 binary version: folder with train.bin, test.bin", cifar100::probe,
     cifar100::splits, cifar100::open},
    {"cifar100_coarse", "the same with its 20 coarse labels", cifar100_coarse::probe,
     cifar100_coarse::splits, cifar100_coarse::open},
    {"cifar10_dvs", "CIFAR10-DVS: folder or tar of <class>/cifar10_<class>_<number>.aedat",
     cifar10_dvs::probe, cifar10_dvs::splits, cifar10_dvs::open},
    {"dvs_gesture",
     "DVS128 Gesture: folder of <name>.aedat with <name>_labels.csv, trials_to_train.txt and so on",
     dvs_gesture::probe, dvs_gesture::splits, dvs_gesture::open},
    {"event_list", "text file that lists event recordings, whole or cut into windows",
     event_list::probe, event_list::splits, event_list::open},
    {"event_folder",
     "folder or tar of event recordings: [train/ and test/ or val/]<class>/<recording>",
     event_folder::probe, event_folder::splits, event_folder::open},
    {"image_folder", "folder or tar of JPEG and PNG: [train/ and test/ or val/]<class>/<picture>",
     image_folder::probe, image_folder::splits, image_folder::open},
};

}  // namespace

std::span<const DatasetFormat> dataset_formats() { return kFormats; }

Normalisation cifar10_normalisation() {
  return {{0.4914, 0.4822, 0.4465}, {0.2023, 0.1994, 0.2010}};
}

Normalisation cifar100_normalisation() {
  return {{0.5071, 0.4867, 0.4408}, {0.2675, 0.2565, 0.2761}};
}

Normalisation mnist_normalisation() { return {{0.1307}, {0.3081}}; }

Normalisation fashion_mnist_normalisation() { return {{0.2860}, {0.3530}}; }

Normalisation imagenet_normalisation() { return {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}}; }

}  // namespace trispike::data
