// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike export: a checkpoint to a folded model file, with the proof that nothing changed; and
// from there, if asked for, to integers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>

#include "calibration.h"
#include "commands.h"
#include "console.h"
#include "dataset_run.h"
#include "export_layout.h"
#include "format.h"
#include "json.h"
#include "proof.h"
#include "trispike/data/random.h"
#include "trispike/model/error.h"
#include "trispike/model/model_data.h"
#include "trispike/model/quantise.h"
#include "trispike/train/recipe.h"
#include "trispike/train/sample_form.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string checkpoint;
  std::string output;
  DatasetOptions data;  ///< path: --verify
  std::int64_t proof_samples = 8;
  std::string weights;  ///< empty: float32
  std::string layout;   ///< empty: a model file
  std::string arithmetic = "float32";
  std::optional<int> weight_bits;
  std::string calibrate;  ///< a data set; empty: that of --verify
  std::int64_t calibration_samples = 256;
  bool json = false;

  bool integer() const { return arithmetic == "integer"; }
};

/// Throws ConfigError for options that do not go together.
void check(const Options& options) {
  if (options.arithmetic != "float32" && options.arithmetic != "integer") {
    throw ConfigError("--arithmetic",
                      "'" + options.arithmetic + "' is unknown, expected float32 or integer");
  }
  if (options.integer() && !options.weights.empty()) {
    throw ConfigError("--weights", "is for real weights, not for --arithmetic integer");
  }
  const auto refuse = [&](const char* option) {
    throw ConfigError(option, "is for --arithmetic integer only");
  };
  if (!options.integer() && options.weight_bits) refuse("--weight-bits");
  if (!options.integer() && !options.calibrate.empty()) refuse("--calibrate");
}

model::DType weight_type(const std::string& name) {
  if (name.empty() || name == "float32") return model::DType::kF32;
  if (name == "float64") return model::DType::kF64;
  throw ConfigError("--weights", "'" + name + "' is unknown, expected float32 or float64");
}

/// Samples spread over the split, or noise (of mean 0 and variance 1, or of a few events) if there
/// is no data set.
std::vector<std::vector<float>> proof_inputs(const model::ModelData& trained,
                                             const data::Dataset* dataset, std::int64_t count) {
  std::vector<std::vector<float>> inputs;
  if (dataset != nullptr) {
    const data::SamplePreparer samples(train::sample_form(trained.network, trained.preprocessing));
    count = std::min(count, dataset->size());
    for (std::int64_t i = 0; i < count; ++i) {
      inputs.push_back(samples.prepare(*dataset, i * dataset->size() / count));
    }
    return inputs;
  }
  const model::InputLayer& layer = trained.network.input();
  const std::int64_t maps =
      layer.kind != model::InputKind::kStatic ? trained.network.time_steps : 1;
  constexpr std::uint64_t kNoiseEvents = 3;            // 0 to 2 events at each place
  constexpr double kUniformSpan = 3.4641016151377544;  // a uniform distribution of variance 1
  for (std::int64_t i = 0; i < count; ++i) {
    data::Random random(0, 0, static_cast<std::uint64_t>(i));
    std::vector<float>& input =
        inputs.emplace_back(static_cast<std::size_t>(maps * layer.shape.elements()));
    for (float& value : input) {
      value = layer.kind == model::InputKind::kEvents
                  ? static_cast<float>(random.below(kNoiseEvents))
                  : static_cast<float>((random.uniform() - 0.5) * kUniformSpan);
    }
  }
  return inputs;
}

std::string refusal(const InvarianceProof& proof) {
  return proof.differing_spikes > 0
             ? fmt::format("folding changed {} of {} spikes, first in layer '{}'",
                           grouped(proof.differing_spikes), grouped(proof.spikes),
                           proof.first_layer)
             : fmt::format("folding changed a logit by {:.3g}, more than {:.0e}",
                           proof.largest_logit_difference, kLogitTolerance);
}

Json proof_json(const InvarianceProof& proof, bool real) {
  return {{"arithmetic", "float64"},
          {"input", real ? "pictures" : "noise"},
          {"samples", proof.samples},
          {"spikes", proof.spikes},
          {"differing_spikes", proof.differing_spikes},
          {"largest_logit_difference", proof.largest_logit_difference}};
}

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

Json float32_json(const Float32Report& r) {
  return {{"samples", r.samples},
          {"top1_agreement", share(r.same_top1, r.samples)},
          {"accuracy_libtorch", share(r.correct_libtorch, r.samples)},
          {"accuracy_runtime", share(r.correct_runtime, r.samples)},
          {"samples_with_spikes_compared", r.flip_samples},
          {"samples_with_a_flipped_spike", r.flipped}};
}

/// What a model in integers was made with, and what that cost.
struct Quantisation {
  int weight_bits = 8;
  std::int64_t calibration_samples = 0;
  std::optional<IntegerReport> report;  ///< with --verify
};

Json integer_json(const Quantisation& q) {
  Json json = {{"weight_bits", q.weight_bits}, {"calibration_samples", q.calibration_samples}};
  if (q.report) {
    json["samples"] = q.report->samples;
    json["top1_agreement"] = share(q.report->same_top1, q.report->samples);
    json["accuracy_float32"] = share(q.report->correct_float32, q.report->samples);
    json["accuracy_integer"] = share(q.report->correct_integer, q.report->samples);
  }
  return json;
}

/// All that an export finds out.
struct Report {
  std::optional<InvarianceProof> proof;  ///< none for a model that is folded already
  std::optional<Float32Report> float32;
  std::optional<Quantisation> integer;
};

void print_integer(const Quantisation& q) {
  print(fmt::format("integer   {} bits, {}; not the same network any more\n", q.weight_bits,
                    q.calibration_samples > 0
                        ? fmt::format("calibrated on {} pictures", grouped(q.calibration_samples))
                        : "not calibrated (give --calibrate PATH)"));
  if (q.report) {
    print(fmt::format(
        "          top-1 agreement {} on {} pictures; accuracy float32 {}, integer {}\n",
        percent(share(q.report->same_top1, q.report->samples)), grouped(q.report->samples),
        percent(share(q.report->correct_float32, q.report->samples)),
        percent(share(q.report->correct_integer, q.report->samples))));
  }
}

void print_report(const Options& options, const Report& report, bool real) {
  if (report.proof) {
    const InvarianceProof& proof = *report.proof;
    const std::string spikes =
        proof.spikes > 0 ? fmt::format("all {} spikes identical, ", grouped(proof.spikes)) : "";
    print(fmt::format("proof     float64, {} {}: {}logits within {:.1e}\n", grouped(proof.samples),
                      real ? "pictures" : "inputs of noise (give --verify PATH for pictures)",
                      spikes, proof.largest_logit_difference));
  }
  if (const auto& r = report.float32) {
    print(fmt::format(
        "float32   top-1 agreement {} on {} pictures; accuracy LibTorch {}, runtime {}\n",
        percent(share(r->same_top1, r->samples)), grouped(r->samples),
        percent(share(r->correct_libtorch, r->samples)),
        percent(share(r->correct_runtime, r->samples))));
    print(fmt::format("          {} of {} pictures have a spike flipped by rounding\n",
                      grouped(r->flipped), grouped(r->flip_samples)));
  }
  if (report.integer) print_integer(*report.integer);
  print(fmt::format("model     {}\n", printable(options.output)));
}

/// Folds a checkpoint and proves that nothing changed.
model::ModelData fold_and_prove(const Options& options, const model::ModelData& trained,
                                const data::Dataset* dataset, Report& report) {
  model::ModelData folded = model::fold(trained);
  folded.extra_tensors.clear();
  folded.extra_metadata.clear();
  const auto inputs = proof_inputs(trained, dataset, options.proof_samples);
  Progress proving("prove", static_cast<std::int64_t>(inputs.size()), "inputs", options.data.quiet);
  report.proof =
      prove_invariance(trained, folded, inputs, [&](std::int64_t done) { proving.update(done); });
  proving.finish();
  if (!report.proof->holds()) {
    throw Error(options.checkpoint + ": not exported: " + refusal(*report.proof));
  }
  Json provenance = Json::parse(trained.provenance.empty() ? "{}" : trained.provenance);
  provenance["folding_proof"] = proof_json(*report.proof, dataset != nullptr);
  folded.provenance = provenance.dump();
  return folded;
}

/// The calibration's data set: never the test images.
std::shared_ptr<const data::Dataset> calibration_set(const Options& options,
                                                     const model::ModelData& folded) {
  DatasetOptions data = options.data;
  data.split = "train";
  data.limit = 0;
  if (!options.calibrate.empty()) data.path = options.calibrate;
  return data.path.empty() ? nullptr : open_for(folded, options.checkpoint, data).dataset;
}

/// train.weight_bits of the recipe that a model was trained by; none if it was trained without, or
/// does not say by a recipe of this version.
std::optional<int> trained_weight_bits(const model::ModelData& model) {
  const Json json = Json::parse(model.provenance, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("recipe") || !json["recipe"].is_string()) return {};
  try {
    const int bits = train::parse_recipe(json["recipe"].get<std::string>(), {}).train.weight_bits;
    return bits > 0 ? std::optional(bits) : std::nullopt;
  } catch (const ConfigError&) {
    return {};
  }
}

/// Those of --weight-bits, else those the model was trained with.
int weight_bits(const Options& options, const model::ModelData& folded) {
  constexpr int kUsual = 8;
  const std::optional<int> trained = trained_weight_bits(folded);
  const int bits = options.weight_bits.value_or(trained.value_or(kUsual));
  if (trained && bits != *trained) {
    print_warning(fmt::format("{} was trained with weights rounded to {} bits, --weight-bits is {}",
                              printable(options.checkpoint), *trained, bits));
  }
  return bits;
}

model::ModelData to_integers(const Options& options, const model::ModelData& folded,
                             Report& report) {
  const int bits = weight_bits(options, folded);
  model::Calibration calibration;
  if (const auto dataset = calibration_set(options, folded)) {
    const std::int64_t samples = std::min(options.calibration_samples, dataset->size());
    Progress progress("calibrate", samples, "images", options.data.quiet);
    calibration = calibrate(folded, *dataset, samples, thread_count(options.data),
                            [&](std::int64_t done) { progress.update(done); });
    progress.finish();
  }
  report.integer = {bits, calibration.samples, std::nullopt};
  model::ModelData quantised = model::quantise(folded, {.weight_bits = bits}, calibration);
  Json provenance = Json::parse(folded.provenance.empty() ? "{}" : folded.provenance);
  provenance["quantisation"] = integer_json(*report.integer);
  quantised.provenance = provenance.dump();
  return quantised;
}

int run_export(const Options& options) {
  check(options);
  const model::DType dtype = weight_type(options.weights);
  const model::ModelData read = model::read_model(options.checkpoint);
  const bool trained = read.stage == model::Stage::kTrained;
  if (!trained && !(options.integer() && read.stage == model::Stage::kFolded)) {
    throw Error(options.checkpoint + ": its stage is '" +
                std::string(model::to_string(read.stage)) +
                "'; expected a checkpoint (stage "
                "'trained') or, with --arithmetic integer, a model of stage 'folded'");
  }
  std::error_code error;
  if (std::filesystem::equivalent(options.checkpoint, options.output, error)) {
    throw ConfigError("--output",
                      "'" + options.output + "' is the checkpoint itself, which would be lost");
  }
  std::shared_ptr<const data::Dataset> dataset;
  if (!options.data.path.empty()) {
    dataset = open_for(read, options.checkpoint, options.data).dataset;
  }
  Report report;
  const model::ModelData folded =
      trained ? fold_and_prove(options, read, dataset.get(), report) : read;
  const model::ModelData written =
      options.integer() ? to_integers(options, folded, report) : model::cast(folded, dtype);
  model::write_model(options.output, written);

  if (dataset && options.integer()) {
    Progress progress("verify", 2 * dataset->size(), "runs", options.data.quiet);
    report.integer->report =
        compare_with_float32(folded, written, *dataset, thread_count(options.data),
                             [&](std::int64_t done) { progress.update(done); });
    progress.finish();
  } else if (dataset) {
    Progress progress("verify", float32_work(*dataset), "runs", options.data.quiet);
    report.float32 = report_float32(read, written, dataset, thread_count(options.data),
                                    [&](std::int64_t done) { progress.update(done); });
    progress.finish();
  }
  if (options.json) {
    print_json(
        {{"model", options.output},
         {"proof", report.proof ? proof_json(*report.proof, dataset != nullptr) : Json(nullptr)},
         {"float32", report.float32 ? float32_json(*report.float32) : Json(nullptr)},
         {"integer", report.integer ? integer_json(*report.integer) : Json(nullptr)}});
  } else {
    print_report(options, report, dataset != nullptr);
  }
  return kSuccess;
}

/// The trained weights as they are: nothing is folded, so there is nothing to prove or round.
int run_export_of_weights(const Options& options, const CLI::App& app) {
  static constexpr std::array<std::string_view, 4> kMeant{"CHECKPOINT", "--output", "--layout",
                                                          "--json"};
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    if (option->count() > 0 && std::find(kMeant.begin(), kMeant.end(), name) == kMeant.end()) {
      throw ConfigError(name, "has no meaning with --layout, which writes the weights unfolded");
    }
  }
  return run_layout_export({options.checkpoint, options.layout, options.output, options.json});
}

}  // namespace

Command add_export(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "export",
      "Fold a checkpoint into a model file, prove that nothing changed; or make integers");
  const auto options = std::make_shared<Options>();
  app->add_option("CHECKPOINT", options->checkpoint,
                  "As left by trispike train; for integers also a folded model")
      ->required();
  app->add_option("-o,--output", options->output, "The model file to write")
      ->required()
      ->type_name("FILE");
  add_dataset_options(*app, options->data, "--verify", false);
  app->add_option("--proof-samples", options->proof_samples,
                  "Pictures of the float64 proof (default 8)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  app->add_option("--weights", options->weights,
                  "Type of the written weights: float32 (default) or float64");
  app->add_option(
      "--layout", options->layout,
      "Instead of a model: the trained weights in safetensors, named as another program "
      "does (official or spikingjelly)");
  app->add_option("--arithmetic", options->arithmetic,
                  "Arithmetic of the written model: float32 (default) or integer");
  app->add_option("--weight-bits", options->weight_bits,
                  "Integer weights of 8, 7 or 6 bits (default: the train.weight_bits of the "
                  "training, else 8)")
      ->type_name("N");
  app->add_option("--calibrate", options->calibrate,
                  "Data set whose training split integers are calibrated on (default: that of "
                  "--verify)");
  app->add_option("--calibration-samples", options->calibration_samples,
                  "Pictures of the calibration (default 256)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  app->add_flag("--json", options->json, "Answer in JSON");
  app->footer(
      "Amplitudes and batch norms are folded into the weights. Before the file is written, the "
      "trained\n"
      "network (LibTorch) and the folded one (runtime) are compared in float64: every spike must "
      "be the\n"
      "same and the logits equal within 1e-9. With --verify, float32 is then measured on the data "
      "set.\n"
      "Integer arithmetic (docs/integer.md) changes the network; with --verify its accuracy is "
      "measured\n"
      "beside that of float32.\n"
      "Examples:\n"
      "  trispike export runs/mine/best.safetensors -o model.safetensors --verify "
      "cifar-10-images.tar\n"
      "  trispike export model.safetensors -o integer.safetensors --arithmetic integer --verify "
      "cifar-10-images.tar\n"
      "  trispike export runs/mine/best.safetensors --layout spikingjelly -o weights.safetensors");
  return {app, [options, app] {
            return options->layout.empty() ? run_export(*options)
                                           : run_export_of_weights(*options, *app);
          }};
}

}  // namespace trispike::cli
