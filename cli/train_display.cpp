// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "train_display.h"

#include <fmt/format.h>

#include "format.h"

namespace trispike::cli {

train::TrainCallbacks TrainDisplay::callbacks() {
  train::TrainCallbacks callbacks;
  callbacks.progress = [this](const train::Progress& p) { progress(p); };
  callbacks.epoch = [this](const train::EpochReport& r) { epoch(r); };
  callbacks.message = [this](const std::string& text) { message(text); };
  callbacks.warning = [](const std::string& text) { print_warning(text); };
  callbacks.interrupted = interrupted;
  return callbacks;
}

void TrainDisplay::progress(const train::Progress& p) {
  const std::string note =
      fmt::format("loss {:.3f}, accuracy {}, firing rate {}, run ends in {}", p.loss,
                  percent(p.accuracy), percent(p.firing_rate), duration(p.eta_seconds));
  if (!bar_ || p.epoch != epoch_) {
    epoch_ = p.epoch;
    // The first news come after the first batch, whose time counts.
    const auto done = static_cast<double>(p.images - p.images_before);
    const double seconds = p.images_per_second > 0 ? done / p.images_per_second : 0;
    bar_.emplace(fmt::format("{}epoch {}/{}", title_, p.epoch, p.epochs), p.images_in_epoch,
                 "images", quiet_, p.images_before, seconds);
  }
  if (p.batch == p.batches) {
    bar_->finish(fmt::format("loss {:.3f}, accuracy {}, firing rate {}", p.loss,
                             percent(p.accuracy), percent(p.firing_rate)));
  } else {
    bar_->update(p.images, note);
  }
}

void TrainDisplay::epoch(const train::EpochReport& r) {
  std::string targets;
  for (const train::LayerTarget& target : r.layer_targets) {
    targets +=
        fmt::format(", {} {} of {}", target.name, percent(target.rate), percent(target.wanted));
  }
  message(fmt::format("epoch {}/{}: {} accuracy {}, firing rate {}{}{}{}", r.epoch, r.epochs,
                      r.evaluated_on, percent(r.accuracy), percent(r.evaluation_firing_rate),
                      targets, r.penalty > 0 ? fmt::format(", penalty {:.3g}", r.penalty) : "",
                      r.best ? ", kept as best" : ""));
}

void TrainDisplay::message(const std::string& text) const {
  if (!quiet_) print_note(title_ + text);
}

}  // namespace trispike::cli
