// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/fold_mismatch.h"

#include <nlohmann/json.hpp>

#include "trispike/data/error.h"

namespace trispike::train {
namespace {

std::string name_of(const data::Fold& fold) {
  return fold ? "fold " + data::to_string(fold) : "the data set's own split";
}

}  // namespace

std::string fold_mismatch(const model::ModelData& model, const data::Fold& fold) {
  const auto json = nlohmann::json::parse(model.provenance, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !(json.contains("recipe") || json.contains("fold"))) return "";
  data::Fold trained_on;
  if (json.contains("fold")) {
    const auto& text = json["fold"];
    try {
      trained_on = data::fold_from_string(text.is_string() ? text.get<std::string>() : text.dump());
    } catch (const data::DataError& error) {
      return std::string("has a provenance with a fold that is none: ") + error.what();
    }
  }
  if (trained_on == fold) return "";
  return "was trained on " + name_of(trained_on) + ", this run is on " + name_of(fold) +
         ": samples of its test set would have been learnt from";
}

}  // namespace trispike::train
