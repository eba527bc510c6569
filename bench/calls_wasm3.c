// Calls through wasm3's own API.

#include <wasm3.h>

#include "calls.h"

static m3ApiRawFunction(CountDown) {
  (void)runtime;
  (void)_ctx;
  (void)_mem;
  m3ApiReturnType(int32_t) m3ApiGetArg(int32_t, value) m3ApiReturn(value - 1)
}

static void Check(M3Result result) { Require(result == m3Err_none, result); }

static IM3Function Find(IM3Runtime runtime, const char* name) {
  IM3Function function;
  Check(m3_FindFunction(&function, runtime, name));
  return function;
}

int main(int argc, char** argv) {
  struct Task task = TaskOf(argc, argv);
  IM3Environment environment = m3_NewEnvironment();
  IM3Runtime runtime = m3_NewRuntime(environment, 64 * 1024, NULL);
  IM3Module module;
  Check(m3_ParseModule(environment, &module, kGuest, sizeof(kGuest)));
  Check(m3_LoadModule(runtime, module));
  Check(m3_LinkRawFunction(module, "env", "f", "i(i)", CountDown));
  IM3Function nothing = Find(runtime, "nothing");
  IM3Function add = Find(runtime, "add");
  IM3Function many = Find(runtime, "many");
  int32_t one = 1, two = 2, sum = 0;
  const void* arguments[2] = {&one, &two};
  const void* results[1] = {&sum};

  task.begin = CpuNow();
  if (IsKind(&task, "nothing")) {
    for (int32_t i = 0; i < task.count; ++i) {
      Check(m3_Call(nothing, 0, NULL));
    }
  } else if (IsKind(&task, "add")) {
    for (int32_t i = 0; i < task.count; ++i) {
      Check(m3_Call(add, 2, arguments));
      Check(m3_GetResults(add, 1, results));
    }
    Require(sum == 3, "a wrong sum");
  } else {
    one = task.count;
    Check(m3_Call(many, 1, arguments));
    Check(m3_GetResults(many, 1, results));
    Require(sum == 0, "a wrong count");
  }
  Report(&task);
  m3_FreeRuntime(runtime);
  m3_FreeEnvironment(environment);
  return 0;
}
