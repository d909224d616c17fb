// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/recipe_keys.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "trispike/model/model_data.h"

namespace trispike::train {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Far above any sensible value, far below what overflows an int when multiplied.
constexpr double kMaxCount = 1e6;

/// The part of a recipe that holds the member `Part::*field`.
template <class Part>
auto& part_of(auto& recipe) {
  if constexpr (std::is_same_v<Part, NetworkSection>) {
    return recipe.network;
  } else if constexpr (std::is_same_v<Part, model::NetworkOptions>) {
    return recipe.network.options;
  } else if constexpr (std::is_same_v<Part, model::NeuronSpec>) {
    return recipe.network.options.neuron;
  } else if constexpr (std::is_same_v<Part, model::SurrogateSpec>) {
    return recipe.network.options.neuron.surrogate;
  } else if constexpr (std::is_same_v<Part, DataSection>) {
    return recipe.data;
  } else if constexpr (std::is_same_v<Part, data::Fold>) {
    return recipe.data.fold;
  } else if constexpr (std::is_same_v<Part, data::FrameOptions>) {
    return recipe.data.frames;
  } else {
    static_assert(std::is_same_v<Part, TrainSection>);
    return recipe.train;
  }
}

std::string format(double value) {
  char buffer[400];  // the longest fixed notation of a double has 326 characters
  const double magnitude = std::abs(value);
  const bool fixed = magnitude == 0 || (magnitude >= 1e-5 && magnitude < 1e15);
  const auto end =
      fixed ? std::to_chars(buffer, std::end(buffer), value, std::chars_format::fixed)
            : std::to_chars(buffer, std::end(buffer), value, std::chars_format::scientific);
  std::string text(buffer, end.ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}
std::string format(bool value) { return value ? "true" : "false"; }
std::string format(std::integral auto value) { return std::to_string(value); }

std::string format(const std::string& value) {
  std::string quoted = "\"";
  for (const char c : value) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (code < 0x20 || code == 0x7f) {
      constexpr char kHex[] = "0123456789abcdef";
      quoted += "\\u00";
      quoted += kHex[code >> 4];
      quoted += kHex[code & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

template <class T>
std::string format(const std::vector<T>& values) {
  std::string list = "[";
  for (const T& value : values) list += (list.size() > 1 ? ", " : "") + format(value);
  return list + "]";
}

std::string format(const std::map<std::string, double>& values) {
  std::string table = "{";
  for (const auto& [name, value] : values) {
    table += (table.size() > 1 ? ", " : "") + format(name) + " = " + format(value);
  }
  return table + "}";
}

/// The numbers allowed for a key.
struct Interval {
  double low = -kInfinity;
  double high = kInfinity;
  bool low_open = false;
  bool high_open = false;

  bool contains(double x) const {
    if (!std::isfinite(x)) return false;
    return (low_open ? x > low : x >= low) && (high_open ? x < high : x <= high);
  }
  std::string text() const {
    if (high != kInfinity) {
      return std::string(" in ") + (low_open ? "(" : "[") + number(low) + ", " + number(high) +
             (high_open ? ")" : "]");
    }
    return low == -kInfinity ? "" : (low_open ? " > " : " >= ") + number(low);
  }

 private:
  static std::string number(double x) {
    return x == std::floor(x) ? std::to_string(static_cast<std::int64_t>(x)) : format(x);
  }
};
Interval at_least(double low) { return {.low = low}; }
Interval above(double low) { return {.low = low, .low_open = true}; }
Interval between(double low, double high) { return {.low = low, .high = high}; }
Interval from_to_below(double low, double high) {
  return {.low = low, .high = high, .high_open = true};
}

/// Readers: the value as the type of a field, or nothing if it is of another type or out of range.
template <class T>
std::optional<T> read_number(const toml::node& node, const Interval& range) {
  if constexpr (std::is_floating_point_v<T>) {
    // A whole number is as good as a real one; the opposite is not true.
    const auto value = node.value<double>();
    if (!node.is_number() || !value || !range.contains(*value)) return std::nullopt;
    return static_cast<T>(*value);
  } else {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || !range.contains(static_cast<double>(*value))) return std::nullopt;
    return static_cast<T>(*value);
  }
}

template <class T>
std::optional<std::vector<T>> read_list(const toml::node& node, const Interval& range) {
  const toml::array* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<T> values;
  for (const toml::node& item : *array) {
    const auto value = read_number<T>(item, range);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

/// Adds the numbers of `table` to `values`. Names may be written with dots, which nest tables.
bool read_names(const toml::table& table, const Interval& range, const std::string& prefix,
                std::map<std::string, double>& values) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      if (!read_names(*inner, range, name + ".", values)) return false;
      continue;
    }
    const auto value = read_number<double>(node, range);
    if (!value || !values.emplace(name, *value).second) return false;
  }
  return true;
}

/// A row whose value is read by `read` (node to optional), kept in `field` and written by `write`.
template <class Part, class T>
KeyRow row(const std::string& name, T Part::*field, const std::string& expected,
           const std::string& meaning, auto read, auto write) {
  return {
      .name = name,
      .expected = expected,
      .meaning = meaning,
      .set =
          [field, read](const toml::node& node, Recipe& recipe) {
            auto value = read(node);
            if (!value) return false;
            part_of<Part>(recipe).*field = std::move(*value);
            return true;
          },
      .get = [field, write](const Recipe& recipe) { return write(part_of<Part>(recipe).*field); }};
}

/// Writes any value that is not an enumeration.
constexpr auto kFormat = [](const auto& value) { return format(value); };

template <class Part, class T>
KeyRow number(const std::string& name, T Part::*field, Interval range, const std::string& meaning) {
  const char* kind = std::is_floating_point_v<T> ? "a number" : "an integer";
  return row(
      name, field, kind + range.text(), meaning,
      [range](const toml::node& node) { return read_number<T>(node, range); }, kFormat);
}

template <class Part, class T>
KeyRow list(const std::string& name, std::vector<T> Part::*field, Interval range,
            const std::string& meaning) {
  const char* kind = std::is_floating_point_v<T> ? "a list of numbers" : "a list of integers";
  return row(
      name, field, kind + range.text(), meaning,
      [range](const toml::node& node) { return read_list<T>(node, range); }, kFormat);
}

template <class Part>
KeyRow named_numbers(const std::string& name, std::map<std::string, double> Part::*field,
                     Interval range, const std::string& meaning) {
  return row(
      name, field, "a table of names, each with a number" + range.text(), meaning,
      [range](const toml::node& node) -> std::optional<std::map<std::string, double>> {
        std::map<std::string, double> values;
        const toml::table* table = node.as_table();
        if (table == nullptr || !read_names(*table, range, "", values)) return std::nullopt;
        return values;
      },
      kFormat);
}

template <class Part>
KeyRow flag(const std::string& name, bool Part::*field, const std::string& meaning) {
  return row(
      name, field, "true or false", meaning,
      [](const toml::node& node) { return node.value_exact<bool>(); }, kFormat);
}

template <class Part>
KeyRow text(const std::string& name, std::string Part::*field, const std::string& meaning) {
  return row(
      name, field, "a string", meaning,
      [](const toml::node& node) { return node.value_exact<std::string>(); }, kFormat);
}

/// The names of the values of an enumeration (or of the strings that are allowed).
template <class T>
using Choices = std::vector<std::pair<std::string, T>>;

template <class Part, class T>
KeyRow choice(const std::string& name, T Part::*field, Choices<T> choices,
              const std::string& meaning) {
  std::string expected = "one of";
  for (const auto& entry : choices) {
    expected += (expected.ends_with("of") ? " \"" : ", \"") + entry.first + "\"";
  }
  const auto read = [choices](const toml::node& node) -> std::optional<T> {
    const auto text = node.value_exact<std::string>();
    for (const auto& [word, value] : choices) {
      if (text == word) return value;
    }
    return std::nullopt;
  };
  const auto write = [choices](const T& value) {
    using Entry = typename Choices<T>::value_type;
    return format(std::ranges::find(choices, value, &Entry::second)->first);
  };
  return row(name, field, expected, meaning, read, write);
}

/// Choices out of lists of the model library.
Choices<std::string> as_choices(auto&& names) {
  Choices<std::string> choices;
  for (const std::string_view name : names) choices.emplace_back(name, name);
  return choices;
}
template <class T>
Choices<T> as_choices(auto&& names, T (*from_string)(std::string_view)) {
  Choices<T> choices;
  for (const std::string_view name : names) choices.emplace_back(name, from_string(name));
  return choices;
}
std::vector<std::string_view> names_of(auto&& table) {
  std::vector<std::string_view> names;
  for (const auto& entry : table) names.push_back(entry.name);
  return names;
}

KeyRow input_row() {
  return {.name = "network.input",
          .expected = "a list of three integers in [0, 65536], all or none of them 0",
          .meaning = "size of an image, [channels, height, width]; zeros: of the data set",
          .set =
              [](const toml::node& node, Recipe& recipe) {
                const auto size = read_list<std::int64_t>(node, between(0, 65536));
                if (!size || size->size() != 3) return false;
                const auto zeros = std::ranges::count(*size, 0);
                if (zeros != 0 && zeros != 3) return false;
                recipe.network.options.input = {(*size)[0], (*size)[1], (*size)[2]};
                return true;
              },
          .get =
              [](const Recipe& recipe) {
                const model::MapShape& input = recipe.network.options.input;
                return format(std::vector{input.channels, input.height, input.width});
              }};
}

KeyRow frame_size_row() {
  return {.name = "data.frame_size",
          .expected = "a list of two integers in [0, 16384], both or none of them 0",
          .meaning = "size of event frames, [height, width]; zeros: of network.input or the sensor",
          .set =
              [](const toml::node& node, Recipe& recipe) {
                const auto size = read_list<int>(node, between(0, 16384));
                if (!size || size->size() != 2 || ((*size)[0] == 0) != ((*size)[1] == 0)) {
                  return false;
                }
                recipe.data.frames.height = (*size)[0];
                recipe.data.frames.width = (*size)[1];
                return true;
              },
          .get =
              [](const Recipe& recipe) {
                return format(std::vector{recipe.data.frames.height, recipe.data.frames.width});
              }};
}

void add_frame_rows(std::vector<KeyRow>& rows) {
  using data::FrameOptions;
  rows.push_back(choice(
      "data.frames_by", &FrameOptions::by,
      {{"count", data::FramesBy::kCount},
       {"time", data::FramesBy::kTime},
       {"window", data::FramesBy::kWindow}},
      "time steps of an event recording: of equally many events, of equal duration, or windows"));
  rows.push_back(number("data.frame_window_us", &FrameOptions::window_us,
                        between(0, double(std::int64_t{1} << 40)),
                        "length of a window in microseconds; 0 unless frames_by is \"window\""));
  rows.push_back(flag("data.frames_from_zero", &FrameOptions::from_zero,
                      "the first window starts at time 0, not at the first event"));
  rows.push_back(flag("data.frame_keep_rest", &FrameOptions::keep_rest,
                      "the last frame takes the events that an even division leaves over"));
  rows.push_back(frame_size_row());
  rows.push_back(choice("data.frame_resize", &FrameOptions::resize,
                        {{"sum", data::FrameResize::kSum},
                         {"nearest", data::FrameResize::kNearest},
                         {"bilinear", data::FrameResize::kBilinear}},
                        "how the sensor's pixels become those of event frames"));
  rows.push_back(number("data.roll", &DataSection::roll, between(0, 16384),
                        "random cyclic shift of event frames by up to this many pixels; 0: off"));
}

/// Naming a surrogate also resets its width, which means something else for each.
KeyRow surrogate_row() {
  KeyRow result =
      choice("neuron.surrogate", &model::SurrogateSpec::kind,
             as_choices(model::surrogate_kind_names(), model::surrogate_kind_from_string),
             "shape of the derivative that stands for that of firing; sets surrogate_width to its "
             "default");
  result.set = [set_kind = result.set](const toml::node& node, Recipe& recipe) {
    if (!set_kind(node, recipe)) return false;
    model::SurrogateSpec& surrogate = recipe.network.options.neuron.surrogate;
    surrogate.width = model::default_surrogate_width(surrogate.kind);
    return true;
  };
  return result;
}

void add_network_rows(std::vector<KeyRow>& rows) {
  using Options = model::NetworkOptions;
  rows.push_back(choice("network.name", &NetworkSection::name,
                        as_choices(names_of(model::networks())), "the architecture"));
  rows.push_back(number("network.width", &Options::width, between(0, 65536),
                        "channels of the first stage; 0: the network's own"));
  rows.push_back(number("network.time_steps", &Options::time_steps, between(1, 1024),
                        "time steps per image; 1 for the ANN twin"));
  rows.push_back(number("network.num_classes", &Options::num_classes, between(0, kMaxCount),
                        "classes; 0: of the data set"));
  rows.push_back(input_row());
  rows.push_back(choice("network.neuron", &model::NeuronSpec::kind,
                        as_choices(names_of(model::neuron_kinds()), model::neuron_kind_from_string),
                        "neuron of every spiking layer; \"relu\" makes the ANN twin"));
  rows.push_back(choice("network.preset", &NetworkSection::preset,
                        as_choices(model::neuron_presets()),
                        "constants of the neuron, before those of [neuron] are applied"));
  rows.push_back(flag("network.zero_init_last_norm", &Options::zero_init_last_norm,
                      "the last norm of each block starts with weight 0"));
  rows.push_back(flag("network.stem_norm_per_time_step", &Options::stem_norm_per_time_step,
                      "batch statistics of the stem are those of one time step"));
  rows.push_back(number("network.norm_scale", &Options::norm_scale, above(0),
                        "constant factor on every normalised value (tdBN: alpha * V_th)"));
}

void add_neuron_rows(std::vector<KeyRow>& rows) {
  using model::NeuronSpec;
  rows.push_back(number("neuron.threshold", &NeuronSpec::threshold, above(0),
                        "fires where |potential| >= threshold (binary: potential >= threshold)"));
  rows.push_back(flag("neuron.trainable_threshold", &NeuronSpec::trainable_threshold,
                      "each spiking layer learns a threshold of its own, which starts at "
                      "neuron.threshold"));
  rows.push_back(number("neuron.decay", &NeuronSpec::decay, between(0, 1),
                        "factor on the membrane potential per time step"));
  rows.push_back(
      flag("neuron.strict", &NeuronSpec::strict, "fires above the threshold, not at it"));
  rows.push_back(choice("neuron.reset", &NeuronSpec::reset,
                        as_choices(model::reset_mode_names(), model::reset_mode_from_string),
                        "what happens to the potential of a neuron that has fired"));
  rows.push_back(flag("neuron.detach_reset", &NeuronSpec::detach_reset,
                      "no gradient flows through the reset"));
  rows.push_back(surrogate_row());
  rows.push_back(number("neuron.surrogate_width", &model::SurrogateSpec::width, above(0),
                        "width of the surrogate, in units of the potential"));
}

void add_data_rows(std::vector<KeyRow>& rows) {
  rows.push_back(text("data.format", &DataSection::format,
                      "format of the data set; \"auto\": found out from its files"));
  rows.push_back(number("data.folds", &data::Fold::folds, between(0, kMaxCount),
                        "parts into which training and test samples together are divided for a "
                        "cross-validation; 0: the data set's own splits"));
  rows.push_back(number("data.fold", &data::Fold::index, between(0, kMaxCount),
                        "which of data.folds is the test set, from 0"));
  rows.push_back(number("data.validation_fraction", &DataSection::validation_fraction,
                        between(0, 0.5), "part of the training set kept for validation"));
  rows.push_back(text("data.classes", &DataSection::classes,
                      "file with the class of each output, one a line; \"\": the data set's own"));
  rows.push_back(flag("data.random_resized_crop", &DataSection::random_resized_crop,
                      "train on random parts of 8 to 100 % of a picture, resized to the input"));
  rows.push_back(number("data.eval_resize", &DataSection::eval_resize,
                        between(0, double(model::Preprocessing::kMaxResize)),
                        "evaluate the centre after resizing the shorter side to this; 0: the "
                        "largest part that fits"));
  rows.push_back(number("data.crop_padding", &DataSection::crop_padding, between(0, 1024),
                        "random crop after padding by this many zero pixels; 0: off"));
  rows.push_back(flag("data.flip", &DataSection::flip, "random horizontal flip"));
  rows.push_back(choice(
      "data.augment", &DataSection::augment,
      {{"none", Augmentation::kNone}, {"autoaugment-cifar10", Augmentation::kAutoAugmentCifar10}},
      "augmentation policy"));
  rows.push_back(number("data.cutout", &DataSection::cutout, between(0, 65536),
                        "side of the square set to 0, in pixels; 0: off"));
  add_frame_rows(rows);
  rows.push_back(list("data.mean", &DataSection::mean, between(-kMaxCount, kMaxCount),
                      "mean per channel of pixels in [0, 1]; []: of the data set"));
  rows.push_back(list("data.std", &DataSection::std, above(0),
                      "standard deviation per channel; []: of the data set"));
  rows.push_back(number("data.train_samples", &DataSection::train_samples, at_least(0),
                        "use only so many training images, drawn by seed; 0: all"));
  rows.push_back(number("data.workers", &DataSection::workers, between(1, 256),
                        "threads that load and augment images"));
  rows.push_back(flag("data.skip_bad", &DataSection::skip_bad,
                      "read every sample before the start; leave out, with a warning, those that "
                      "cannot be read"));
}

void add_optimizer_rows(std::vector<KeyRow>& rows) {
  rows.push_back(number("train.epochs", &TrainSection::epochs, between(1, kMaxCount),
                        "passes over the training images"));
  rows.push_back(number("train.batch_size", &TrainSection::batch_size, between(1, 65536),
                        "images per iteration"));
  rows.push_back(choice("train.optimizer", &TrainSection::optimizer,
                        {{"sgd", Optimizer::kSgd}, {"adamw", Optimizer::kAdamW}}, "optimiser"));
  rows.push_back(number("train.learning_rate", &TrainSection::learning_rate, above(0),
                        "learning rate after the warm-up"));
  rows.push_back(number("train.momentum", &TrainSection::momentum, from_to_below(0, 1),
                        "momentum of SGD, beta1 of AdamW"));
  rows.push_back(flag("train.nesterov", &TrainSection::nesterov, "Nesterov momentum (SGD only)"));
  rows.push_back(number("train.weight_decay", &TrainSection::weight_decay, at_least(0),
                        "weight decay of convolution and linear weights, of nothing else"));
  rows.push_back(choice(
      "train.schedule", &TrainSection::schedule,
      {{"constant", Schedule::kConstant}, {"cosine", Schedule::kCosine}, {"step", Schedule::kStep}},
      "course of the learning rate; cosine: to 0, per iteration"));
  rows.push_back(
      list("train.step_epochs", &TrainSection::step_epochs, between(1, kMaxCount),
           "schedule \"step\": epochs after which the rate is multiplied by step_factor"));
  rows.push_back(number("train.step_factor", &TrainSection::step_factor,
                        {.low = 0, .high = 1, .low_open = true}, "see step_epochs"));
  rows.push_back(number("train.warmup_iterations", &TrainSection::warmup_iterations,
                        between(0, kMaxCount),
                        "the rate rises linearly over this many iterations; 0: off"));
}

void add_objective_rows(std::vector<KeyRow>& rows) {
  rows.push_back(number("train.label_smoothing", &TrainSection::label_smoothing,
                        from_to_below(0, 1), "probability spread evenly over all classes"));
  rows.push_back(number("train.firing_rate_target", &TrainSection::firing_rate_target,
                        from_to_below(0, 1), "mean firing rate wanted; 0: no such objective"));
  rows.push_back(
      named_numbers("train.firing_rate_targets", &TrainSection::firing_rate_targets,
                    {.low = 0, .high = 1, .low_open = true},
                    "firing rates wanted of layers or of groups of them, by name: { stage1 = 0.2, "
                    "\"stage4.0.neuron2\" = 0.1 }; in addition to firing_rate_target"));
  rows.push_back(
      number("train.firing_rate_weight", &TrainSection::firing_rate_weight, above(0),
             "how fast the weights of the firing-rate objectives in the loss are adjusted"));
  rows.push_back(
      choice("train.firing_rate_of", &TrainSection::firing_rate_of,
             {{"neurons", RateOf::kNeurons}, {"operations", RateOf::kOperations}},
             "firing_rate_target and firing_rate_targets are the part of the neurons that "
             "fires, or of the synaptic operations that is executed"));
  rows.push_back(
      text("train.teacher", &TrainSection::teacher,
           "trained model whose answers are learned, too, its ANN twin say; \"\": none"));
  rows.push_back(number("train.teacher_weight", &TrainSection::teacher_weight,
                        {.low = 0, .high = 1, .low_open = true},
                        "the teacher's part of the loss; the labels have the rest"));
  rows.push_back(number("train.teacher_temperature", &TrainSection::teacher_temperature, above(0),
                        "logits are divided by it before teacher and student are compared"));
}

KeyRow weight_bits_row() {
  return row(
      "train.weight_bits", &TrainSection::weight_bits, "6, 7 or 8, or 0",
      "forward rounds weights to the grid of export --arithmetic integer --weight-bits, the best "
      "checkpoint holds rounded ones; 0: off",
      [](const toml::node& node) -> std::optional<int> {
        const auto bits = read_number<int>(node, between(0, 8));
        return bits && (*bits == 0 || *bits >= 6) ? bits : std::nullopt;
      },
      kFormat);
}

void add_train_rows(std::vector<KeyRow>& rows) {
  add_optimizer_rows(rows);
  add_objective_rows(rows);
  rows.push_back(text("train.initial_weights", &TrainSection::initial_weights,
                      "trained model that the run starts from; \"\": weights drawn by seed"));
  rows.push_back(number("train.average_decay", &TrainSection::average_decay, from_to_below(0, 1),
                        "evaluate and keep a moving average of the weights; the old average's "
                        "part in it per iteration; 0: the weights themselves"));
  rows.push_back(weight_bits_row());
  rows.push_back(number("train.recompute", &TrainSection::recompute, between(0, kMaxCount),
                        "backward computes stretches of so many neuron layers again instead of "
                        "keeping them (less memory, more time, same result, in float32 up to "
                        "rounding); 0: none"));
  rows.push_back(choice("train.precision", &TrainSection::precision,
                        {{"auto", Precision::kAuto},
                         {"float32", Precision::kFloat32},
                         {"bfloat16", Precision::kBFloat16},
                         {"float16", Precision::kFloat16}},
                        "arithmetic of the convolutions; auto: bfloat16 where the processor has "
                        "it; float16: on GPUs only, with loss scaling"));
  rows.push_back(number("train.seed", &TrainSection::seed, at_least(0),
                        "seed of weights, order and augmentation"));
  rows.push_back(number("train.threads", &TrainSection::threads, between(0, 1024),
                        "threads that compute; 0: all cores"));
  rows.push_back(choice(
      "train.select_on", &TrainSection::select_on,
      {{"validation", SelectOn::kValidation}, {"test", SelectOn::kTest}, {"last", SelectOn::kLast}},
      "what chooses the best checkpoint; \"test\" is the papers' habit and flatters"));
  rows.push_back(
      number("train.checkpoint_minutes", &TrainSection::checkpoint_minutes, between(0, 10080),
             "a checkpoint at least this often, in mid-epoch too; 0: at epoch ends only"));
  rows.push_back(flag("train.fused", &TrainSection::fused,
                      "fused neuron kernels; false: the op-by-op reference"));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);  // npos + 1 = 0: a key without section
}

}  // namespace

const std::vector<KeyRow>& key_rows() {
  static const std::vector<KeyRow> kRows = [] {
    std::vector<KeyRow> all;
    add_network_rows(all);
    add_neuron_rows(all);
    add_data_rows(all);
    add_train_rows(all);
    return all;
  }();
  return kRows;
}

const KeyRow* find_key(std::string_view name) {
  const auto found = std::ranges::find(key_rows(), name, &KeyRow::name);
  return found == key_rows().end() ? nullptr : &*found;
}

std::string nearest_key(std::string_view name) {
  name = name.substr(0, 100);  // longer than any key: the cost stays bounded
  const auto distance = [name](const KeyRow& row) {
    return std::min(edit_distance(name, row.name),
                    1 + edit_distance(last_part(name), last_part(row.name)));
  };
  return std::ranges::min_element(key_rows(), {}, distance)->name;
}

}  // namespace trispike::train
