// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The functions behind the rows of event_formats().
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "events/byte_source.h"
#include "events/text_header.h"
#include "trispike/data/events.h"

namespace trispike::data {

bool probe_aedat2_dvs128(std::string_view name, std::span<const std::byte> head);
bool probe_aedat2_davis(std::string_view name, std::span<const std::byte> head);
bool probe_aedat3(std::string_view name, std::span<const std::byte> head);
bool probe_aedat4(std::string_view name, std::span<const std::byte> head);
bool probe_dat(std::string_view name, std::span<const std::byte> head);
bool probe_evt2(std::string_view name, std::span<const std::byte> head);
bool probe_evt3(std::string_view name, std::span<const std::byte> head);
bool probe_text(std::string_view name, std::span<const std::byte> head);
bool probe_nmnist(std::string_view name, std::span<const std::byte> head);

std::unique_ptr<EventReader> open_aedat2_dvs128(std::unique_ptr<ByteSource> source);
std::unique_ptr<EventReader> open_aedat2_davis(std::unique_ptr<ByteSource> source);
std::unique_ptr<EventReader> open_aedat3(std::unique_ptr<ByteSource> source);
std::unique_ptr<EventReader> open_aedat4(std::unique_ptr<ByteSource> source);
std::unique_ptr<EventReader> open_dat(std::unique_ptr<ByteSource> source);
std::unique_ptr<EventReader> open_evt2(std::unique_ptr<ByteSource> source);
std::unique_ptr<EventReader> open_evt3(std::unique_ptr<ByteSource> source);
std::unique_ptr<EventReader> open_text(std::unique_ptr<ByteSource> source);
std::unique_ptr<EventReader> open_nmnist(std::unique_ptr<ByteSource> source);

}  // namespace trispike::data
