// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// After its construction a session allocates nothing. This program counts all allocations.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "runtime/cases.h"
#include "trispike/model/quantise.h"
#include "trispike/runtime/runtime.h"

namespace {

std::atomic<std::int64_t> allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded =
      (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, rounded)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace trispike::runtime {
namespace {

TEST(Session, AllocatesNothingAfterConstruction) {
  for (const model::InputKind kind :
       {model::InputKind::kStatic, model::InputKind::kFrames, model::InputKind::kEvents}) {
    for (const Arithmetic arithmetic :
         {Arithmetic::kFloat32, Arithmetic::kFloat64, Arithmetic::kInteger}) {
      model::ModelData data = small_model(kind);
      if (arithmetic == Arithmetic::kInteger) data = model::quantise(model::fold(data), {});
      for (const bool record : {false, true}) {
        for (const std::string& target : supported_targets()) {
          const std::int64_t before_setup = allocations;
          const Model model = Model::from(data, {arithmetic, target});
          const std::vector<double> input = test_input(model.network());
          const std::size_t map =
              static_cast<std::size_t>(model.network().input().shape.elements());
          Session session(model, {.record_activity = record, .record_spikes = record});
          // Lists of input events grow with the densest frame so far.
          if (kind == model::InputKind::kEvents) session.run(input);
          const std::int64_t before = allocations;
          EXPECT_GT(before, before_setup) << "the counter works";
          session.run(input);
          session.reset();
          for (int t = 0; t < 5; ++t) session.step(std::span(input).first(map));
          session.clear_activity();
          EXPECT_EQ(allocations, before) << target;
        }
      }
    }
  }
}

}  // namespace
}  // namespace trispike::runtime
