// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/trainer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "src/batch.h"
#include "src/checkpoint.h"
#include "src/communicator.h"
#include "src/cuda_plugin.h"
#include "src/evaluate_network.h"
#include "src/fold_mismatch.h"
#include "src/network.h"
#include "src/optimizer.h"
#include "src/process.h"
#include "src/run_identity.h"
#include "src/run_log.h"
#include "src/samples.h"
#include "src/teacher.h"
#include "src/tensorboard.h"
#include "src/training_step.h"
#include "src/weight_average.h"
#include "src/weight_grid.h"
#include "trispike/data/folds.h"
#include "trispike/data/loader.h"
#include "trispike/model/error.h"
#include "trispike/model/safetensors.h"
#include "trispike/train/sample_form.h"

namespace trispike::train {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Event frames that stay whole numbers are events to the network: then its first layer only adds.
model::InputKind input_kind(const DataSection& data) {
  const bool whole = data.frames.resize != data::FrameResize::kBilinear && data.mean.empty();
  return whole ? model::InputKind::kEvents : model::InputKind::kFrames;
}

model::NetworkSpec build_for(const Recipe& recipe, const data::Dataset& dataset) {
  model::NetworkOptions options = recipe.network.options;
  const data::FrameOptions& frames = recipe.data.frames;
  if (!dataset.has_events() && frames != data::FrameOptions{}) {
    throw ConfigError("data.frames_by",
                      "and the keys of frames are for event recordings, but " + dataset.describe());
  }
  if (dataset.has_events()) {
    options.input_kind = input_kind(recipe.data);
    if (frames.height != 0) options.input = {data::kFrameChannels, frames.height, frames.width};
  }
  if (options.input == model::MapShape{0, 0, 0} && dataset.height() > 0) {
    options.input = {dataset.channels(), dataset.height(), dataset.width()};
  }
  // Pictures of various sizes: the network's own size, with their channels.
  if (options.input.channels == 0) options.input.channels = dataset.channels();
  if (options.num_classes == 0) options.num_classes = dataset.num_classes();
  if (options.num_classes != dataset.num_classes()) {
    throw ConfigError("network.num_classes",
                      std::to_string(options.num_classes) + ", but the data set has " +
                          std::to_string(dataset.num_classes()) +
                          " classes (if it has only some of them, data.classes lists all)");
  }
  return model::build_network(recipe.network.name, options);
}

/// The recipe's constants, else those customary for the data set: one number per channel.
model::Preprocessing preprocessing_for(const DataSection& section, const data::Dataset& dataset,
                                       std::int64_t channels) {
  model::Preprocessing preprocessing{section.mean, section.std};
  if (section.mean.empty() && section.std.empty()) {
    const data::Normalisation& usual = dataset.normalisation();
    const auto count = static_cast<std::size_t>(channels);
    const auto spread = [&](const std::vector<double>& values) {
      if (values.size() == count) return values;
      const double mean =
          std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
      return std::vector<double>(count, mean);
    };
    preprocessing.mean = spread(usual.mean);
    preprocessing.std = spread(usual.std);
  }
  if (dataset.has_events()) {
    data::FrameOptions frames = section.frames;
    frames.sensor_height = dataset.height();
    frames.sensor_width = dataset.width();
    preprocessing.frames = frame_binning(frames);
  }
  return preprocessing;
}

class Trainer {
 public:
  Trainer(const TrainRequest& request, const TrainCallbacks& callbacks)
      : request_(request),
        recipe_(request.recipe),
        callbacks_(callbacks),
        device_(use_device(request.device, request.processes)),
        threads_(use_threads(recipe_.train.threads, request.processes.on_this_machine)),
        maps_(map_type(recipe_.train.precision, device_)),
        samples_(recipe_, request.data_path),
        network_(build_for(recipe_, *samples_.train_set), recipe_.train.seed, at::kFloat, device_),
        optimizer_(recipe_.train, network_.parameters()),
        objective_(recipe_.train, network_.spec()) {
    check_selection();
    check_processes();
    state_.penalty = objective_.first_weights();
    state_.loss_scale = first_loss_scale(maps_);
    header_.preprocessing = preprocessing_for(recipe_.data, *samples_.train_set,
                                              network_.spec().input().shape.channels);
    header_.preprocessing.resize_shorter = recipe_.data.eval_resize;
    header_.class_names = samples_.train_set->class_names();
    header_.precision = precision_name(maps_);
    header_.training_samples = static_cast<std::int64_t>(samples_.train.size());
    header_.teacher = teacher_sha256(recipe_.train.teacher);
    if (!recipe_.train.teacher.empty()) {
      teacher_.emplace(recipe_.train, recipe_.data.fold, network_.spec(), header_.preprocessing,
                       header_.class_names, maps_, device_);
    }
    if (recipe_.train.weight_bits > 0) grid_.emplace(network_, recipe_.train.weight_bits);
    if (recipe_.train.average_decay > 0) average_.emplace(network_, recipe_.train.average_decay);
    const auto batch = recipe_.train.batch_size;
    const auto count = static_cast<std::int64_t>(samples_.train.size());
    batches_ = (count + batch - 1) / batch;
    if (!leads()) return;
    std::error_code error;
    fs::create_directories(request_.out_dir, error);
    if (error)
      throw IoError("cannot create the folder '" + request_.out_dir + "': " + error.message());
  }

  TrainResult run() {
    group_ = connect(request_.processes, Transport::kAutomatic, device_);
    if (group_) {
      check_same_run(run_identity(recipe_, samples_, maps_, header_.teacher), *group_);
    }
    if (leads()) open_folder();
    if (group_) share_state();
    check_position();
    step_.emplace(recipe_.train, network_, optimizer_, maps_, group_.get(),
                  teacher_ ? &*teacher_ : nullptr);
    if (leads()) open_logs();
    announce();
    TrainResult result;
    while (state_.epoch < recipe_.train.epochs) {
      if (!train_epoch()) return result;
    }
    return finish();
  }

 private:
  /// Reads and writes the run's folder, and tells what is going on.
  bool leads() const { return request_.processes.rank == 0; }

  void open_folder() {
    if (request_.resume) {
      state_ = load_checkpoint(path("last.safetensors"), network_, optimizer_, average(), recipe_,
                               header_);
      check_position();
    } else if (fs::exists(path("last.safetensors"))) {
      throw ConfigError(
          "--out", "'" + request_.out_dir +
                       "' holds a run already; continue it with --resume, or name another folder");
    } else if (!recipe_.train.initial_weights.empty()) {
      start_from(recipe_.train.initial_weights);
    }
    model::write_text_atomically(path("recipe.toml"), to_toml(recipe_));
    // What cannot be saved is found out now, not after an epoch.
    if (!request_.resume) save_last();
  }

  void start_from(const std::string& file) {
    try {
      const model::ModelData model = model::read_model(file);
      if (const std::string why = fold_mismatch(model, recipe_.data.fold); !why.empty()) {
        throw Error(why);
      }
      const model::TensorMap given = Network(model).tensors(), own = network_.tensors();
      for (const auto& [name, tensor] : given) {
        if (own.contains(name)) continue;
        throw Error("has tensor '" + name +
                    "', which this run's network lacks; expected a model with the same tensors");
      }
      network_.load(given);
      if (average_) average_.emplace(network_, recipe_.train.average_decay);
    } catch (const Error& error) {
      throw ConfigError("train.initial_weights", "'" + file + "': " + error.what());
    }
  }

  void open_logs() {
    // A run that stopped between its last batch and the evaluation still has to log that epoch.
    const bool epoch_is_logged = state_.batch < batches_;
    const std::int64_t logged = state_.iteration - (epoch_is_logged ? 0 : 1);
    log_.emplace(path("log.jsonl"), logged);
    events_.emplace(path("tensorboard"), state_.iteration == 0 ? 0 : logged + 1);
  }

  /// All ranks go on from where rank 0 is.
  void share_state() {
    broadcast_all(network_.state(), *group_);
    if (average_) broadcast_all(average_->network().state(), *group_);
    for (const auto& role : optimizer_.state()) broadcast_all(role, *group_);
    std::vector<double> numbers = to_numbers(state_);
    broadcast_all({at::from_blob(numbers.data(), {std::ssize(numbers)}, at::kDouble)}, *group_);
    state_ = from_numbers(numbers);
  }

  void check_processes() const {
    if (request_.processes.count > recipe_.train.batch_size) {
      throw ConfigError("train.batch_size", std::to_string(recipe_.train.batch_size) +
                                                " samples cannot be shared by " +
                                                std::to_string(request_.processes.count) +
                                                " processes; expected one or more for each");
    }
  }

  std::string path(const char* name) const { return (fs::path(request_.out_dir) / name).string(); }

  void say(const std::string& text) const {
    if (callbacks_.message) callbacks_.message(text);
  }

  void check_selection() const {
    if (recipe_.train.select_on == SelectOn::kValidation && samples_.validation.empty()) {
      throw ConfigError(
          "train.select_on",
          "\"validation\" needs data.validation_fraction > 0; without it choose \"last\" (no "
          "selection) or \"test\" (the papers' habit, which flatters)");
    }
  }

  void check_position() const {
    if (state_.batch > batches_ || state_.iteration != state_.epoch * batches_ + state_.batch) {
      throw Error(path("last.safetensors") + ": its position (epoch " +
                  std::to_string(state_.epoch) + ", batch " + std::to_string(state_.batch) +
                  ", iteration " + std::to_string(state_.iteration) + ") is none of a run with " +
                  std::to_string(batches_) + " batches an epoch");
    }
  }

  void announce() const {
    for (const std::string& warning : samples_.warnings) {
      if (callbacks_.warning) callbacks_.warning(warning);
    }
    say(samples_.train_set->describe());
    if (group_) {
      say(std::to_string(group_->size()) + " processes share each batch, " + group_->transport());
    }
    say("training on " + std::to_string(samples_.train.size()) + " samples, " +
        (samples_.validation.empty()
             ? "no validation split"
             : std::to_string(samples_.validation.size()) + " for validation") +
        ", " + std::to_string(threads_) + " thread" + (threads_ > 1 ? "s" : "") + ", " +
        header_.precision +
        (device_.is_cpu() ? "" : ", on " + cuda_plugin().device_name(device_.index())));
    if (recipe_.train.select_on == SelectOn::kTest) {
      say("the best checkpoint is chosen on the TEST set (train.select_on = \"test\"): its "
          "accuracy is "
          "optimistic");
    }
    if (state_.iteration > 0) {
      say("resuming after epoch " + std::to_string(state_.epoch) + ", batch " +
          std::to_string(state_.batch));
    }
  }

  data::LoaderOptions training_loader() const {
    data::LoaderOptions options = loader_for(network_.spec(), header_.preprocessing);
    options.batch_size = recipe_.train.batch_size;
    options.workers = recipe_.data.workers;
    options.shuffle = true;
    options.seed = recipe_.train.seed;
    options.epoch = static_cast<std::uint64_t>(state_.epoch);
    options.shard = request_.processes.rank;
    options.shards = request_.processes.count;
    options.first_batch = state_.batch;
    options.augmentation.random_resized_crop = recipe_.data.random_resized_crop;
    options.augmentation.crop_padding = recipe_.data.crop_padding;
    options.augmentation.flip = recipe_.data.flip;
    options.augmentation.cutout = recipe_.data.cutout;
    options.augmentation.roll = recipe_.data.roll;
    if (recipe_.data.augment == Augmentation::kAutoAugmentCifar10) {
      options.augmentation.policy = data::Policy::kAutoAugmentCifar10;
    }
    options.indices = samples_.train;
    return options;
  }

  /// One iteration on one batch; the running sums follow. True if the ranks agree to stop.
  bool iterate(data::Batch& batch) {
    const bool stop = group_ && is_interrupted();
    const StepResult result = step_->run({on_device(images_of(batch, network_.spec()), device_),
                                          on_device(labels_of(batch), device_), batch.total, stop},
                                         learning_rate(recipe_.train, state_.iteration, batches_),
                                         state_.iteration, state_.penalty, &state_.loss_scale);
    const auto size = static_cast<double>(batch.total);
    state_.loss_sum += result.loss * size;
    state_.rate_sum += result.firing_rate * size;
    state_.correct += result.correct;
    state_.samples += batch.total;
    state_.images += batch.total;
    if (average_) average_->follow(state_.iteration);
    ++state_.batch;
    ++state_.iteration;
    return result.stop;
  }

  void report_progress(std::int64_t images, double seconds) const {
    if (!callbacks_.progress) return;
    Progress p;
    p.epoch = state_.epoch + 1;
    p.epochs = recipe_.train.epochs;
    p.batch = state_.batch;
    p.batches = batches_;
    p.images = state_.samples;
    p.images_before = state_.samples - images;
    p.images_in_epoch = static_cast<std::int64_t>(samples_.train.size());
    p.images_per_second = seconds > 0 ? static_cast<double>(images) / seconds : 0.0;
    const double per_image = images > 0 ? seconds / static_cast<double>(images) : 0.0;
    const auto total = static_cast<double>(samples_.train.size()) * recipe_.train.epochs;
    const auto done =
        static_cast<double>(state_.samples) +
        static_cast<double>(samples_.train.size()) * static_cast<double>(state_.epoch);
    p.eta_seconds = per_image * (total - done);
    const auto n = static_cast<double>(std::max<std::int64_t>(1, state_.samples));
    p.loss = state_.loss_sum / n;
    p.accuracy = static_cast<double>(state_.correct) / n;
    p.firing_rate = state_.rate_sum / n;
    callbacks_.progress(p);
  }

  /// What is evaluated and kept.
  const Network& result() const { return rounded_ ? *rounded_ : with_real_weights(); }
  const Network& with_real_weights() const { return average_ ? average_->network() : network_; }
  WeightAverage* average() { return average_ ? &*average_ : nullptr; }

  void save_best() const {
    if (!leads()) return;
    save_checkpoint(path("best.safetensors"), result(), optimizer_, nullptr, state_, recipe_,
                    header_with_provenance());
  }

  void save_last() {
    if (!leads()) return;
    save_checkpoint(path("last.safetensors"), network_, optimizer_, average(), state_, recipe_,
                    header_with_provenance());
  }

  CheckpointHeader header_with_provenance() const {
    CheckpointHeader header = header_;
    nlohmann::json json;
    json["recipe"] = to_toml(recipe_);
    json["data"] = samples_.train_set->describe();
    if (recipe_.data.fold) json["fold"] = data::to_string(recipe_.data.fold);
    json["epochs_trained"] = state_.epoch;
    json["best_accuracy"] = state_.best_accuracy;
    json["precision"] = header_.precision;
    // A stray byte in a name (a folder's, say) must not cost the run.
    header.provenance = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return header;
  }

  /// Returns false if interrupted (a checkpoint is saved).
  bool train_epoch() {
    data::Loader loader(samples_.train_set, training_loader());
    data::Batch batch;
    const auto start = Clock::now();
    auto last_save = start;
    auto counted = start;
    std::int64_t images = 0;
    while (loader.next(batch)) {
      const bool agreed = iterate(batch);
      images += batch.total;
      const double passed = seconds_since(counted);
      state_.seconds += passed;
      state_.epoch_seconds += passed;
      counted = Clock::now();
      report_progress(images, seconds_since(start));
      const bool due = recipe_.train.checkpoint_minutes > 0 &&
                       seconds_since(last_save) > 60.0 * recipe_.train.checkpoint_minutes;
      const bool stop = group_ ? agreed : is_interrupted();
      if (stop || due) {
        save_last();
        last_save = Clock::now();
      }
      if (stop) return false;
    }
    save_last();  // the evaluation may take long
    return end_epoch();
  }

  bool is_interrupted() const { return callbacks_.interrupted && callbacks_.interrupted(); }

  /// This rank's part of the samples to evaluate on; each sample is in one part.
  std::vector<std::int64_t> own_part(const std::optional<std::vector<std::int64_t>>& indices,
                                     std::int64_t size) const {
    const std::int64_t count = indices ? std::ssize(*indices) : size;
    std::vector<std::int64_t> part;
    for (std::int64_t i = group_->rank(); i < count; i += group_->size()) {
      part.push_back(indices ? (*indices)[static_cast<std::size_t>(i)] : i);
    }
    return part;
  }

  /// Nothing if interrupted.
  std::optional<EvaluationResult> evaluate_on(bool validation, const Network& network) const {
    data::LoaderOptions options = loader_for(network_.spec(), header_.preprocessing);
    options.batch_size = 100;
    options.workers = recipe_.data.workers;
    const auto& dataset = validation ? samples_.train_set : samples_.test_set;
    if (validation) options.indices = samples_.validation;
    if (group_) options.indices = own_part(options.indices, dataset->size());
    data::Loader loader(dataset, options);
    EvaluationOptions evaluation;
    evaluation.interrupted = [this] { return is_interrupted(); };
    EvaluationResult result = evaluate_network(network, loader, evaluation);
    if (group_) sum_over_ranks(result, network, *group_);
    if (!result.complete) return std::nullopt;
    return result;
  }

  /// Returns false if interrupted: the checkpoint made before goes on with the evaluation.
  bool end_epoch() {
    EpochReport report;
    const auto n = static_cast<double>(std::max<std::int64_t>(1, state_.samples));
    report.epoch = state_.epoch + 1;
    report.epochs = recipe_.train.epochs;
    report.train_loss = state_.loss_sum / n;
    report.train_accuracy = static_cast<double>(state_.correct) / n;
    report.firing_rate = state_.rate_sum / n;
    report.penalty = state_.penalty.network;
    report.seconds = state_.epoch_seconds;
    if (grid_) rounded_.emplace(grid_->rounded(with_real_weights()));
    const bool validation = !samples_.validation.empty();
    const std::optional<EvaluationResult> evaluated = evaluate_on(validation, result());
    if (!evaluated) return false;
    const EvaluationResult& evaluation = *evaluated;
    report.evaluated_on = validation ? "validation" : "test";
    report.accuracy =
        static_cast<double>(evaluation.correct) / static_cast<double>(evaluation.samples);
    report.evaluation_firing_rate = evaluation.firing_rate;
    report.layer_targets = layer_targets(evaluation);
    ++state_.epoch;
    state_.batch = 0;
    state_.samples = state_.correct = 0;
    state_.loss_sum = state_.rate_sum = state_.epoch_seconds = 0.0;
    report.best =
        recipe_.train.select_on == SelectOn::kLast || report.accuracy > state_.best_accuracy;
    if (report.best) {
      state_.best_accuracy = report.accuracy;
      state_.best_epoch = state_.epoch;
    }
    if (leads()) write_logs(report, evaluation);
    if (report.best) save_best();
    save_last();
    if (callbacks_.epoch) callbacks_.epoch(report);
    return true;
  }

  std::vector<LayerTarget> layer_targets(const EvaluationResult& evaluation) const {
    std::vector<LayerTarget> targets;
    const std::vector<double> rates = objective_.rates(evaluation.firing_rates);
    for (std::size_t i = 0; i < rates.size(); ++i) {
      const FiringObjective::Target& target = objective_.targets()[i];
      if (target.name.empty()) continue;
      const double penalty = state_.penalty.layers.at(targets.size());
      targets.push_back({target.name, target.rate, rates[i], penalty});
    }
    return targets;
  }

  void write_logs(const EpochReport& r, const EvaluationResult& evaluation) {
    const double rate = learning_rate(recipe_.train, state_.iteration - 1, batches_);
    LogFields fields{{"epoch", std::int64_t{r.epoch}},
                     {"train_loss", r.train_loss},
                     {"train_accuracy", r.train_accuracy},
                     {"firing_rate", r.firing_rate},
                     {"evaluated_on", r.evaluated_on},
                     {"accuracy", r.accuracy},
                     {"evaluation_firing_rate", r.evaluation_firing_rate},
                     {"penalty", r.penalty},
                     {"learning_rate", rate},
                     {"seconds", r.seconds}};
    for (const LayerTarget& target : r.layer_targets) {
      fields.emplace_back("firing_rate_of/" + target.name, target.rate);
      fields.emplace_back("penalty_of/" + target.name, target.penalty);
    }
    log_->write("epoch", state_.iteration, fields);
    const auto at = state_.iteration;
    events_->scalar("loss/train", r.train_loss, at);
    events_->scalar("accuracy/train", r.train_accuracy, at);
    events_->scalar("accuracy/" + r.evaluated_on, r.accuracy, at);
    events_->scalar("firing_rate/train", r.firing_rate, at);
    events_->scalar("firing_rate/" + r.evaluated_on, r.evaluation_firing_rate, at);
    events_->scalar("learning_rate", rate, at);
    events_->scalar("firing_rate_penalty", r.penalty, at);
    for (const LayerTarget& target : r.layer_targets) {
      events_->scalar("firing_rate_penalty_of/" + target.name, target.penalty, at);
    }
    if (state_.loss_scale.is_on()) events_->scalar("loss_scale", state_.loss_scale.scale, at);
    for (std::size_t i = 0; i < evaluation.firing_rates.size(); ++i) {
      const auto layer = static_cast<std::size_t>(network_.neuron_layers()[i]);
      events_->scalar("firing_rate_of/" + network_.spec().layers[layer].name,
                      evaluation.firing_rates[i], at);
    }
  }

  /// The test set with the chosen checkpoint.
  TrainResult finish() {
    if (leads()) network_.load(model::read_model(path("best.safetensors")).tensors);
    if (group_) broadcast_all(network_.state(), *group_);
    TrainResult result;
    const std::optional<EvaluationResult> evaluated = evaluate_on(false, network_);
    if (!evaluated) return result;
    const EvaluationResult& test = *evaluated;
    result.finished = true;
    result.best_path = path("best.safetensors");
    result.best_epoch = state_.best_epoch;
    result.test_samples = test.samples;
    result.training_samples = header_.training_samples;
    result.test_accuracy = static_cast<double>(test.correct) / static_cast<double>(test.samples);
    result.test_firing_rate = test.firing_rate;
    result.seconds = state_.seconds;
    result.images_per_second =
        state_.seconds > 0 ? static_cast<double>(state_.images) / state_.seconds : 0.0;
    if (leads()) write_result(result);
    return result;
  }

  void write_result(const TrainResult& result) {
    nlohmann::json json;
    json["network"] = network_.spec().name;
    json["neuron"] = std::string(model::to_string(recipe_.network.options.neuron.kind));
    json["time_steps"] = network_.spec().time_steps;
    json["epochs"] = recipe_.train.epochs;
    json["best_epoch"] = result.best_epoch;
    json["selected_on"] = recipe_.train.select_on == SelectOn::kTest         ? "test"
                          : recipe_.train.select_on == SelectOn::kValidation ? "validation"
                                                                             : "last";
    json["test_samples"] = result.test_samples;
    json["test_accuracy"] = result.test_accuracy;
    json["test_firing_rate"] = result.test_firing_rate;
    json["seconds"] = result.seconds;
    json["images_per_second"] = result.images_per_second;
    json["precision"] = header_.precision;
    json["device"] = std::string(to_string(request_.device));
    if (state_.loss_scale.is_on()) json["skipped_steps"] = state_.loss_scale.skipped_steps;
    json["threads"] = threads_;
    json["processes"] = request_.processes.count;
    model::write_text_atomically(path("result.json"), json.dump(2) + "\n");
    log_->write(
        "result", state_.iteration,
        {{"test_accuracy", result.test_accuracy}, {"test_firing_rate", result.test_firing_rate}});
  }

  TrainRequest request_;
  Recipe recipe_;
  TrainCallbacks callbacks_;
  at::Device device_;
  int threads_;
  at::ScalarType maps_;  ///< type of the activations
  Samples samples_;
  Network network_;
  OptimizerState optimizer_;
  FiringObjective objective_;
  std::unique_ptr<Communicator> group_;  ///< null: this process alone
  std::optional<Teacher> teacher_;
  std::optional<WeightAverage> average_;
  std::optional<WeightGrid> grid_;  ///< none: weights are not rounded
  std::optional<Network> rounded_;  ///< at the end of an epoch, with the weights on the grid
  std::optional<TrainingStep> step_;
  CheckpointHeader header_;
  RunState state_;
  std::int64_t batches_ = 0;
  std::optional<RunLog> log_;
  std::optional<EventFile> events_;
};

}  // namespace

TrainResult train(const TrainRequest& request, const TrainCallbacks& callbacks) {
  return Trainer(request, callbacks).run();
}

}  // namespace trispike::train
