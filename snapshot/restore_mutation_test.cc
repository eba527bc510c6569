// Good snapshots changed at random, always the same way: restoring them must
// hold the invariants of testing/restore_fuzzer.h.

#include <algorithm>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/dynamic_proto.h"
#include "base/testing/status_matchers.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "snapshot/state_record.h"
#include "snapshot/testing/restore_fuzzer.h"

namespace wasmd {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using testing::RestoreFuzzer;

// Deterministic on every machine, unlike the distributions of <random>.
class Chance {
 public:
  explicit Chance(uint64_t seed) : engine_(seed) {}
  size_t Below(size_t bound) { return engine_() % bound; }
  bool OneIn(size_t n) { return Below(n) == 0; }

  // A number near `old`, small, or at an edge.
  uint64_t Number(uint64_t old) {
    constexpr uint64_t kEdges[] = {0,
                                   1,
                                   0x7F,
                                   0xFFFF,
                                   0x7FFFFFFF,
                                   0xFFFFFFFF,
                                   uint64_t{1} << 32,
                                   uint64_t{1} << 63,
                                   ~uint64_t{0}};
    switch (Below(4)) {
      case 0:
        return old + 1;
      case 1:
        return old - 1;
      case 2:
        return Below(12);
      default:
        return kEdges[Below(std::size(kEdges))];
    }
  }

 private:
  std::mt19937_64 engine_;
};

void ChangeBytes(Chance& chance, std::string* bytes) {
  if (bytes->empty() || chance.OneIn(8)) {
    bytes->push_back(static_cast<char>(chance.Below(256)));
    return;
  }
  const size_t at = chance.Below(bytes->size());
  switch (chance.Below(4)) {
    case 0:
      (*bytes)[at] = static_cast<char>((*bytes)[at] ^ (1 << chance.Below(8)));
      return;
    case 1:
      (*bytes)[at] = static_cast<char>(chance.Below(256));
      return;
    case 2:
      bytes->erase(at, 1 + chance.Below(3));
      return;
    default:
      bytes->insert(at, bytes->substr(chance.Below(bytes->size()), 4));
      return;
  }
}

class MessageChanger {
 public:
  explicit MessageChanger(Chance& chance) : chance_(chance) {}

  // Changes one field of the message or of one inside it.
  void Change(Message* message) {
    const Reflection& reflection = *message->GetReflection();
    const int count = message->GetDescriptor()->field_count();
    if (count == 0) return;
    const FieldDescriptor* field = message->GetDescriptor()->field(
        static_cast<int>(chance_.Below(static_cast<size_t>(count))));
    if (field->is_repeated()) return ChangeRepeated(message, field);
    if (chance_.OneIn(10)) return reflection.ClearField(message, field);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Change(reflection.MutableMessage(message, field));
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection.SetUInt32(
            message, field, Number32(reflection.GetUInt32(*message, field)));
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.SetUInt64(
            message, field,
            chance_.Number(reflection.GetUInt64(*message, field)));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.SetBool(message, field,
                                  !reflection.GetBool(*message, field));
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.SetEnumValue(message, field,
                                       static_cast<int>(chance_.Below(5)));
      default: {
        std::string bytes = reflection.GetString(*message, field);
        ChangeBytes(chance_, &bytes);
        return reflection.SetString(message, field, std::move(bytes));
      }
    }
  }

 private:
  uint32_t Number32(uint32_t old) {
    return static_cast<uint32_t>(chance_.Number(old));
  }

  void ChangeRepeated(Message* message, const FieldDescriptor* field) {
    const Reflection& reflection = *message->GetReflection();
    const int size = reflection.FieldSize(*message, field);
    if (size == 0 || chance_.OneIn(8)) return Add(message, field);
    const auto any = [&] {
      return static_cast<int>(chance_.Below(static_cast<size_t>(size)));
    };
    if (chance_.OneIn(8)) return reflection.RemoveLast(message, field);
    if (chance_.OneIn(8)) {
      return reflection.SwapElements(message, field, any(), any());
    }
    const int i = any();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Change(reflection.MutableRepeatedMessage(message, field, i));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
      reflection.SetRepeatedUInt32(
          message, field, i,
          Number32(reflection.GetRepeatedUInt32(*message, field, i)));
    }
  }

  // A copy of the last element, or a new one.
  void Add(Message* message, const FieldDescriptor* field) {
    const Reflection& reflection = *message->GetReflection();
    const int size = reflection.FieldSize(*message, field);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Message* added = reflection.AddMessage(message, field);
      if (size > 0) {
        added->CopyFrom(
            reflection.GetRepeatedMessage(*message, field, size - 1));
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
      reflection.AddUInt32(message, field, Number32(1));
    } else {
      reflection.AddString(message, field, std::string(32, 'x'));
    }
  }

  Chance& chance_;
};

class RestoreMutationTest : public ::testing::Test {
 protected:
  // Calls change(snapshot) on copies of every seed, `rounds` times, and tries
  // the results.
  template <typename Change>
  void TryAll(int rounds, Change change) {
    Try(fuzzer_.seeds(), rounds, change);
  }

  template <typename Change>
  void Try(const std::vector<OwnedSnapshot>& seeds, int rounds, Change change) {
    int restored = 0;
    int tried = 0;
    for (const OwnedSnapshot& seed : seeds) {
      for (int round = 0; round < rounds; ++round) {
        OwnedSnapshot snapshot = seed;
        change(snapshot);
        restored += fuzzer_.Try(std::move(snapshot));
        ++tried;
      }
    }
    // Neither are all refused out of hand nor are none.
    EXPECT_GT(restored, tried / 200);
    EXPECT_LT(restored, tried * 9 / 10);
  }

  RestoreFuzzer fuzzer_;
  testing::DynamicProto schema_{"snapshot/snapshot.schema",
                                "wasmd.snapshot.State"};
  Chance chance_{20240607};
};

TEST_F(RestoreMutationTest, TheSeedsThemselvesAreGood) {
  EXPECT_GT(fuzzer_.seeds().size(), 12u);
  for (const OwnedSnapshot& seed : fuzzer_.seeds()) {
    EXPECT_TRUE(fuzzer_.Try(seed));
  }
}

TEST_F(RestoreMutationTest, ChangedBytes) {
  TryAll(100, [this](OwnedSnapshot& snapshot) {
    std::string payload = snapshot.state.substr(kStateRecordHeaderBytes);
    ChangeBytes(chance_, &payload);
    snapshot.state.replace(kStateRecordHeaderBytes, std::string::npos, payload);
  });
}

TEST_F(RestoreMutationTest, ChangedFields) {
  TryAll(200, [this](OwnedSnapshot& snapshot) {
    const std::unique_ptr<Message> state =
        schema_.Parse(snapshot.state.substr(kStateRecordHeaderBytes));
    ASSERT_NE(state, nullptr);
    MessageChanger changer(chance_);
    for (size_t i = 0; i < 1 + chance_.Below(2); ++i) {
      changer.Change(state.get());
    }
    snapshot.state.resize(kStateRecordHeaderBytes);
    ASSERT_TRUE(state->AppendToString(&snapshot.state));
  });
}

TEST_F(RestoreMutationTest, ChangedHeapPages) {
  std::vector<OwnedSnapshot> seeds;
  std::copy_if(fuzzer_.seeds().begin(), fuzzer_.seeds().end(),
               std::back_inserter(seeds), [](const OwnedSnapshot& seed) {
                 return !seed.pages.empty() &&
                        seed.pages.back().memory == kHeapMemory;
               });
  ASSERT_FALSE(seeds.empty());
  Try(seeds, 100, [this](OwnedSnapshot& snapshot) {
    std::string& page = snapshot.pages.back().bytes;
    page[chance_.Below(page.size())] = static_cast<char>(chance_.Number(0));
  });
}

}  // namespace
}  // namespace wasmd
