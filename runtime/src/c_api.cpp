// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The C API: the C++ one behind handles, exceptions turned into statuses.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "trispike.h"
#include "trispike/model/error.h"
#include "trispike/runtime/parallel.h"
#include "trispike/runtime/runtime.h"

namespace runtime = trispike::runtime;
namespace model = trispike::model;

struct trispike_model {
  explicit trispike_model(runtime::Model loaded)
      : model(std::move(loaded)),
        mean(model.preprocessing().mean),
        std(model.preprocessing().std),
        num_classes(static_cast<std::size_t>(model.network().num_classes())) {
    const auto channels = static_cast<std::size_t>(model.network().input().shape.channels);
    mean.resize(channels, 0.0);
    std.resize(channels, 1.0);
  }

  std::size_t step_input_size() const {
    return static_cast<std::size_t>(model.network().input().shape.elements());
  }
  std::size_t input_size() const {
    const bool one_map = model.network().input().kind == model::InputKind::kStatic;
    return step_input_size() * (one_map ? 1 : static_cast<std::size_t>(model.network().time_steps));
  }

  runtime::Model model;
  std::vector<double> mean;  // [channels], even if the file holds none
  std::vector<double> std;
  std::size_t num_classes;
};

struct trispike_session {
  runtime::Session session;
  std::size_t num_classes;
};

struct trispike_activity {
  model::Activity activity;
};

namespace {

/// The call itself is wrong.
class ArgumentError : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// An array has not the length that the network needs.
class SizeError : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

static_assert(static_cast<int>(model::InputKind::kStatic) == TRISPIKE_INPUT_STATIC);
static_assert(static_cast<int>(model::InputKind::kFrames) == TRISPIKE_INPUT_FRAMES);
static_assert(static_cast<int>(model::InputKind::kEvents) == TRISPIKE_INPUT_EVENTS);

/// Of fixed size, so that to keep a message cannot fail.
thread_local char last_error[1024] = "";

trispike_status failed(trispike_status status, const char* message) {
  std::strncpy(last_error, message, sizeof last_error - 1);
  return status;
}

/// Calls work(), and nothing it throws gets out.
template <class Work>
trispike_status guarded(const Work& work) noexcept {
  try {
    work();
    return TRISPIKE_OK;
  } catch (const ArgumentError& error) {
    return failed(TRISPIKE_ERROR_ARGUMENT, error.what());
  } catch (const trispike::ConfigError& error) {
    return failed(TRISPIKE_ERROR_CONFIG, error.what());
  } catch (const SizeError& error) {
    return failed(TRISPIKE_ERROR_SHAPE, error.what());
  } catch (const trispike::ShapeError& error) {
    return failed(TRISPIKE_ERROR_SHAPE, error.what());
  } catch (const trispike::FormatError& error) {
    return failed(TRISPIKE_ERROR_FORMAT, error.what());
  } catch (const trispike::IoError& error) {
    return failed(TRISPIKE_ERROR_IO, error.what());
  } catch (const std::bad_alloc&) {
    return failed(TRISPIKE_ERROR_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return failed(TRISPIKE_ERROR_INTERNAL, error.what());
  } catch (...) {
    return failed(TRISPIKE_ERROR_INTERNAL, "unknown exception");
  }
}

template <class T>
T& not_null(T* pointer, const char* name) {
  if (pointer == nullptr) throw ArgumentError(std::string(name) + " is null");
  return *pointer;
}

/// The size of a structure in its first version. Its last field leaves no padding behind it: later
/// fields would take those bytes, which older callers have not set.
template <class T>
constexpr std::size_t first_size = 0;
#define TRISPIKE_FIRST_VERSION(type, last_field) \
  template <>                                    \
  constexpr std::size_t first_size<type> = offsetof(type, last_field) + sizeof(type::last_field)
TRISPIKE_FIRST_VERSION(trispike_model_options, target);
TRISPIKE_FIRST_VERSION(trispike_model_info, packed_bytes);
TRISPIKE_FIRST_VERSION(trispike_preprocessing, sensor_width);
TRISPIKE_FIRST_VERSION(trispike_session_options, record_activity);
TRISPIKE_FIRST_VERSION(trispike_activity_totals, dense_operations);
TRISPIKE_FIRST_VERSION(trispike_neuron_activity, negative_spikes);
TRISPIKE_FIRST_VERSION(trispike_synapse_activity, dense_operations);
#undef TRISPIKE_FIRST_VERSION

template <class T>
void check_struct_size(std::size_t size, const char* name) {
  static_assert(first_size<T> != 0 && first_size<T> % alignof(T) == 0);
  if (size >= first_size<T>) return;
  throw ArgumentError(std::string(name) + ": struct_size is " + std::to_string(size) +
                      ", expected at least " + std::to_string(first_size<T>));
}

/// The caller's structure, which may be older (shorter) or newer (longer) than the library's.
template <class T>
T read_struct(const T* from, const char* name) {
  T mine{};
  if (from == nullptr) return mine;
  check_struct_size<T>(from->struct_size, name);
  const auto* bytes = reinterpret_cast<const unsigned char*>(from);
  std::memcpy(&mine, bytes, std::min(from->struct_size, sizeof(T)));
  if (from->struct_size > sizeof(T) && std::any_of(bytes + sizeof(T), bytes + from->struct_size,
                                                   [](unsigned char byte) { return byte != 0; })) {
    throw ArgumentError(std::string(name) + ": has fields set that this version, " +
                        trispike_version() + ", does not know");
  }
  return mine;
}

/// Fills the part of the caller's structure that both know, the rest with 0.
template <class T>
void write_struct(T* to, T mine, const char* name) {
  const std::size_t size = not_null(to, name).struct_size;
  check_struct_size<T>(size, name);
  mine.struct_size = size;
  auto* bytes = reinterpret_cast<unsigned char*>(to);
  const std::size_t known = std::min(size, sizeof(T));
  std::memcpy(bytes, &mine, known);
  std::memset(bytes + known, 0, size - known);
}

/// The caller's logits are as many as the model's.
std::span<double> checked_logits(double* logits, std::size_t size, std::size_t expected) {
  not_null(logits, "logits");
  if (size != expected) {
    throw SizeError("logits: room for " + std::to_string(size) + " numbers, expected " +
                    std::to_string(expected));
  }
  return {logits, size};
}

std::size_t checked_index(std::size_t index, std::size_t size, const char* what) {
  if (index < size) return index;
  throw ArgumentError("index is " + std::to_string(index) + ", and there are " +
                      std::to_string(size) + " " + what);
}

std::int64_t sum(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

void run_batch(const trispike_model& model, std::span<const float> inputs, std::int64_t samples,
               int threads, std::span<double> logits, trispike_activity* activity) {
  const std::size_t input_size = model.input_size();
  const std::size_t classes = model.num_classes;
  model::Activity counted = runtime::for_each_sample(
      model.model, {.record_activity = activity != nullptr}, samples, threads,
      [&](runtime::Session& session, std::int64_t sample) {
        const auto i = static_cast<std::size_t>(sample);
        const auto answer = session.run(inputs.subspan(i * input_size, input_size));
        std::copy(answer.begin(), answer.end(), logits.subspan(i * classes, classes).begin());
      });
  if (activity != nullptr) activity->activity = std::move(counted);
}

/// samples * each, which may not fit.
std::size_t total_size(std::int64_t samples, std::size_t each) {
  if (samples < 0) {
    throw trispike::ConfigError("samples", "is " + std::to_string(samples) + ", expected >= 0");
  }
  const auto count = static_cast<std::size_t>(samples);
  if (each != 0 && count > std::numeric_limits<std::size_t>::max() / each) {
    throw trispike::ConfigError("samples", std::to_string(samples) + " do not fit into memory");
  }
  return count * each;
}

}  // namespace

const char* trispike_last_error(void) { return last_error; }

const char* trispike_version(void) { return TRISPIKE_VERSION; }

trispike_status trispike_model_load(const char* path, const trispike_model_options* options,
                                    trispike_model** model) {
  return guarded([&] {
    not_null(model, "model") = nullptr;
    not_null(path, "path");
    const trispike_model_options chosen = read_struct(options, "options");
    runtime::ModelOptions cpp;
    if (chosen.arithmetic != nullptr) {
      cpp.arithmetic = runtime::arithmetic_from_string(chosen.arithmetic);
    }
    if (chosen.target != nullptr) cpp.target = chosen.target;
    cpp.event_driven = chosen.event_driven != 0;
    cpp.multiplication_free = chosen.multiplication_free != 0;
    *model = new trispike_model(runtime::Model::load(path, cpp));
  });
}

void trispike_model_destroy(trispike_model* model) { delete model; }

trispike_status trispike_model_get_info(const trispike_model* model, trispike_model_info* info) {
  return guarded([&] {
    const runtime::Model& loaded = not_null(model, "model").model;
    const model::InputLayer& input = loaded.network().input();
    // Both name a literal, which ends with 0.
    const char* const arithmetic = runtime::to_string(loaded.arithmetic()).data();
    const char* const target = loaded.target().data();
    const trispike_model_info mine{.struct_size = 0,
                                   .network = loaded.network().name.c_str(),
                                   .input_kind = static_cast<trispike_input_kind>(input.kind),
                                   .channels = input.shape.channels,
                                   .height = input.shape.height,
                                   .width = input.shape.width,
                                   .time_steps = loaded.network().time_steps,
                                   .input_size = model->input_size(),
                                   .step_input_size = model->step_input_size(),
                                   .num_classes = model->num_classes,
                                   .arithmetic = arithmetic,
                                   .target = target,
                                   .packed_bytes = loaded.packed_bytes()};
    write_struct(info, mine, "info");
  });
}

trispike_status trispike_model_class_name(const trispike_model* model, size_t index,
                                          const char** name) {
  return guarded([&] {
    not_null(name, "name") = nullptr;
    not_null(model, "model");
    checked_index(index, model->num_classes, "classes");
    const std::vector<std::string>& names = model->model.class_names();
    if (!names.empty()) *name = names.at(index).c_str();
  });
}

trispike_status trispike_model_get_preprocessing(const trispike_model* model,
                                                 trispike_preprocessing* preprocessing) {
  return guarded([&] {
    const model::Preprocessing& stored = not_null(model, "model").model.preprocessing();
    trispike_preprocessing mine{};
    mine.mean = model->mean.data();
    mine.std = model->std.data();
    mine.resize_shorter = stored.resize_shorter;
    if (stored.frames) {
      mine.frames_by = stored.frames->by.c_str();
      mine.frames_window_us = stored.frames->window_us;
      mine.frames_from_zero = stored.frames->from_zero;
      mine.frames_keep_rest = stored.frames->keep_rest;
      mine.frames_resize = stored.frames->resize.c_str();
      mine.sensor_height = stored.frames->sensor_height;
      mine.sensor_width = stored.frames->sensor_width;
    }
    write_struct(preprocessing, mine, "preprocessing");
  });
}

trispike_status trispike_model_run_batch(const trispike_model* model, const float* inputs,
                                         size_t inputs_size, int64_t samples, int threads,
                                         double* logits, size_t logits_size,
                                         trispike_activity** activity) {
  return guarded([&] {
    if (activity != nullptr) *activity = nullptr;
    not_null(model, "model");
    not_null(inputs, "inputs");
    const std::size_t expected = total_size(samples, model->input_size());
    if (inputs_size != expected) {
      throw SizeError("inputs: got " + std::to_string(inputs_size) + " numbers, expected " +
                      std::to_string(expected) + " for " + std::to_string(samples) + " samples");
    }
    const std::span<double> answers =
        checked_logits(logits, logits_size, total_size(samples, model->num_classes));
    auto counted = activity == nullptr ? nullptr : std::make_unique<trispike_activity>();
    run_batch(*model, {inputs, inputs_size}, samples, threads, answers, counted.get());
    if (activity != nullptr) *activity = counted.release();
  });
}

trispike_status trispike_session_create(const trispike_model* model,
                                        const trispike_session_options* options,
                                        trispike_session** session) {
  return guarded([&] {
    not_null(session, "session") = nullptr;
    not_null(model, "model");
    const trispike_session_options chosen = read_struct(options, "options");
    runtime::SessionOptions cpp{.record_activity = chosen.record_activity != 0};
    if (chosen.threads < 0 || chosen.threads > std::numeric_limits<int>::max()) {
      throw trispike::ConfigError("threads",
                                  "is " + std::to_string(chosen.threads) + ", expected 0 to 256");
    }
    if (chosen.threads != 0) cpp.threads = static_cast<int>(chosen.threads);
    if (chosen.early_exit != 0) cpp.early_exit_margin = chosen.early_exit_margin;
    *session = new trispike_session{runtime::Session(model->model, cpp), model->num_classes};
  });
}

void trispike_session_destroy(trispike_session* session) { delete session; }

trispike_status trispike_session_get_time_steps(const trispike_session* session, int* time_steps) {
  return guarded([&] {
    not_null(session, "session");
    not_null(time_steps, "time_steps") = session->session.time_steps();
  });
}

trispike_status trispike_session_run(trispike_session* session, const float* input,
                                     size_t input_size, double* logits, size_t logits_size) {
  return guarded([&] {
    not_null(session, "session");
    not_null(input, "input");
    const std::span<double> to = checked_logits(logits, logits_size, session->num_classes);
    const std::span<const double> answer =
        session->session.run(std::span<const float>(input, input_size));
    std::copy(answer.begin(), answer.end(), to.begin());
  });
}

trispike_status trispike_session_reset(trispike_session* session) {
  return guarded([&] { not_null(session, "session").session.reset(); });
}

trispike_status trispike_session_step(trispike_session* session, const float* input,
                                      size_t input_size, double* logits, size_t logits_size) {
  return guarded([&] {
    not_null(session, "session");
    if (input_size != 0) not_null(input, "input");
    const std::span<double> to = checked_logits(logits, logits_size, session->num_classes);
    const std::span<const double> answer =
        session->session.step(std::span<const float>(input, input_size));
    std::copy(answer.begin(), answer.end(), to.begin());
  });
}

trispike_status trispike_session_get_activity(const trispike_session* session,
                                              trispike_activity** activity) {
  return guarded([&] {
    not_null(activity, "activity") = nullptr;
    *activity = new trispike_activity{not_null(session, "session").session.activity()};
  });
}

trispike_status trispike_session_clear_activity(trispike_session* session) {
  return guarded([&] { not_null(session, "session").session.clear_activity(); });
}

trispike_status trispike_activity_get_totals(const trispike_activity* activity,
                                             trispike_activity_totals* totals) {
  return guarded([&] {
    const model::Activity& counted = not_null(activity, "activity").activity;
    trispike_activity_totals mine{};
    mine.samples = counted.samples;
    mine.time_steps = counted.time_steps;
    mine.neuron_layers = counted.neurons.size();
    mine.synapse_layers = counted.synapses.size();
    for (const model::NeuronActivity& layer : counted.neurons) {
      mine.positive_spikes += sum(layer.positive);
      mine.negative_spikes += sum(layer.negative);
    }
    for (const model::SynapseActivity& layer : counted.synapses) {
      mine.synaptic_operations += layer.synaptic_operations;
      mine.macs += layer.macs;
      mine.dense_operations += layer.dense_operations;
    }
    write_struct(totals, mine, "totals");
  });
}

trispike_status trispike_activity_get_neurons(const trispike_activity* activity, size_t index,
                                              trispike_neuron_activity* neurons) {
  return guarded([&] {
    const auto& layers = not_null(activity, "activity").activity.neurons;
    const model::NeuronActivity& layer =
        layers[checked_index(index, layers.size(), "layers of neurons")];
    const trispike_neuron_activity mine{.struct_size = 0,
                                        .layer = layer.layer.c_str(),
                                        .neurons = layer.neurons,
                                        .positive_spikes = sum(layer.positive),
                                        .negative_spikes = sum(layer.negative)};
    write_struct(neurons, mine, "neurons");
  });
}

trispike_status trispike_activity_get_synapses(const trispike_activity* activity, size_t index,
                                               trispike_synapse_activity* synapses) {
  return guarded([&] {
    const auto& layers = not_null(activity, "activity").activity.synapses;
    const model::SynapseActivity& layer =
        layers[checked_index(index, layers.size(), "layers with weights")];
    const trispike_synapse_activity mine{.struct_size = 0,
                                         .layer = layer.layer.c_str(),
                                         .synaptic_operations = layer.synaptic_operations,
                                         .macs = layer.macs,
                                         .dense_operations = layer.dense_operations};
    write_struct(synapses, mine, "synapses");
  });
}

void trispike_activity_destroy(trispike_activity* activity) { delete activity; }
