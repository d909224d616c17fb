// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// TRISPIKE_SANITIZED is defined in programs with the address or thread sanitizer, whose allocator
// and signal handlers are not to be replaced.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRISPIKE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TRISPIKE_SANITIZED 1
#endif
#endif
