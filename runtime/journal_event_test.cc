#include "runtime/journal_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using ::wasmd::testing::StatusIs;
using Kind = JournalEvent::Kind;

std::vector<JournalEvent> Read(uint64_t first, std::string_view bytes) {
  std::vector<JournalEvent> events;
  EXPECT_OK(ReadJournalBlock(first, AsBytes(bytes), [&](JournalEvent event) {
    events.push_back(std::move(event));
    return absl::OkStatus();
  }));
  return events;
}

std::string Example() {
  JournalBlock block(7);
  const Slot arguments[] = {1, 0xFFFFFFFF, ~uint64_t{0}};
  block.Begin({.durability = 3,
               .function = 9,
               .name = "m.first",
               .arguments = arguments,
               .time_ns = 1'700'000'000'000'000'000,
               .duration_ns = 1234,
               .result = 44},
              2);
  block.AddWrite(16, AsBytes("abc"));
  block.AddWrite(0xFFFFFFF0, AsBytes(""));
  block.End("change");
  block.Begin({.function = 2, .name = "m.second", .time_ns = -5}, 0);
  block.End("");
  block.Begin({.kind = Kind::kState, .function = 9, .name = "m.first"}, 0);
  block.End("state");
  block.Begin({.kind = Kind::kIntent, .function = 9, .name = "m.first"}, 0);
  block.End("prepared");
  EXPECT_EQ(block.first_event(), 7u);
  return std::string(block.bytes());
}

TEST(JournalEventTest, TheFirstEventsOfABlock) {
  // The state after the last is left out, and so are intents.
  ASSERT_OK_AND_ASSIGN(const JournalBlock both,
                       FirstEvents(7, AsBytes(Example()), 8));
  const std::vector<JournalEvent> all = Read(7, Example());
  const std::vector<JournalEvent> two = Read(7, both.bytes());
  ASSERT_EQ(two.size(), 2u);
  for (size_t i = 0; i < two.size(); ++i) {
    EXPECT_EQ(two[i].number, all[i].number);
    EXPECT_EQ(two[i].kind, all[i].kind);
    EXPECT_EQ(two[i].durability, all[i].durability);
    EXPECT_EQ(two[i].function, all[i].function);
    EXPECT_EQ(two[i].arguments, all[i].arguments);
    EXPECT_EQ(two[i].time_ns, all[i].time_ns);
    EXPECT_EQ(two[i].duration_ns, all[i].duration_ns);
    EXPECT_EQ(two[i].result, all[i].result);
    EXPECT_EQ(two[i].state, all[i].state);
    ASSERT_EQ(two[i].writes.size(), all[i].writes.size());
    for (size_t j = 0; j < two[i].writes.size(); ++j) {
      EXPECT_EQ(two[i].writes[j].address, all[i].writes[j].address);
      EXPECT_EQ(two[i].writes[j].bytes, all[i].writes[j].bytes);
    }
  }
  ASSERT_OK_AND_ASSIGN(const JournalBlock one,
                       FirstEvents(7, AsBytes(Example()), 7));
  EXPECT_EQ(Read(7, one.bytes()).size(), 1u);
  // A state that is not the last stays.
  JournalBlock with_state(1);
  with_state.Begin({.name = "m.f"}, 0);
  with_state.End("");
  with_state.Begin({.kind = Kind::kState, .name = "m.f"}, 0);
  with_state.End("state");
  with_state.Begin({.name = "m.f"}, 0);
  with_state.End("");
  ASSERT_OK_AND_ASSIGN(const JournalBlock three,
                       FirstEvents(1, AsBytes(with_state.bytes()), 2));
  EXPECT_EQ(Read(1, three.bytes()).size(), 3u);
  EXPECT_THAT(FirstEvents(7, AsBytes("x"), 8).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
}

TEST(JournalEventTest, WhatIsWrittenIsRead) {
  const std::vector<JournalEvent> events = Read(7, Example());
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].number, 7u);
  EXPECT_EQ(events[0].kind, Kind::kAnswer);
  EXPECT_EQ(events[0].durability, 3);
  EXPECT_EQ(events[0].function, "m.first");
  EXPECT_THAT(events[0].arguments,
              ::testing::ElementsAre(1, 0xFFFFFFFF, ~uint64_t{0}));
  EXPECT_EQ(events[0].time_ns, 1'700'000'000'000'000'000);
  EXPECT_EQ(events[0].duration_ns, 1234);
  EXPECT_EQ(events[0].result, 44u);
  ASSERT_EQ(events[0].writes.size(), 2u);
  EXPECT_EQ(events[0].writes[0].address, 16u);
  EXPECT_EQ(events[0].writes[0].bytes, "abc");
  EXPECT_EQ(events[0].state, "change");
  EXPECT_EQ(events[1].number, 8u);
  EXPECT_EQ(events[1].function, "m.second");
  EXPECT_EQ(events[1].time_ns, -5);
  EXPECT_EQ(events[2].kind, Kind::kState);
  EXPECT_EQ(events[2].number, 8u);
  EXPECT_EQ(events[3].kind, Kind::kIntent);
  EXPECT_EQ(events[3].number, 9u);
  EXPECT_EQ(events[3].function, "m.first");
  EXPECT_EQ(events[3].state, "prepared");
}

// Heads that are like the one before are copied, which is not to be seen.
TEST(JournalEventTest, EventsLikeTheOneBefore) {
  std::mt19937 random(7);
  const auto one_of = [&random](uint32_t count) {
    return static_cast<uint32_t>(random() % count);
  };
  JournalBlock block(1);
  std::vector<JournalEvent> wanted;
  int64_t time_ns = 5;
  int copied = 0;
  JournalEvent next;
  for (int i = 0; i < 20'000; ++i) {
    // Mostly only a little is another.
    switch (one_of(12)) {
      case 0:
        next.durability = static_cast<uint8_t>(one_of(3));
        break;
      case 1:
        next.function = one_of(2) == 0 ? "m.first" : "m.other";
        break;
      case 2:
        next.arguments.assign(one_of(12), one_of(2));
        break;
      case 3:
        time_ns += one_of(3);
        break;
      case 4:
        next.duration_ns = one_of(2);
        break;
      case 5:
        next.result = one_of(2) * 400;
        break;
      case 6:
        next.writes.assign(one_of(3), {.address = 7, .bytes = "abcdefgh"});
        break;
      case 7:
        if (!next.arguments.empty()) next.arguments.back() = ~uint64_t{0};
        break;
      case 8:
        next.state.assign(one_of(2), 's');
        break;
      default:
        break;
    }
    for (JournalWriteToMemory& write : next.writes) {
      if (one_of(4) == 0) ++write.address;
      if (one_of(4) == 0) write.bytes.resize(one_of(3) * 4 + one_of(2));
      for (char& byte : write.bytes) byte = static_cast<char>(random());
    }
    next.time_ns = time_ns;
    next.number = static_cast<uint64_t>(i) + 1;
    wanted.push_back(next);
    const auto function = static_cast<uint32_t>(next.function != "m.first");
    const JournalBlock::Head head = {
        .durability = next.durability,
        .function = function,
        .name = function == 0 ? "m.first" : "m.other",
        .arguments = next.arguments,
        .time_ns = next.time_ns,
        .duration_ns = next.duration_ns,
        .result = next.result};
    if (next.function.empty()) wanted.back().function = "m.other";
    if (next.writes.size() == 1 && next.state.empty() &&
        block.AddLikeLast(head, next.writes[0].address,
                          AsBytes(next.writes[0].bytes))) {
      ++copied;
      continue;
    }
    block.Begin(head, next.writes.size());
    for (const JournalWriteToMemory& write : next.writes) {
      block.AddWrite(write.address, AsBytes(write.bytes));
    }
    block.End(next.state);
  }
  EXPECT_GT(copied, 100);
  const std::vector<JournalEvent> read = Read(1, block.bytes());
  ASSERT_EQ(read.size(), wanted.size());
  for (size_t i = 0; i < read.size(); ++i) {
    ASSERT_EQ(read[i].durability, wanted[i].durability) << i;
    ASSERT_EQ(read[i].function, wanted[i].function) << i;
    ASSERT_EQ(read[i].arguments, wanted[i].arguments) << i;
    ASSERT_EQ(read[i].time_ns, wanted[i].time_ns) << i;
    ASSERT_EQ(read[i].duration_ns, wanted[i].duration_ns) << i;
    ASSERT_EQ(read[i].result, wanted[i].result) << i;
    ASSERT_EQ(read[i].state, wanted[i].state) << i;
    ASSERT_EQ(read[i].writes.size(), wanted[i].writes.size()) << i;
    for (size_t j = 0; j < read[i].writes.size(); ++j) {
      ASSERT_EQ(read[i].writes[j].address, wanted[i].writes[j].address) << i;
      ASSERT_EQ(read[i].writes[j].bytes, wanted[i].writes[j].bytes) << i;
    }
  }
}

// Persisted.
TEST(JournalEventTest, TheBytesArePinned) {
  JournalBlock block(1);
  const Slot arguments[] = {300};
  block.Begin({.durability = 1,
               .function = 0,
               .name = "a.b",
               .arguments = arguments,
               .time_ns = 1,
               .duration_ns = 2,
               .result = 3},
              1);
  block.AddWrite(4, AsBytes("x"));
  block.End("y");
  EXPECT_EQ(block.bytes(), std::string("\x01\x10\x00\x03"
                                       "a.b\x02\x02\x01\xAC\x02\x03\x01\x04"
                                       "\x01x\x01y",
                                       19));
}

TEST(JournalEventTest, DamageIsAnErrorNeverACrash) {
  const std::string whole = Example();
  const auto ignore = [](JournalEvent) { return absl::OkStatus(); };
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    const absl::Status status = ReadJournalBlock(7, AsBytes(cut), ignore);
    if (!status.ok()) EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  }
  EXPECT_THAT(ReadJournalBlock(7, AsBytes("\x02"), ignore),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("the journal from event 7 is damaged")));
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = whole;
    for (int j = 0; j < 3; ++j) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    const absl::Status status = ReadJournalBlock(7, AsBytes(changed), ignore);
    if (!status.ok()) EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  }
}

}  // namespace
}  // namespace wasmd
