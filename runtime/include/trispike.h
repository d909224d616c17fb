// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The runtime for programs in C, and in languages that call C (docs/c-api.md). C99; in C++,
// "trispike/runtime/runtime.h" says the same with less ceremony.
//
//   trispike_model* model = NULL;
//   trispike_session* session = NULL;
//   if (trispike_model_load("model.safetensors", NULL, &model) != TRISPIKE_OK ||
//       trispike_session_create(model, NULL, &session) != TRISPIKE_OK ||
//       trispike_session_run(session, input, input_size, logits, num_classes) != TRISPIKE_OK) {
//     fprintf(stderr, "%s\n", trispike_last_error());
//   }
//
// Every function that can fail returns a status. A null pointer is refused with
// TRISPIKE_ERROR_ARGUMENT wherever its description does not allow it. What a failed call would have
// created is NULL; arrays it would have filled hold anything.
//
// Structures begin with `struct_size`, set by the caller to the structure's own size, and may grow
// at their end: a program built against an older header works with a newer library, and the other
// way round as long as it asks for nothing that the library does not know.
#ifndef TRISPIKE_H
#define TRISPIKE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum trispike_status {
  TRISPIKE_OK = 0,
  TRISPIKE_ERROR_ARGUMENT = 1,  ///< the call itself: a null pointer, a structure of unknown size
  TRISPIKE_ERROR_CONFIG = 2,    ///< a setting has a value that cannot be used
  TRISPIKE_ERROR_SHAPE = 3,     ///< numbers that do not fit the network, or its layers one another
  TRISPIKE_ERROR_FORMAT = 4,    ///< a file is not a model file, or is damaged
  TRISPIKE_ERROR_IO = 5,        ///< a file cannot be opened or read
  TRISPIKE_ERROR_MEMORY = 6,    ///< memory ran out
  TRISPIKE_ERROR_INTERNAL = 7   ///< anything else, such as a thread that could not be started
} trispike_status;

/// The message of the last call that failed on this thread: what, the value found, what was
/// expected. "" if none failed. Valid until the next call fails on this thread.
const char* trispike_last_error(void);

/// Of the library: "major.minor.patch".
const char* trispike_version(void);

/// A network planned for this machine, with its weights. It never changes: any number of threads
/// may use one at the same time.
typedef struct trispike_model trispike_model;

/// One sample being processed: membrane potentials and buffers. One thread at a time.
typedef struct trispike_session trispike_session;

/// What was counted; a copy that belongs to the caller.
typedef struct trispike_activity trispike_activity;

typedef struct trispike_model_options {
  size_t struct_size;
  /// "float32", "float64" or "integer". NULL: integer for a quantised model, else float32.
  const char* arithmetic;
  /// A set of kernels: "avx512amx", "avx512vnni", "avx512", "avx2", "neondot", "neon" or "scalar".
  /// NULL: the one that the environment variable TRISPIKE_TARGET names, else the best for this
  /// machine.
  const char* target;
  /// Not 0: spikes are only ever added. Otherwise an integer model's layer in which so many fire
  /// that it is faster multiplies them, with the same sums, for a second copy of its weights.
  int event_driven;
  /// Not 0: that, and a model in which a layer reads real numbers, and so multiplies, is refused.
  int multiplication_free;
} trispike_model_options;

/// Loads a model file of any stage. `options` may be NULL. Fails with IO, FORMAT or SHAPE for the
/// file, CONFIG for the options.
trispike_status trispike_model_load(const char* path, const trispike_model_options* options,
                                    trispike_model** model);

/// NULL does nothing. Sessions of the model stay usable; strings and arrays it gave do not.
void trispike_model_destroy(trispike_model* model);

typedef enum trispike_input_kind {
  TRISPIKE_INPUT_STATIC = 0,  ///< one image, the same at every time step
  TRISPIKE_INPUT_FRAMES = 1,  ///< one map of real numbers per time step
  TRISPIKE_INPUT_EVENTS = 2   ///< one map per time step: how many events came, whole numbers >= 0
} trispike_input_kind;

/// What a model is. Strings are valid until the model is destroyed.
typedef struct trispike_model_info {
  size_t struct_size;
  const char* network;  ///< name of the network, such as "resnet20"
  trispike_input_kind input_kind;
  int64_t channels;  ///< of one input map [C, H, W]
  int64_t height;
  int64_t width;
  int64_t time_steps;
  size_t input_size;       ///< numbers of a whole input: C*H*W, or T*C*H*W if not static
  size_t step_input_size;  ///< numbers of the input of one time step: C*H*W
  size_t num_classes;      ///< numbers of the answer
  const char* arithmetic;  ///< in use: "float32", "float64" or "integer"
  const char* target;      ///< kernels in use
  int64_t packed_bytes;    ///< memory of the packed weights
} trispike_model_info;

trispike_status trispike_model_get_info(const trispike_model* model, trispike_model_info* info);

/// Sets *name to the name of class `index` in [0, num_classes), valid until the model is destroyed;
/// to NULL if the model does not name its classes. Fails with ARGUMENT for any other index.
trispike_status trispike_model_class_name(const trispike_model* model, size_t index,
                                          const char** name);

/// How a picture becomes the input: brought to the input's height and width, scaled to [0, 1], then
/// (x - mean) / std per channel. How a recording of events becomes one (docs/event-data.md): as
/// `frames_by` says, not scaled to [0, 1]. Pointers are valid until the model is destroyed.
typedef struct trispike_preprocessing {
  size_t struct_size;
  const double* mean;  ///< [channels]
  const double* std;   ///< [channels]
  /// The shorter side becomes this many pixels, and the centre is cut out. 0: the largest centred
  /// part of the input's aspect ratio is resized to its size.
  int64_t resize_shorter;
  const char* frames_by;      ///< "count", "time" or "window"; NULL for pictures: the rest is 0
  int64_t frames_window_us;   ///< of "window", else 0
  int frames_from_zero;       ///< 1: the first window starts at time 0, not at the first event
  int frames_keep_rest;       ///< 1: the last map takes the events that are left over
  const char* frames_resize;  ///< "sum", "nearest" or "bilinear"
  int64_t sensor_height;      ///< of recordings that do not say; 0: not known
  int64_t sensor_width;
} trispike_preprocessing;

trispike_status trispike_model_get_preprocessing(const trispike_model* model,
                                                 trispike_preprocessing* preprocessing);

/// Classifies `samples` inputs, [samples, input_size], on `threads` threads (at least 1) and writes
/// the mean logits, [samples, num_classes]. The answer does not depend on the number of threads.
/// The sizes are the lengths of the arrays. `activity`, if not NULL, becomes the activity of all
/// samples together, to be destroyed by the caller. Fails with SHAPE for sizes that do not fit and
/// for events that are not whole numbers, with CONFIG for `samples` or `threads`.
trispike_status trispike_model_run_batch(const trispike_model* model, const float* inputs,
                                         size_t inputs_size, int64_t samples, int threads,
                                         double* logits, size_t logits_size,
                                         trispike_activity** activity);

typedef struct trispike_session_options {
  size_t struct_size;
  int64_t record_activity;  ///< not 0: count spikes and operations
  /// That share each sample's work, up to 256, with the same numbers; 0 is 1. They are missing in a
  /// forked process: make its sessions there.
  int64_t threads;
  int64_t early_exit;  ///< not 0: trispike_session_run ends as the margin says
  /// After the first time step at which the best mean logit is at least so much above the second
  /// best.
  double early_exit_margin;
} trispike_session_options;

/// Allocates all that running needs. `options` may be NULL: nothing is recorded. The model may be
/// destroyed before the session.
trispike_status trispike_session_create(const trispike_model* model,
                                        const trispike_session_options* options,
                                        trispike_session** session);

/// NULL does nothing.
void trispike_session_destroy(trispike_session* session);

/// How many time steps the last trispike_session_run took: fewer than the model's only by an early
/// exit. 0 before any.
trispike_status trispike_session_get_time_steps(const trispike_session* session, int* time_steps);

/// Resets, runs all time steps on one input of `input_size` numbers, already normalised, and writes
/// the mean logits [num_classes]. Fails with SHAPE for other sizes and for events that are not
/// whole numbers.
trispike_status trispike_session_run(trispike_session* session, const float* input,
                                     size_t input_size, double* logits, size_t logits_size);

/// Sets all membrane potentials to zero.
trispike_status trispike_session_reset(trispike_session* session);

/// One time step on an input map of `step_input_size` numbers; writes the logits of this step
/// alone. For static input, NULL of size 0 repeats the last image at no cost for the first layer.
/// Fails as trispike_session_run does.
trispike_status trispike_session_step(trispike_session* session, const float* input,
                                      size_t input_size, double* logits, size_t logits_size);

/// What the session counted since it was created or cleared, as a copy to be destroyed by the
/// caller. Fails with CONFIG if the session does not record.
trispike_status trispike_session_get_activity(const trispike_session* session,
                                              trispike_activity** activity);
trispike_status trispike_session_clear_activity(trispike_session* session);

/// Sums over all samples, time steps and layers.
typedef struct trispike_activity_totals {
  size_t struct_size;
  int64_t samples;
  int64_t time_steps;           ///< of one sample
  size_t neuron_layers;         ///< layers that spike
  size_t synapse_layers;        ///< layers with weights
  int64_t positive_spikes;      ///< +1
  int64_t negative_spikes;      ///< -1
  int64_t synaptic_operations;  ///< additions of weights caused by spikes
  int64_t macs;                 ///< multiply-accumulates on real-valued input
  int64_t dense_operations;     ///< operations if nothing were zero
} trispike_activity_totals;

/// Spikes of one layer of neurons. `layer` is valid until the activity is destroyed.
typedef struct trispike_neuron_activity {
  size_t struct_size;
  const char* layer;
  int64_t neurons;  ///< of one sample at one time step
  int64_t positive_spikes;
  int64_t negative_spikes;
} trispike_neuron_activity;

/// Work of one layer with weights. `layer` is valid until the activity is destroyed.
typedef struct trispike_synapse_activity {
  size_t struct_size;
  const char* layer;
  int64_t synaptic_operations;
  int64_t macs;
  int64_t dense_operations;
} trispike_synapse_activity;

trispike_status trispike_activity_get_totals(const trispike_activity* activity,
                                             trispike_activity_totals* totals);

/// Layers in execution order. Fail with ARGUMENT if `index` is not below neuron_layers or
/// synapse_layers.
trispike_status trispike_activity_get_neurons(const trispike_activity* activity, size_t index,
                                              trispike_neuron_activity* neurons);
trispike_status trispike_activity_get_synapses(const trispike_activity* activity, size_t index,
                                               trispike_synapse_activity* synapses);

/// NULL does nothing.
void trispike_activity_destroy(trispike_activity* activity);

#ifdef __cplusplus
}
#endif

#endif  // TRISPIKE_H
