// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike predict: what a model sees in pictures, in event recordings, or in an already normalised
// tensor.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <span>

#include "arithmetic.h"
#include "commands.h"
#include "format.h"
#include "json.h"
#include "trispike/model/error.h"
#include "trispike/model/input_tensor.h"
#include "trispike/runtime/runtime.h"
#include "trispike/train/sample_form.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> files;
  std::string tensor;
  std::string arithmetic;
  int top = 1;
  bool json = false;
};

struct Prediction {
  std::string source;  ///< file, or sample of the tensor
  std::vector<double> logits;
  std::vector<double> probabilities;  ///< softmax of the logits
  std::vector<int> ranking;           ///< classes, best first; of equal ones the lower index
  model::Activity activity;           ///< of this sample alone
};

Prediction make_prediction(const std::string& source, std::span<const double> logits,
                           const model::Activity& activity) {
  Prediction prediction{source, {logits.begin(), logits.end()}, {}, {}, activity};
  prediction.ranking.resize(logits.size());
  std::iota(prediction.ranking.begin(), prediction.ranking.end(), 0);
  std::stable_sort(prediction.ranking.begin(), prediction.ranking.end(),
                   [&](int a, int b) { return logits[a] > logits[b]; });
  const double highest = logits[prediction.ranking.front()];
  double sum = 0;
  for (const double logit : logits) {
    prediction.probabilities.push_back(std::exp(logit - highest));
    sum += prediction.probabilities.back();
  }
  for (double& probability : prediction.probabilities) {
    probability /= sum;
  }
  return prediction;
}

template <class Real>
Prediction predict(runtime::Session& session, const std::string& source,
                   std::span<const Real> input) {
  session.clear_activity();
  const std::span<const double> logits = session.run(input);
  return make_prediction(source, logits, session.activity());
}

using Answer = std::function<void(const Prediction&)>;

void predict_files(const Options& options, const runtime::Model& model, runtime::Session& session,
                   const Answer& answer) {
  const data::SamplePreparer samples(train::sample_form(model.network(), model.preprocessing()));
  for (const std::string& file : options.files) {
    const std::vector<float> input = samples.prepare_file(file);
    answer(predict<float>(session, file, input));
  }
}

void predict_tensor(const Options& options, const runtime::Model& model, runtime::Session& session,
                    const Answer& answer) {
  const std::vector<std::int64_t> shape = model::sample_shape(model.network());
  const std::vector<double> values = model::read_input_tensor(options.tensor, model.network());
  const auto elements = static_cast<std::size_t>(
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
  const std::span<const double> all(values);
  for (std::size_t n = 0; n < values.size() / elements; ++n) {
    answer(predict<double>(session, fmt::format("{}[{}]", options.tensor, n),
                           all.subspan(n * elements, elements)));
  }
}

std::string class_label(const runtime::Model& model, int index) {
  return model.class_names().empty() ? fmt::format("class {}", index) : model.class_names()[index];
}

Json prediction_json(const runtime::Model& model, const Prediction& prediction, int top) {
  Json ranking = Json::array();
  for (int rank = 0; rank < top; ++rank) {
    const int index = prediction.ranking[rank];
    ranking.push_back({{"class", index},
                       {"name", class_label(model, index)},
                       {"probability", prediction.probabilities[index]}});
  }
  Json spikes = Json::array();
  for (const model::NeuronActivity& layer : prediction.activity.neurons) {
    spikes.push_back({{"layer", layer.layer},
                      {"positive", std::reduce(layer.positive.begin(), layer.positive.end())},
                      {"negative", std::reduce(layer.negative.begin(), layer.negative.end())}});
  }
  return {{"source", prediction.source},
          {"top1", prediction.ranking.front()},
          {"top", ranking},
          {"logits", prediction.logits},
          {"spikes", spikes}};
}

void print_prediction(const runtime::Model& model, const Prediction& prediction, int top) {
  std::string text = printable(prediction.source) + ":";
  for (int rank = 0; rank < top; ++rank) {
    const int index = prediction.ranking[rank];
    text += fmt::format("{} {} ({})", rank > 0 ? "," : "", printable(class_label(model, index)),
                        percent(prediction.probabilities[index]));
  }
  print(text + "\n");
}

int run_predict(const Options& options) {
  if (options.files.empty() == options.tensor.empty()) {
    throw ConfigError("predict", "expected either picture files or --tensor");
  }
  const runtime::Model model =
      runtime::Model::load(options.model, model_options(options.arithmetic));
  const int top =
      static_cast<int>(std::min<std::int64_t>(options.top, model.network().num_classes()));
  runtime::Session session(model, {.record_activity = true});

  Json predictions = Json::array();
  const Answer answer = [&](const Prediction& prediction) {
    if (options.json) {
      predictions.push_back(prediction_json(model, prediction, top));
    } else {
      print_prediction(model, prediction, top);
    }
  };
  if (options.tensor.empty()) {
    predict_files(options, model, session, answer);
  } else {
    predict_tensor(options, model, session, answer);
  }
  if (options.json) {
    print_json(
        {{"arithmetic", runtime::to_string(model.arithmetic())}, {"predictions", predictions}});
  }
  return kSuccess;
}

}  // namespace

Command add_predict(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "predict", "Classify pictures or event recordings with a trained model");
  const auto options = std::make_shared<Options>();
  app->add_option("MODEL", options->model, "A model file or checkpoint")->required();
  app->add_option("FILES", options->files,
                  "JPEG or PNG pictures, or event recordings for a network that takes events");
  app->add_option("--tensor", options->tensor,
                  "Instead of pictures: a safetensors file with one tensor 'input' (F32 or F64), "
                  "already normalised, [N, C, H, W] or, for frames, [N, T, C, H, W]");
  app->add_option("--top", options->top, "Name the best K classes (default 1)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("K");
  add_arithmetic_option(*app, options->arithmetic);
  app->add_flag("--json", options->json, "Answer in JSON: logits and spikes too");
  app->footer(
      "Pictures are brought to the model's input and normalised as in training's evaluation; "
      "event\n"
      "recordings become frames as in training.\n"
      "Examples:\n"
      "  trispike predict model.safetensors cat.jpg dog.png --top 3\n"
      "  trispike predict model.safetensors --tensor batch.safetensors --arithmetic float64 "
      "--json");
  return {app, [options] { return run_predict(*options); }};
}

}  // namespace trispike::cli
