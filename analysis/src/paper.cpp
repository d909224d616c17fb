// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/analysis/paper.h"

#include <array>

namespace trispike::analysis {
namespace {

constexpr std::string_view kSnn = "SNN training";
constexpr std::string_view kTandem = "Tandem Learning";
constexpr std::string_view kConversion = "ANN2SNN";
constexpr std::string_view kBinary = "Binary Spike";
constexpr std::string_view kTernary = "Ternary Spike";
constexpr std::string_view kTrainable = "Trainable Ternary Spike";
constexpr std::nullopt_t kNone = std::nullopt;

constexpr auto kAccuracies = std::to_array<PaperAccuracy>({
    {1, "ImageNet", kBinary, "", "ResNet18", 2, 58.30, kNone},
    {1, "ImageNet", kTernary, "", "ResNet18", 2, 65.87, kNone},
    {1, "ImageNet", kTrainable, "", "ResNet18", 2, 66.40, kNone},
    {1, "ImageNet", kBinary, "", "ResNet18", 4, 61.07, kNone},
    {1, "ImageNet", kTernary, "", "ResNet18", 4, 66.90, kNone},
    {1, "ImageNet", kTrainable, "", "ResNet18", 4, 67.68, kNone},
    {1, "ImageNet", kBinary, "", "ResNet34", 2, 62.81, kNone},
    {1, "ImageNet", kTernary, "", "ResNet34", 2, 69.48, kNone},
    {1, "ImageNet", kTrainable, "", "ResNet34", 2, 69.51, kNone},
    {1, "ImageNet", kBinary, "", "ResNet34", 4, 63.82, kNone},
    {1, "ImageNet", kTernary, "", "ResNet34", 4, 70.12, kNone},
    {1, "ImageNet", kTrainable, "", "ResNet34", 4, 70.74, kNone},
    {2, "CIFAR-10", "SpikeNorm", kConversion, "VGG16", 2500, 91.55, kNone},
    {2, "CIFAR-10", "Hybrid-Train", "Hybrid training", "VGG16", 200, 92.02, kNone},
    {2, "CIFAR-10", "TSSL-BP", kSnn, "CIFARNet", 5, 91.41, kNone},
    {2, "CIFAR-10", "TL", kTandem, "CIFARNet", 8, 89.04, kNone},
    {2, "CIFAR-10", "PTL", kTandem, "VGG11", 16, 91.24, kNone},
    {2, "CIFAR-10", "PLIF", kSnn, "PLIFNet", 8, 93.50, kNone},
    {2, "CIFAR-10", "DSR", kSnn, "ResNet18", 20, 95.40, kNone},
    {2, "CIFAR-10", "KDSNN", kSnn, "ResNet18", 4, 93.41, kNone},
    {2, "CIFAR-10", "Joint A-SNN", kSnn, "ResNet18", 4, 95.45, kNone},
    {2, "CIFAR-10", "Diet-SNN", kSnn, "ResNet20", 5, 91.78, kNone},
    {2, "CIFAR-10", "Diet-SNN", kSnn, "ResNet20", 10, 92.54, kNone},
    {2, "CIFAR-10", "Dspike", kSnn, "ResNet20", 2, 93.13, kNone},
    {2, "CIFAR-10", "Dspike", kSnn, "ResNet20", 4, 93.66, kNone},
    {2, "CIFAR-10", "STBP-tdBN", kSnn, "ResNet19", 2, 92.34, kNone},
    {2, "CIFAR-10", "STBP-tdBN", kSnn, "ResNet19", 4, 92.92, kNone},
    {2, "CIFAR-10", "TET", kSnn, "ResNet19", 2, 94.16, kNone},
    {2, "CIFAR-10", "TET", kSnn, "ResNet19", 4, 94.44, kNone},
    {2, "CIFAR-10", "RecDis-SNN", kSnn, "ResNet19", 2, 93.64, kNone},
    {2, "CIFAR-10", "RecDis-SNN", kSnn, "ResNet19", 4, 95.53, kNone},
    {2, "CIFAR-10", "RMP-Loss", kSnn, "ResNet19", 2, 95.31, kNone},
    {2, "CIFAR-10", "RMP-Loss", kSnn, "ResNet19", 4, 95.51, kNone},
    {2, "CIFAR-10", "RMP-Loss", kSnn, "ResNet20", 4, 91.89, kNone},
    {2, "CIFAR-10", kTernary, kSnn, "ResNet19", 1, 95.28, 0.1},
    {2, "CIFAR-10", kTernary, kSnn, "ResNet19", 2, 95.60, 0.0},
    {2, "CIFAR-10", kTernary, kSnn, "ResNet20", 2, 94.29, 0.0},
    {2, "CIFAR-10", kTernary, kSnn, "ResNet20", 4, 94.46, 0.0},
    {2, "CIFAR-10", kTrainable, kSnn, "ResNet19", 1, 95.58, 0.0},
    {2, "CIFAR-10", kTrainable, kSnn, "ResNet19", 2, 95.80, 0.1},
    {2, "CIFAR-10", kTrainable, kSnn, "ResNet20", 2, 94.48, 0.0},
    {2, "CIFAR-10", kTrainable, kSnn, "ResNet20", 4, 94.96, 0.1},
    {2, "CIFAR-100", "RMP", kConversion, "ResNet20", 2048, 67.82, kNone},
    {2, "CIFAR-100", "Real Spike", kSnn, "ResNet20", 5, 66.60, kNone},
    {2, "CIFAR-100", "LTL", kTandem, "ResNet20", 31, 76.08, kNone},
    {2, "CIFAR-100", "Diet-SNN", kSnn, "ResNet20", 5, 64.07, kNone},
    {2, "CIFAR-100", "RecDis-SNN", kSnn, "ResNet19", 4, 74.10, kNone},
    {2, "CIFAR-100", "Dspike", kSnn, "ResNet20", 2, 71.68, kNone},
    {2, "CIFAR-100", "Dspike", kSnn, "ResNet20", 4, 73.35, kNone},
    {2, "CIFAR-100", "TET", kSnn, "ResNet19", 2, 72.87, kNone},
    {2, "CIFAR-100", "TET", kSnn, "ResNet19", 4, 74.47, kNone},
    {2, "CIFAR-100", kTernary, kSnn, "ResNet19", 1, 78.13, 0.1},
    {2, "CIFAR-100", kTernary, kSnn, "ResNet19", 2, 79.66, 0.1},
    {2, "CIFAR-100", kTernary, kSnn, "ResNet20", 2, 73.00, 0.0},
    {2, "CIFAR-100", kTernary, kSnn, "ResNet20", 4, 73.85, 0.1},
    {2, "CIFAR-100", kTrainable, kSnn, "ResNet19", 1, 78.45, 0.0},
    {2, "CIFAR-100", kTrainable, kSnn, "ResNet19", 2, 80.20, 0.1},
    {2, "CIFAR-100", kTrainable, kSnn, "ResNet20", 2, 73.41, 0.1},
    {2, "CIFAR-100", kTrainable, kSnn, "ResNet20", 4, 74.02, 0.0},
    {3, "ImageNet", "STBP-tdBN", kSnn, "ResNet34", 6, 63.72, kNone},
    {3, "ImageNet", "TET", kSnn, "ResNet34", 6, 64.79, kNone},
    {3, "ImageNet", "RecDis-SNN", kSnn, "ResNet34", 6, 67.33, kNone},
    {3, "ImageNet", "OTTT", kSnn, "ResNet34", 6, 65.15, kNone},
    {3, "ImageNet", "GLIF", kSnn, "ResNet34", 4, 67.52, kNone},
    {3, "ImageNet", "DSR", kSnn, "ResNet18", 50, 67.74, kNone},
    {3, "ImageNet", "IM-Loss", kSnn, "ResNet18", 6, 67.43, kNone},
    {3, "ImageNet", "Real Spike", kSnn, "ResNet18", 4, 63.68, kNone},
    {3, "ImageNet", "Real Spike", kSnn, "ResNet34", 4, 67.69, kNone},
    {3, "ImageNet", "RMP-Loss", kSnn, "ResNet18", 4, 63.03, kNone},
    {3, "ImageNet", "RMP-Loss", kSnn, "ResNet34", 4, 65.17, kNone},
    {3, "ImageNet", "MPBN", kSnn, "ResNet18", 4, 63.14, kNone},
    {3, "ImageNet", "MPBN", kSnn, "ResNet34", 4, 64.71, kNone},
    {3, "ImageNet", "InfLoR-SNN", kSnn, "ResNet18", 4, 64.78, kNone},
    {3, "ImageNet", "InfLoR-SNN", kSnn, "ResNet34", 4, 65.54, kNone},
    {3, "ImageNet", "SEW ResNet", kSnn, "ResNet18", 4, 63.18, kNone},
    {3, "ImageNet", "SEW ResNet", kSnn, "ResNet34", 4, 67.04, kNone},
    {3, "ImageNet", kTernary, kSnn, "ResNet18", 4, 66.90, 0.19},
    {3, "ImageNet", kTernary, kSnn, "ResNet34", 4, 70.12, 0.15},
    {3, "ImageNet", kTrainable, kSnn, "ResNet18", 4, 67.68, 0.13},
    {3, "ImageNet", kTrainable, kSnn, "ResNet34", 4, 70.74, 0.11},
    {4, "CIFAR10-DVS", "DSR", kSnn, "VGG11", 20, 77.27, kNone},
    {4, "CIFAR10-DVS", "GLIF", kSnn, "7B-wideNet", 16, 78.10, kNone},
    {4, "CIFAR10-DVS", "STBP-tdBN", kSnn, "ResNet19", 10, 67.80, kNone},
    {4, "CIFAR10-DVS", "RecDis-SNN", kSnn, "ResNet19", 10, 72.42, kNone},
    {4, "CIFAR10-DVS", "Real Spike", kSnn, "ResNet19", 10, 72.85, kNone},
    {4, "CIFAR10-DVS", kTernary, kSnn, "ResNet19", 10, 78.40, 0.21},
    {4, "CIFAR10-DVS", kTernary, kSnn, "ResNet20", 10, 78.70, 0.17},
    {4, "CIFAR10-DVS", kTrainable, kSnn, "ResNet19", 10, 79.80, 0.16},
    {4, "CIFAR10-DVS", kTrainable, kSnn, "ResNet20", 10, 79.80, 0.19},
});

constexpr std::array kEnergies = {
    PaperEnergy{kBinary, 0.1642, 3.54e6, 71.20e6, 0.11e6, 50.14},
    PaperEnergy{kTernary, 0.1827, 3.54e6, 79.21e6, 0.23e6, 51.20},
};

}  // namespace

bool PaperAccuracy::own() const {
  return method == kBinary || method == kTernary || method == kTrainable;
}

std::span<const PaperAccuracy> paper_accuracies() { return kAccuracies; }

std::span<const PaperEnergy> paper_energies() { return kEnergies; }

}  // namespace trispike::analysis
