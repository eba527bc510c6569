#include "interp/heap_restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/testing/status_matchers.h"
#include "interp/gc_operations.h"
#include "interp/instantiate.h"
#include "interp/testing/wat_module.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using ::wasmd::testing::StatusIs;
using ::wasmd::testing::WatModule;

constexpr std::string_view kModule = R"((module
    (type $node (sub (struct (field (mut i32)) (field (mut (ref null $node)))
                             (field (mut anyref)))))
    (type $leaf (sub $node (struct (field (mut i32))
                                   (field (mut (ref null $node)))
                                   (field (mut anyref)) (field funcref))))
    (type $nodes (array (mut (ref $node))))
    (type $f (func))
    (func $f (type $f))
    (tag (param exnref (ref null $f)))
    (tag)
    (global (mut anyref) (ref.null any))))";

enum : uint32_t { kNode, kLeaf, kNodes, kFunction };

struct Machine {
  Machine() {
    auto module = WatModule(kModule);
    CHECK(module.ok());
    auto outcome = Instantiate(store, *module, std::vector<ExternValue>{});
    CHECK(outcome.ok() && !outcome->trap.has_value());
    instance = outcome->instance;
  }

  template <typename Allocate>
  Slot Make(Allocate allocate) {
    Slot result;
    if (allocate(&result).needs_room()) {
      CHECK(store.heap().MakeRoom());
      CHECK(allocate(&result).ok());
    }
    return result;
  }
  Slot Struct(uint32_t type, const std::vector<Slot>& fields) {
    return Make([&](Slot* result) {
      return StructNew(store, *instance, type, fields.data(), result);
    });
  }
  Slot Array(const std::vector<Slot>& elements) {
    return Make([&](Slot* result) {
      return ArrayNewFixed(store, *instance, kNodes, elements.data(),
                           static_cast<uint32_t>(elements.size()), result);
    });
  }
  Slot Exception(uint32_t tag, const std::vector<Slot>& arguments) {
    return Make([&](Slot* result) {
      return ExceptionNew(store, instance->tags[tag], arguments.data(), result);
    });
  }

  Store store{StoreLimits{.max_heap_bytes = 1 << 22}};
  ModuleInstance* instance = nullptr;
};

class HeapRestoreTest : public ::testing::Test {
 protected:
  HeapRestoreTest() {
    node_ = from_.Struct(kNode, {1, 0, I31Reference(2)});
    leaf_ =
        from_.Struct(kLeaf, {2, node_, HostReference(3),
                             FunctionReference(from_.instance->functions[0])});
    array_ = from_.Array({node_, leaf_, node_});
    from_.Struct(kNode, {3, leaf_, array_});
    const Slot inner = from_.Exception(1, {});
    exception_ = from_.Exception(
        0, {inner, FunctionReference(from_.instance->functions[0])});
  }

  // Restores what from_ has, with its state and then its bytes changed.
  absl::Status Restore(
      const std::function<void(HeapState&)>& edit_state = nullptr,
      const std::function<void(uint8_t*)>& edit = nullptr) {
    to_ = std::make_unique<Machine>();
    const Heap& heap = from_.store.heap();
    HeapState state = heap.state();
    if (edit_state) edit_state(state);
    absl::Status status = RestoreHeap(to_->store, state);
    if (!status.ok()) return status;
    Heap& restored = to_->store.heap();
    for (uint64_t page = 0; page << 12 < state.used_bytes; ++page) {
      const MutableByteSpan bytes = restored.RestoredPage(page);
      std::copy_n(heap.data() + (page << 12), bytes.size(), bytes.begin());
    }
    if (edit) edit(restored.data());
    return VerifyHeap(to_->store);
  }

  absl::Status RestoreWith(Slot object, uint32_t offset, uint64_t value) {
    return Restore(nullptr, [&](uint8_t* data) {
      StoreLittle(data + object + offset, value);
    });
  }

  Machine from_;
  std::unique_ptr<Machine> to_;
  Slot node_, leaf_, array_, exception_;
};

TEST_F(HeapRestoreTest, GivesTheSameHeap) {
  ASSERT_OK(Restore());
  const Heap& a = from_.store.heap();
  const Heap& b = to_->store.heap();
  EXPECT_EQ(a.state().types, b.state().types);
  EXPECT_TRUE(std::equal(a.data(), a.data() + a.used_bytes(), b.data()));
  Slot result;
  EXPECT_TRUE(
      ArrayGet(to_->store, Extension::kUnsigned, array_, 1, &result).ok());
  EXPECT_EQ(result, leaf_);
  EXPECT_EQ(ExceptionTag(to_->store, exception_), to_->instance->tags[0]);
  EXPECT_EQ(to_->Struct(kNode, {1, 0, 0}), from_.Struct(kNode, {1, 0, 0}));
}

TEST_F(HeapRestoreTest, AnEmptyHeapRestores) {
  Machine empty;
  Machine to;
  ASSERT_OK(RestoreHeap(to.store, empty.store.heap().state()));
  ASSERT_OK(VerifyHeap(to.store));
  EXPECT_NE(to.Struct(kNode, {0, 0, 0}), kNullReference);
}

TEST_F(HeapRestoreTest, RefusesTypesThatAreNotThere) {
  const auto refuses = [&](const std::function<void(HeapState&)>& edit,
                           std::string_view what) {
    EXPECT_THAT(Restore(edit), StatusIs(absl::StatusCode::kDataLoss,
                                        HasSubstr(std::string(what))));
  };
  refuses([](HeapState& s) { s.types[0].instance = 1; }, "instance 1");
  refuses([](HeapState& s) { s.types[0].type_index = 99; }, "type 99");
  refuses([](HeapState& s) { s.types[0].type_index = kFunction; },
          "of another kind");
  refuses([](HeapState& s) { s.types[0].type_index = kNodes; },
          "of another kind");
  refuses([](HeapState& s) { s.types[0] = s.types[1]; }, "is twice");
  refuses([](HeapState& s) { s.types.back().tag = 2; }, "tag 2 of 2");
  refuses([](HeapState& s) { s.types.pop_back(); }, "unknown type");
  refuses([](HeapState& s) { s.used_bytes -= 8; }, "past the heap");
  refuses([](HeapState& s) { s.used_bytes += 8; }, "");
}

TEST_F(HeapRestoreTest, RefusesBadHeaders) {
  const auto kDataLoss = absl::StatusCode::kDataLoss;
  EXPECT_THAT(RestoreWith(node_, 0, 77),
              StatusIs(kDataLoss, HasSubstr("unknown type 77")));
  EXPECT_THAT(RestoreWith(node_, 0, uint64_t{1} << 32),
              StatusIs(kDataLoss, HasSubstr("a length")));
  // The array's header is type 2 with length 3.
  EXPECT_THAT(RestoreWith(array_, 0, 2 | uint64_t{0xFFFFFFFF} << 32),
              StatusIs(kDataLoss, HasSubstr("past the heap")));
  EXPECT_THAT(RestoreWith(array_, 0, 2 | uint64_t{2} << 32),
              StatusIs(kDataLoss));
}

TEST_F(HeapRestoreTest, RefusesBadReferences) {
  const auto kDataLoss = absl::StatusCode::kDataLoss;
  EXPECT_OK(RestoreWith(leaf_, 16, leaf_));
  EXPECT_OK(RestoreWith(leaf_, 24, array_));
  EXPECT_OK(RestoreWith(leaf_, 24, 0));
  EXPECT_THAT(RestoreWith(leaf_, 16, node_ + 8), StatusIs(kDataLoss));
  EXPECT_THAT(RestoreWith(leaf_, 16, uint64_t{1} << 40), StatusIs(kDataLoss));
  EXPECT_THAT(RestoreWith(leaf_, 16, array_), StatusIs(kDataLoss));
  EXPECT_THAT(RestoreWith(leaf_, 16, I31Reference(1)), StatusIs(kDataLoss));
  EXPECT_THAT(RestoreWith(leaf_, 24, exception_), StatusIs(kDataLoss));
  EXPECT_THAT(RestoreWith(leaf_, 24, 4), StatusIs(kDataLoss));
  EXPECT_THAT(RestoreWith(leaf_, 32, FunctionReference(1)),
              StatusIs(kDataLoss));
  EXPECT_THAT(RestoreWith(array_, 16, 0), StatusIs(kDataLoss))
      << "an element that must not be null";
  EXPECT_THAT(RestoreWith(exception_, 8, node_), StatusIs(kDataLoss));
  EXPECT_THAT(RestoreWith(exception_, 16, FunctionReference(9)),
              StatusIs(kDataLoss));
}

TEST_F(HeapRestoreTest, DamagedBytesNeverCrash) {
  std::mt19937_64 random(5);
  const uint64_t used = from_.store.heap().used_bytes();
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const absl::Status status = Restore(nullptr, [&](uint8_t* data) {
      for (int j = 0; j < 3; ++j) {
        data[8 + random() % (used - 8)] = static_cast<uint8_t>(random());
      }
    });
    if (!status.ok()) {
      ++refused;
      continue;
    }
    // What was accepted can be collected.
    if (to_->store.heap().IsObject(array_)) {
      to_->instance->globals[0]->value[0] = array_;
    }
    while (to_->store.heap().statistics().collections == 0) {
      to_->Struct(kNode, {0, 0, 0});
    }
    ASSERT_OK(VerifyHeap(to_->store));
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace wasmd
