// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Every parser reads 2,000 damaged files. Whatever is flipped, inflated or cut off, the answer is a
// result or an error that names the file, in bounded time and memory.
#include "hostile/damage.h"

#include <gtest/gtest.h>

#include <set>

#include "hostile/parsers.h"
#include "hostile/trial.h"
#include "hostile/watchdog.h"

namespace trispike::hostile {
namespace {

constexpr std::uint64_t kFiles = 2000;

class HostileFiles : public testing::TestWithParam<Parser> {
 protected:
  Outcome run(const Bytes& bytes, const std::string& label) {
    const std::string full = GetParam().name + ", " + label;
    const Watchdog watchdog(full, bytes);
    return trial_.run(bytes);
  }

  Trial trial_{GetParam()};
};

TEST_P(HostileFiles, GoodOnesAreAccepted) {
  const std::vector<Bytes> seeds = GetParam().seeds();
  ASSERT_FALSE(seeds.empty());
  for (std::size_t k = 0; k < seeds.size(); ++k) {
    Bytes repaired = seeds[k];
    if (GetParam().repair != nullptr) GetParam().repair(repaired);
    for (const Bytes& bytes : {seeds[k], repaired}) {
      const Outcome outcome = run(bytes, "seed " + std::to_string(k));
      EXPECT_TRUE(outcome.accepted) << "seed " << k << ": " << outcome.message;
      EXPECT_EQ(outcome.broken_rule, "") << "seed " << k;
    }
  }
}

TEST_P(HostileFiles, DamagedOnesBreakNoRule) {
  const std::vector<Bytes> seeds = GetParam().seeds();
  std::uint64_t refused = 0;
  for (std::uint64_t number = 0; number < kFiles; ++number) {
    Bytes bytes = damaged(seeds, number);
    if (GetParam().repair != nullptr && number % 2 == 0) GetParam().repair(bytes);
    const Outcome outcome = run(bytes, "damage " + std::to_string(number));
    if (!outcome.accepted) ++refused;
    if (outcome.broken_rule.empty()) continue;
    const std::string kept = "hostile-" + GetParam().name + ".bin";
    data::save(std::filesystem::current_path() / kept, bytes);
    FAIL() << "damage " << number << " (" << kept << "): " << outcome.broken_rule << "\n"
           << outcome.message;
  }
  // Every sixth file is cut off, and no format can miss much of that.
  EXPECT_GT(refused, kFiles / 20);
  RecordProperty("refused", static_cast<int>(refused));
}

INSTANTIATE_TEST_SUITE_P(Parsers, HostileFiles, testing::ValuesIn(parsers()),
                         [](const auto& form) { return form.param.name; });

TEST(HostileParsers, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Parser& parser : parsers()) {
    EXPECT_TRUE(names.insert(parser.name).second) << parser.name;
  }
}

}  // namespace

// How GoogleTest prints a parameter.
void PrintTo(const Parser& parser, std::ostream* out) { *out << parser.name; }

}  // namespace trispike::hostile
