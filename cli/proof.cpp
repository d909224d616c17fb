// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "proof.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <span>

#include "trispike/runtime/parallel.h"
#include "trispike/runtime/runtime.h"
#include "trispike/train/evaluate.h"
#include "trispike/train/sample_form.h"

namespace trispike::cli {
namespace {

/// Samples that LibTorch runs at once: it keeps every spike of them in float64.
constexpr std::int64_t kProofBatch = 8;

/// Samples of the data set whose every spike is compared between float32 and float64.
constexpr std::int64_t kFlipSamples = 500;

/// Spikes of sample n of a recording of `samples`: [T, elements].
std::vector<std::int8_t> of_sample(const model::SpikeRecord& record, std::int64_t samples,
                                   int time_steps, std::int64_t n) {
  const auto elements = static_cast<std::ptrdiff_t>(record.spikes.size()) /
                        (static_cast<std::ptrdiff_t>(samples) * time_steps);
  std::vector<std::int8_t> spikes;
  for (int t = 0; t < time_steps; ++t) {
    const auto start =
        record.spikes.begin() + (t * static_cast<std::ptrdiff_t>(samples) + n) * elements;
    spikes.insert(spikes.end(), start, start + elements);
  }
  return spikes;
}

std::int64_t differences(const std::vector<std::int8_t>& a, const std::vector<std::int8_t>& b) {
  if (a.size() != b.size()) return static_cast<std::int64_t>(std::max(a.size(), b.size()));
  std::int64_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

std::int64_t top1(std::span<const double> logits) {
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

/// The same spikes everywhere?
bool same_spikes(const std::vector<model::SpikeRecord>& a,
                 const std::vector<model::SpikeRecord>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.spikes == y.spikes; });
}

/// Compares a batch and adds what it found to `proof`.
void compare(const model::ModelData& trained, runtime::Session& session,
             std::span<const std::vector<float>> inputs, InvarianceProof& proof) {
  const auto samples = static_cast<std::int64_t>(inputs.size());
  std::vector<double> batch;
  for (const auto& input : inputs) batch.insert(batch.end(), input.begin(), input.end());
  const train::Recording before = train::record(trained, batch, samples);
  const int time_steps = trained.network.time_steps;
  for (std::int64_t n = 0; n < samples; ++n) {
    const std::vector<double> input(inputs[static_cast<std::size_t>(n)].begin(),
                                    inputs[static_cast<std::size_t>(n)].end());
    const std::span<const double> logits = session.run(std::span<const double>(input));
    for (std::size_t k = 0; k < logits.size(); ++k) {
      const double expected = before.logits[static_cast<std::size_t>(n) * logits.size() + k];
      const double difference = std::abs(logits[k] - expected);
      // A NaN must not pass as the smaller of two numbers.
      proof.largest_logit_difference = std::isfinite(difference)
                                           ? std::max(proof.largest_logit_difference, difference)
                                           : std::numeric_limits<double>::infinity();
    }
    for (std::size_t i = 0; i < before.spikes.size(); ++i) {
      const auto expected = of_sample(before.spikes[i], samples, time_steps, n);
      proof.spikes +=
          std::count_if(expected.begin(), expected.end(), [](auto s) { return s != 0; });
      const std::int64_t wrong = i < session.spikes().size()
                                     ? differences(expected, session.spikes()[i].spikes)
                                     : static_cast<std::int64_t>(expected.size());
      if (wrong > 0 && proof.first_layer.empty()) proof.first_layer = before.spikes[i].layer;
      proof.differing_spikes += wrong;
    }
  }
  proof.samples += samples;
}

}  // namespace

InvarianceProof prove_invariance(const model::ModelData& trained, const model::ModelData& folded,
                                 const std::vector<std::vector<float>>& inputs,
                                 const ProofProgress& progress) {
  const runtime::Model model =
      runtime::Model::from(folded, {.arithmetic = runtime::Arithmetic::kFloat64, .target = ""});
  runtime::Session session(model, {.record_activity = false, .record_spikes = true});
  InvarianceProof proof;
  const std::span<const std::vector<float>> all(inputs);
  for (std::size_t first = 0; first < all.size(); first += kProofBatch) {
    compare(trained, session,
            all.subspan(first, std::min<std::size_t>(kProofBatch, all.size() - first)), proof);
    if (progress) progress(proof.samples);
  }
  return proof;
}

std::int64_t float32_work(const data::Dataset& dataset) {
  return 2 * dataset.size() + std::min(dataset.size(), kFlipSamples);
}

Float32Report report_float32(const model::ModelData& trained, const model::ModelData& folded,
                             const std::shared_ptr<const data::Dataset>& dataset, int threads,
                             const ProofProgress& progress) {
  Float32Report report;
  report.samples = dataset->size();
  report.flip_samples = std::min(report.samples, kFlipSamples);

  train::EvaluationOptions evaluation;
  evaluation.threads = threads;
  evaluation.progress = [&](std::int64_t done, std::int64_t) { progress(done); };
  const train::EvaluationResult libtorch = train::evaluate(trained, dataset, evaluation);
  report.correct_libtorch = libtorch.correct;

  const data::SamplePreparer samples(train::sample_form(folded.network, folded.preprocessing));
  const runtime::Model model = runtime::Model::from(folded);
  std::atomic<std::int64_t> same = 0, correct = 0, done = 0, flipped = 0;
  runtime::for_each_sample(
      model, {}, report.samples, threads, [&](runtime::Session& session, std::int64_t i) {
        const std::int64_t answer = top1(session.run(samples.prepare(*dataset, i)));
        same += answer == libtorch.predictions[static_cast<std::size_t>(i)] ? 1 : 0;
        correct += answer == dataset->label(i) ? 1 : 0;
        progress(report.samples + ++done);
      });
  report.same_top1 = same;
  report.correct_runtime = correct;

  const runtime::Model exact =
      runtime::Model::from(folded, {.arithmetic = runtime::Arithmetic::kFloat64, .target = ""});
  done = 0;
  runtime::for_each_sample(
      model, {.record_activity = false, .record_spikes = true}, report.flip_samples, threads,
      [&](runtime::Session& session, std::int64_t i) {
        const auto input = samples.prepare(*dataset, i * report.samples / report.flip_samples);
        session.run(input);
        runtime::Session reference(exact, {.record_activity = false, .record_spikes = true});
        reference.run(input);
        flipped += same_spikes(session.spikes(), reference.spikes()) ? 0 : 1;
        progress(2 * report.samples + ++done);
      });
  report.flipped = flipped;
  return report;
}

}  // namespace trispike::cli
