// There is a handler for whatever the translator can ask for.

#include <gtest/gtest.h>

#include <string>

#include "interp/code/handler_set.h"
#include "interp/testing/backends.h"
#include "wasm/opcodes.h"

namespace wasmd::testing {
namespace {

class HandlersTest : public BackendTest {
 protected:
  const HandlerSet& handlers() const { return *backend().handlers; }
};
WASMD_FOR_EACH_BACKEND(HandlersTest);

bool AllThere(const DestinationHandlers& handlers) {
  for (const Handler handler : handlers) {
    if (handler == 0) return false;
  }
  return true;
}

TEST_P(HandlersTest, SimpleOps) {
  for (int i = 0; i < kSimpleOpCount; ++i) {
    EXPECT_NE(handlers().simple[static_cast<size_t>(i)], 0u) << i;
  }
}

TEST_P(HandlersTest, AccessesOfEveryMemory) {
  int loads = 0;
  int stores = 0;
  for (int i = 0; i < kOpcodeCount; ++i) {
    const auto opcode = static_cast<Opcode>(i);
    const OpcodeInfo& info = InfoOf(opcode);
    if (info.immediates != Immediates::kMemArg &&
        info.immediates != Immediates::kMemArgLane) {
      continue;
    }
    SCOPED_TRACE(std::string(info.mnemonic));
    if (info.flags & kLoads) {
      EXPECT_TRUE(AllThere(handlers().load_any(opcode)));
      ++loads;
    }
    if (info.flags & kStores) {
      EXPECT_NE(handlers().store_any(opcode), 0u);
      ++stores;
    }
  }
  EXPECT_EQ(loads, 14 + 13 + 4);
  EXPECT_EQ(stores, 9 + 1 + 4);
}

TEST_P(HandlersTest, Objects) {
  for (int i = 0; i < kFieldAccesses; ++i) {
    const auto access = static_cast<FieldAccess>(i);
    for (const OperandKind kind : {OperandKind::kSlot, OperandKind::kImmediate,
                                   OperandKind::kAccumulator}) {
      EXPECT_TRUE(AllThere(handlers().array_get(access, kind)));
      EXPECT_NE(handlers().struct_set(access, kind), 0u);
      EXPECT_NE(handlers().array_set(access, kind), 0u);
      if (kind == OperandKind::kImmediate) continue;
      EXPECT_TRUE(AllThere(handlers().struct_get(access, kind)));
    }
  }
  for (const Opcode opcode :
       {Opcode::kRefI31, Opcode::kI31GetS, Opcode::kI31GetU, Opcode::kArrayLen,
        Opcode::kRefTest}) {
    EXPECT_TRUE(AllThere(handlers().reference(opcode, OperandKind::kSlot)));
    EXPECT_TRUE(
        AllThere(handlers().reference(opcode, OperandKind::kAccumulator)));
  }
}

}  // namespace
}  // namespace wasmd::testing
