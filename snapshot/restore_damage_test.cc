// Restore trusts nothing: states that are well formed but lie, pages that do
// not fit, and parts that are missing.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/testing/dynamic_proto.h"
#include "base/testing/status_matchers.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/snapshot.pb.h"
#include "snapshot/state_record.h"
#include "snapshot/testing/test_process.h"

namespace wasmd {
namespace {

using snapshot::State;
using ::testing::_;
using ::testing::HasSubstr;
using testing::StatusIs;
using testing::TestProcess;

// A store with something of everything.
class RestoreDamageTest : public ::testing::Test {
 protected:
  RestoreDamageTest() {
    process_.AddHost("h", {{kI32Type}, {}});
    process_.Add("a", R"((module
      (rec (type $s (struct (field i32) (field (ref null $s)))))
      (type $f (func (param i32)))
      (import "host" "h" (func (param i32)))
      (memory (export "memory") 1 4)
      (table (export "table") 4 funcref)
      (table (export "typed") 2 (ref null $f))
      (global (export "at") i32 (i32.const 16))
      (global (export "object") (ref $s)
        (struct.new $s (i32.const 1) (ref.null $s)))
      (tag (export "tag") (param i64))
      (func $own (export "own") (type $f))
      (func $none (export "none"))
      (elem (i32.const 0) func 0 1 2)
      (elem (ref null $f) (ref.func $own))
      (elem func $own $none)
      (data (global.get 0) "image")
      (data "passive")))");
    process_.Add("b", R"((module
      (import "a" "own" (func (param i32)))
      (import "a" "memory" (memory 1 4))
      (import "a" "table" (table 4 funcref))
      (import "a" "at" (global i32))
      (import "a" "tag" (tag (param i64)))
      (memory 1)
      (func (param f32))))");
    (*process_.store().memory(0).MutableBytes(4096, 1))[0] = 1;
    auto snapshot = CaptureAll(process_.process());
    EXPECT_OK(snapshot);
    good_ = *std::move(snapshot);
    EXPECT_TRUE(
        state_.ParseFromString(good_.state.substr(kStateRecordHeaderBytes)));
  }

  absl::StatusOr<RestoredProcess> Restore(const State& state) {
    OwnedSnapshot snapshot = good_;
    snapshot.state.resize(kStateRecordHeaderBytes);
    EXPECT_TRUE(state.AppendToString(&snapshot.state));
    SealStateRecord(&snapshot.state);
    return Restore(snapshot, process_.Context());
  }

  static absl::StatusOr<RestoredProcess> Restore(
      const OwnedSnapshot& snapshot, const RestoreContext& context) {
    return RestoreSnapshot(AsBytes(snapshot.state), PagesOf(snapshot), context);
  }

  using Change = std::function<void(State&)>;

  // Restoring the state with this change is DataLoss with this in its message.
  void ExpectDamage(std::string_view message, const Change& change) {
    State state = state_;
    change(state);
    EXPECT_THAT(Restore(state), StatusIs(absl::StatusCode::kDataLoss,
                                         HasSubstr(std::string(message))));
  }

  TestProcess process_;
  OwnedSnapshot good_;
  State state_;
};

TEST_F(RestoreDamageTest, TheGoodStateIsGood) { EXPECT_OK(Restore(state_)); }

TEST_F(RestoreDamageTest, Modules) {
  ExpectDamage("malformed", [](State& s) { s.set_modules(0, "short"); });
  ExpectDamage("listed twice",
               [](State& s) { s.set_modules(1, s.modules(0)); });
  ExpectDamage("that no instance has",
               [](State& s) { s.mutable_instances(1)->set_module(0); });
  ExpectDamage("not listed",
               [](State& s) { s.mutable_instances(1)->set_module(2); });
}

TEST_F(RestoreDamageTest, AModuleForAnother) {
  RestoreContext context = process_.Context();
  const auto wrong = testing::ModuleOf("(module)");
  context.find_module = [wrong](const Sha256Digest&) { return wrong; };
  EXPECT_THAT(Restore(good_, context), StatusIs(absl::StatusCode::kDataLoss,
                                                HasSubstr("was given for")));
}

TEST_F(RestoreDamageTest, Types) {
  ASSERT_GE(state_.types_size(), 3);
  for (int i = 0; i < state_.types_size(); ++i) {
    ExpectDamage("exactly one form", [i](State& s) {
      s.mutable_types(i)->mutable_signature();
      s.mutable_types(i)->mutable_module();
    });
    ExpectDamage("exactly one form",
                 [i](State& s) { s.mutable_types(i)->Clear(); });
    ExpectDamage("not one of its module's", [i](State& s) {
      s.mutable_types(i)->clear_signature();
      s.mutable_types(i)->mutable_module()->set_index(99);
    });
    ExpectDamage("not one of its module's", [i](State& s) {
      s.mutable_types(i)->clear_signature();
      s.mutable_types(i)->mutable_module()->set_module(99);
    });
    ExpectDamage("malformed", [i](State& s) {
      s.mutable_types(i)->clear_module();
      s.mutable_types(i)->mutable_signature()->set_params("\x01");
    });
    ExpectDamage("too many parameters", [i](State& s) {
      s.mutable_types(i)->clear_module();
      s.mutable_types(i)->mutable_signature()->set_params(
          std::string(1001, '\x7F'));
    });
    // Another valid type in its place.
    ExpectDamage("", [i](State& s) {
      s.mutable_types(i)->clear_module();
      s.mutable_types(i)->mutable_signature()->set_params("\x7D\x7D");
    });
  }
}

TEST_F(RestoreDamageTest, Functions) {
  constexpr std::string_view kMessage = "overlap or have a gap";
  ExpectDamage(kMessage,
               [](State& s) { s.mutable_host_functions(0)->set_address(1); });
  ExpectDamage(kMessage, [](State& s) { s.clear_host_functions(); });
  ExpectDamage(kMessage,
               [](State& s) { *s.add_host_functions() = s.host_functions(0); });
  ExpectDamage(kMessage,
               [](State& s) { s.mutable_instances(0)->set_first_function(2); });
  ExpectDamage(kMessage,
               [](State& s) { s.mutable_instances(1)->set_first_function(1); });
  ExpectDamage("incompatible import type for host.h", [](State& s) {
    s.mutable_host_functions(0)->mutable_type()->set_params("\x7E");
  });
  ExpectDamage("incompatible import type for a.own", [](State& s) {
    s.mutable_instances(1)->set_imported_functions(0, 2);
  });
  ExpectDamage("incompatible import type for a.own", [](State& s) {
    s.mutable_instances(1)->set_imported_functions(0, 1000);
  });
  ExpectDamage("imports of kind function", [](State& s) {
    s.mutable_instances(1)->add_imported_functions(1);
  });
  ExpectDamage("imports of kind function", [](State& s) {
    s.mutable_instances(1)->clear_imported_functions();
  });
}

TEST_F(RestoreDamageTest, IndexSpaces) {
  ExpectDamage("imports of kind table", [](State& s) {
    s.mutable_instances(1)->clear_imported_tables();
  });
  ExpectDamage("incompatible import type", [](State& s) {
    s.mutable_instances(1)->set_imported_tables(0, 1);
  });
  ExpectDamage("incompatible import type", [](State& s) {
    s.mutable_instances(1)->set_imported_memories(0, 1);
  });
  ExpectDamage("incompatible import type", [](State& s) {
    s.mutable_instances(1)->set_imported_globals(0, 1);
  });
  ExpectDamage("incompatible import type", [](State& s) {
    s.mutable_instances(1)->set_imported_tags(0, 1);
  });
  // Memory 0 is that of instance 0.
  ExpectDamage("not the one that its module defines",
               [](State& s) { s.mutable_instances(1)->set_first_memory(0); });
  ExpectDamage("out of range",
               [](State& s) { s.mutable_instances(1)->set_first_memory(2); });
  ExpectDamage("out of range", [](State& s) {
    s.mutable_instances(1)->set_first_memory(0xFFFFFFFF);
  });
  // Instance 1 defines no table.
  ExpectDamage("out of range",
               [](State& s) { s.mutable_instances(1)->set_first_table(1); });
  ExpectDamage("not the one that its module defines",
               [](State& s) { s.mutable_tables()->SwapElements(0, 1); });
}

TEST_F(RestoreDamageTest, Tables) {
  ExpectDamage("element type",
               [](State& s) { s.mutable_tables(0)->set_element("\x7F"); });
  ExpectDamage("element type",
               [](State& s) { s.mutable_tables(0)->set_element("\x70\x70"); });
  ExpectDamage("table 1: the element type",
               [](State& s) { s.mutable_tables(1)->set_element("\x63\x09"); });
  ExpectDamage("not one its type allows",
               [](State& s) { s.mutable_tables(0)->set_size(3); });
  ExpectDamage("not one its type allows",
               [](State& s) { s.mutable_tables(0)->set_max(3); });
  ExpectDamage("not the one that its module defines",
               [](State& s) { s.mutable_tables(0)->set_max(30); });
  ExpectDamage("not the one that its module defines",
               [](State& s) { s.mutable_tables(1)->set_address64(true); });
  ExpectDamage("malformed references",
               [](State& s) { s.mutable_tables(0)->clear_elements(); });
  // There are functions 0 to 3.
  ExpectDamage("table 0: element 3 is not of", [](State& s) {
    s.mutable_tables(0)->set_elements(std::string("\x12\x01\x00\x00\x04", 5));
  });
  // Function 2 has another type than the table's.
  ExpectDamage("table 1: element 1 is not of", [](State& s) {
    s.mutable_tables(1)->set_elements(std::string("\x0A\x00\x03", 3));
  });
}

TEST_F(RestoreDamageTest, Memories) {
  ExpectDamage("page size",
               [](State& s) { s.mutable_memories(0)->set_page_size_log2(12); });
  ExpectDamage("page size", [](State& s) {
    s.mutable_memories(0)->set_page_size_log2(0xFFFFFFFF);
  });
  ExpectDamage("not one its type allows",
               [](State& s) { s.mutable_memories(0)->set_size_pages(0); });
  ExpectDamage("not one its type allows",
               [](State& s) { s.mutable_memories(0)->set_size_pages(5); });
  ExpectDamage("not the one that its module defines",
               [](State& s) { s.mutable_memories(0)->clear_max(); });
  ExpectDamage("not the one that its module defines",
               [](State& s) { s.mutable_memories(0)->set_max(3); });
  ExpectDamage("has an image but no module",
               [](State& s) { *s.add_memories() = s.memories(0); });
  for (const uint32_t instance : {2u, 1000u, 0xFFFFFFFFu}) {
    ExpectDamage("instances of its image are malformed", [&](State& s) {
      s.mutable_memories(0)->add_image_instances(instance);
    });
  }
  ExpectDamage("instances of its image are malformed", [](State& s) {
    s.mutable_memories(0)->add_image_instances(1);
    s.mutable_memories(0)->add_image_instances(1);
  });
  ExpectDamage("instance 0 does not import it",
               [](State& s) { s.mutable_memories(0)->add_image_instances(0); });
}

TEST_F(RestoreDamageTest, FieldsThatVersion1DidNotHave) {
  const auto restore_as_1 = [this](const Change& change) {
    State state = state_;
    state.mutable_limits()->clear_max_all_memory_bytes();
    change(state);
    OwnedSnapshot snapshot = good_;
    snapshot.state.resize(kStateRecordHeaderBytes);
    EXPECT_TRUE(state.AppendToString(&snapshot.state));
    SealStateRecord(&snapshot.state, 1);
    return Restore(snapshot, process_.Context()).status();
  };
  EXPECT_OK(restore_as_1([](State&) {}));
  const auto refused = StatusIs(absl::StatusCode::kDataLoss,
                                HasSubstr("its format version has not"));
  EXPECT_THAT(restore_as_1([](State& s) {
                s.mutable_limits()->set_max_all_memory_bytes(1 << 30);
              }),
              refused);
  EXPECT_THAT(restore_as_1([](State& s) {
                s.mutable_memories(0)->add_image_instances(1);
              }),
              refused);
}

TEST_F(RestoreDamageTest, Globals) {
  ExpectDamage("malformed globals",
               [](State& s) { s.mutable_globals()->push_back('\x7F'); });
  ExpectDamage("malformed globals", [](State& s) {
    s.mutable_globals()->append("\x7F\x02\x00", 3);
  });
  ExpectDamage("not the one that its module defines", [](State& s) {
    (*s.mutable_globals())[1] = 1;  // mutable
  });
  // The first global places the initial image.
  ExpectDamage("memory 0: the initial image does not fit", [](State& s) {
    s.set_globals("\x7F" + std::string("\x00\x7F", 2) + s.globals().substr(3));
  });
  // The last one is an object.
  ExpectDamage("global 1 has a reference",
               [](State& s) { s.mutable_globals()->back() = 0; });
  ExpectDamage("global 1 has a reference",
               [](State& s) { s.mutable_globals()->back() = 16; });
}

TEST_F(RestoreDamageTest, Tags) {
  ExpectDamage("no such type", [](State& s) { s.set_tags(0, 77); });
  ExpectDamage("not one for tags", [](State& s) {
    for (int i = 0; i < s.types_size(); ++i) {
      if (s.types(i).has_module()) s.set_tags(0, i);
    }
  });
}

TEST_F(RestoreDamageTest, Segments) {
  ExpectDamage("dropped data segments",
               [](State& s) { s.mutable_instances(0)->add_dropped_data(1); });
  ExpectDamage("dropped data segments", [](State& s) {
    s.mutable_instances(0)->set_dropped_data(1, 3);
  });
  ExpectDamage("dropped data segments", [](State& s) {
    s.mutable_instances(0)->add_dropped_data(1);
    s.mutable_instances(0)->add_dropped_data(1);
  });
  ExpectDamage("element segments", [](State& s) {
    s.mutable_instances(0)->mutable_elements(1)->set_index(3);
  });
  ExpectDamage("element segments", [](State& s) {
    s.mutable_instances(0)->mutable_elements(1)->set_index(1);
  });
  ExpectDamage("element segment 1: it does not have the form", [](State& s) {
    s.mutable_instances(0)->mutable_elements(0)->clear_references();
  });
  ExpectDamage("element segment 1: element 0 is not of", [](State& s) {
    s.mutable_instances(0)->mutable_elements(0)->set_references("\x06\x03");
  });
  ExpectDamage("element segment 2: it does not have the form", [](State& s) {
    s.mutable_instances(0)->mutable_elements(1)->set_references("\x06\x03");
  });
}

TEST_F(RestoreDamageTest, Heap) {
  ExpectDamage("global 1", [](State& s) { s.clear_heap(); });
  ExpectDamage("heap", [](State& s) { s.mutable_heap()->clear_types(); });
  ExpectDamage("heap", [](State& s) { s.mutable_heap()->set_used_bytes(9); });
  ExpectDamage("heap", [](State& s) {
    s.mutable_heap()->mutable_types(0)->set_type_index(2);
  });
  ExpectDamage("of no known kind", [](State& s) {
    s.mutable_heap()->mutable_types(0)->set_kind(
        static_cast<snapshot::ObjectType::Kind>(9));
  });
}

TEST_F(RestoreDamageTest, HeapPages) {
  for (const size_t at : {8, 12, 24}) {  // type, length, reference
    OwnedSnapshot snapshot = good_;
    ASSERT_EQ(snapshot.pages.back().memory, kHeapMemory);
    snapshot.pages.back().bytes[at] = 0x18;
    EXPECT_THAT(Restore(snapshot, process_.Context()),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("heap")))
        << at;
  }
}

TEST_F(RestoreDamageTest, HostStates) {
  ExpectDamage("out of order", [](State& s) {
    s.add_host_state()->set_name("a");
    s.add_host_state()->set_name("a");
  });
}

// Calls `call` with every message that a `message` can have inside it, which is
// added if it is not there, and with itself.
void ForEachMessage(
    google::protobuf::Message* message,
    const std::function<void(google::protobuf::Message*)>& call) {
  call(message);
  const google::protobuf::Descriptor& type = *message->GetDescriptor();
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    if (field->message_type() == nullptr) continue;
    ForEachMessage(field->is_repeated()
                       ? reflection.AddMessage(message, field)
                       : reflection.MutableMessage(message, field),
                   call);
  }
}

TEST_F(RestoreDamageTest, UnknownFieldsOfEveryMessage) {
  const testing::DynamicProto schema("snapshot/snapshot.schema",
                                     "wasmd.snapshot.State");
  const std::unique_ptr<google::protobuf::Message> state =
      schema.Parse(state_.SerializeAsString());
  ASSERT_NE(state, nullptr);
  std::vector<google::protobuf::Message*> messages;
  ForEachMessage(state.get(), [&messages](google::protobuf::Message* message) {
    messages.push_back(message);
  });
  EXPECT_GT(messages.size(), 18u);
  for (google::protobuf::Message* message : messages) {
    auto& unknown = *message->GetReflection()->MutableUnknownFields(message);
    unknown.AddVarint(900, 1);
    State read;
    ASSERT_TRUE(read.ParseFromString(state->SerializeAsString()));
    EXPECT_THAT(Restore(read),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr("fields that its format version has not")))
        << message->GetDescriptor()->full_name();
    unknown.Clear();
  }
}

TEST_F(RestoreDamageTest, FieldsOfAnotherFormat) {
  // A known field as another kind of value is unknown, too.
  OwnedSnapshot other = good_;
  other.state += "\x48\x01";  // 9, the thread, as a number
  SealStateRecord(&other.state);
  EXPECT_THAT(Restore(other, process_.Context()),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("fields that its format version has not")));
  OwnedSnapshot snapshot = good_;
  snapshot.state += "\xFF";
  SealStateRecord(&snapshot.state);
  EXPECT_THAT(Restore(snapshot, process_.Context()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("malformed")));
}

TEST_F(RestoreDamageTest, Pages) {
  const auto expect_damage = [this](std::string_view message,
                                    std::vector<OwnedPage> pages) {
    OwnedSnapshot snapshot = good_;
    pages.push_back(good_.pages.back());  // of the heap
    snapshot.pages = std::move(pages);
    EXPECT_THAT(
        Restore(snapshot, process_.Context()),
        StatusIs(absl::StatusCode::kDataLoss, HasSubstr(std::string(message))));
  };
  const std::string bytes(4096, 'x');
  expect_damage("page 16 of memory 0: it is past", {{0, 16, bytes}});
  expect_damage("past the end", {{0, ~uint64_t{0}, bytes}});
  expect_damage("past the end", {{0, uint64_t{1} << 52, ""}});
  expect_damage("no such memory", {{2, 0, bytes}});
  expect_damage("out of order", {{0, 1, bytes}, {0, 1, bytes}});
  expect_damage("out of order", {{0, 2, bytes}, {0, 1, bytes}});
  expect_damage("out of order", {{1, 0, bytes}, {0, 1, bytes}});
  expect_damage("has 4095 bytes instead of 4096", {{0, 1, bytes.substr(1)}});
  expect_damage("has 4097 bytes instead of 4096", {{0, 1, bytes + "x"}});
}

TEST_F(RestoreDamageTest, ErrorsOfThePageSourceArePassedOn) {
  EXPECT_THAT(
      RestoreSnapshot(
          AsBytes(good_.state),
          [](const PageSink&) { return absl::UnavailableError("disk"); },
          process_.Context()),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("disk")));
}

TEST_F(RestoreDamageTest, MissingParts) {
  RestoreContext context = process_.Context();
  context.find_module = [](const Sha256Digest&) {
    return absl::NotFoundError("not in the store");
  };
  EXPECT_THAT(Restore(good_, context),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("not in the store")));
  context = process_.Context();
  context.bind_host = [](const HostFunctionInfo&, const FunctionType&) {
    return absl::NotFoundError("unknown");
  };
  EXPECT_THAT(Restore(good_, context),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("host function host.h")));
  context.bind_host = [](const HostFunctionInfo&, const FunctionType&) {
    return absl::UnavailableError("asleep");
  };
  EXPECT_THAT(Restore(good_, context),
              StatusIs(absl::StatusCode::kUnavailable, _));
}

TEST_F(RestoreDamageTest, LimitsThatAreTooLow) {
  const auto expect_over_limit = [this](const StoreLimits& limits) {
    RestoreContext context = process_.Context();
    context.store_limits = limits;
    EXPECT_THAT(Restore(good_, context),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("raise the")));
  };
  expect_over_limit({.max_memory_bytes = 65535});
  expect_over_limit({.max_table_elements = 3});
  expect_over_limit({.max_all_table_elements = 5});
  expect_over_limit({.max_heap_bytes = 0});
}

}  // namespace
}  // namespace wasmd
