// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/dispatch.h"

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <array>
#include <cstdlib>
#include <tuple>

#include "kernels/highway.h"
#include "kernels/scalar.h"
#include "trispike/model/error.h"

namespace trispike::runtime {
namespace {

constexpr std::string_view kTileTarget = "avx512amx";

#if defined(__x86_64__) && defined(__linux__)
// Tiles are registers that Linux saves only for processes that ask for them. Old headers lack these
// constants.
constexpr long kSupportedStates = 0x1021;    // ARCH_GET_XCOMP_SUPP
constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
constexpr long kTileData = 18;               // XFEATURE_XTILEDATA

/// Whether processor and system have tiles of bytes. Asks for no permission.
bool has_tiles() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  // Not __builtin_cpu_supports, which has no word for AMX in older compilers.
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  const bool tile = (d >> 24 & 1) != 0;
  const bool int8 = (d >> 25 & 1) != 0;
  unsigned long states = 0;
  return tile && int8 && syscall(SYS_arch_prctl, kSupportedStates, &states) == 0 &&
         (states >> kTileData & 1) != 0;
}

/// Asks, once or again, for what a target needs of the system. It is never given back.
bool permitted(std::string_view target) {
  return target != kTileTarget || syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#else
[[maybe_unused]] constexpr bool has_tiles() { return false; }
constexpr bool permitted(std::string_view) { return true; }
#endif

#if defined(__x86_64__) || defined(__i386__)
// These builtins also ask whether the operating system saves the registers.
bool has_avx2() { return __builtin_cpu_supports("avx2"); }
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
bool has_avx512vnni() {
  return has_avx512() && __builtin_cpu_supports("avx512vnni") &&
         __builtin_cpu_supports("avx512vbmi2");
}
bool has_avx512amx() { return has_avx512vnni() && has_tiles(); }
constexpr bool has_neon() { return false; }
constexpr bool has_neondot() { return false; }
#elif defined(__aarch64__)
constexpr bool has_avx2() { return false; }
constexpr bool has_avx512() { return false; }
constexpr bool has_avx512vnni() { return false; }
constexpr bool has_avx512amx() { return false; }
constexpr bool has_neon() { return true; }
#if defined(__linux__)
bool has_neondot() { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }
#else
constexpr bool has_neondot() { return false; }
#endif
#else
constexpr bool has_avx2() { return false; }
constexpr bool has_avx512() { return false; }
constexpr bool has_avx512vnni() { return false; }
constexpr bool has_avx512amx() { return false; }
constexpr bool has_neon() { return false; }
constexpr bool has_neondot() { return false; }
#endif

void require_permission(std::string_view target, const std::string& key) {
  if (permitted(target)) return;
  throw ConfigError(key, "Linux refuses this process the permission to use tiles, which '" +
                             std::string(target) + "' needs");
}

/// Its permission is asked for, too.
const TargetInfo& checked(std::string_view name, const std::string& key) {
  std::string valid;
  for (const TargetInfo& target : targets()) {
    if (target.name == name && target.supported) {
      require_permission(name, key);
      return target;
    }
    if (target.name == name) {
      throw ConfigError(key, "this machine cannot run '" + std::string(name) + "', which needs " +
                                 std::string(target.summary));
    }
    valid += (valid.empty() ? "" : ", ") + std::string(target.name);
  }
  throw ConfigError(key, "unknown target '" + std::string(name) + "'; expected one of: " + valid);
}

}  // namespace

std::span<const TargetInfo> targets() {
  // Best first.
  static const std::array kTargets = {
      TargetInfo{kTileTarget,
                 "AVX-512 as avx512vnni, AMX with bytes, and Linux's permission to use tiles",
                 has_avx512amx()},
      TargetInfo{"avx512vnni", "AVX-512 F, VL, DQ, BW, VNNI and VBMI2", has_avx512vnni()},
      TargetInfo{"avx512", "AVX-512 F, VL, DQ and BW", has_avx512()},
      TargetInfo{"avx2", "AVX2", has_avx2()},
      TargetInfo{"neondot", "ARMv8.2 NEON with dot products", has_neondot()},
      TargetInfo{"neon", "ARMv8 NEON", has_neon()},
      TargetInfo{"scalar", "any machine", true},
  };
  return kTargets;
}

std::string_view default_target() {
  if (const char* forced = std::getenv("TRISPIKE_TARGET"); forced != nullptr && *forced != '\0') {
    return checked(forced, "TRISPIKE_TARGET").name;
  }
  for (const TargetInfo& target : targets()) {
    if (target.supported && permitted(target.name)) return target.name;
  }
  throw std::logic_error("no kernels for this machine");
}

std::string_view resolve_target(const std::string& requested) {
  return requested.empty() ? default_target() : checked(requested, "target").name;
}

template <class Number>
Kernels<Number> kernels_for(std::string_view target) {
  require_permission(target, "target");
  for (const VectorKernels& kernels : vector_kernels()) {
    if (kernels.target != target) continue;
    return std::get<Kernels<Number>>(kernels.kernels);
  }
  return scalar_kernels<Number>();
}

template Kernels<float> kernels_for<float>(std::string_view);
template Kernels<double> kernels_for<double>(std::string_view);
template Kernels<Integer> kernels_for<Integer>(std::string_view);

}  // namespace trispike::runtime
