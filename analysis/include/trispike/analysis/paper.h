// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Every figure that the paper prints in its tables, as data: Guo et al., "Ternary Spike: Learning
// Ternary Spikes for Spiking Neural Networks", AAAI 2024. This is the only place they stand in.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace trispike::analysis {

/// One accuracy of Tables 1 to 4.
struct PaperAccuracy {
  int table;                 ///< 1: ablation, 2: CIFAR, 3: ImageNet, 4: CIFAR10-DVS
  std::string_view dataset;  ///< "CIFAR-10", "CIFAR-100", "ImageNet", "CIFAR10-DVS"
  std::string_view method;   ///< "Trainable Ternary Spike"
  std::string_view type;     ///< "SNN training", as printed; empty in Table 1
  std::string_view network;  ///< "ResNet20"
  int time_steps;
  double accuracy;                  ///< in percent, as printed
  std::optional<double> deviation;  ///< of three trials, in percent points; where printed

  /// The paper's own methods, which this project can train.
  bool own() const;
};

/// In the order of the tables. Rows of Table 2 whose network is not plain from the layout are
/// read in the only consistent way (CIFAR-100: ResNet19 for T = 1 and 2, ResNet20 for T = 2 and 4).
std::span<const PaperAccuracy> paper_accuracies();

/// A row of Table 5: ResNet20 on CIFAR-10, T = 2.
struct PaperEnergy {
  std::string_view method;
  double firing_rate;          ///< s, in [0, 1]
  double flops;                ///< the first layer, at each time step
  double synaptic_operations;  ///< s * T * A
  double sign_operations;
  double energy_uj;  ///< as printed
};
std::span<const PaperEnergy> paper_energies();

}  // namespace trispike::analysis
