// What the programs that time calls share: the guest, and the clock. See
// bench/calls, which compiles them.

#ifndef WASMD_BENCH_CALLS_H_
#define WASMD_BENCH_CALLS_H_

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// (module
//   (import "env" "f" (func $f (param i32) (result i32)))
//   (func (export "nothing"))
//   (func (export "add") (param i32 i32) (result i32)
//     (i32.add (local.get 0) (local.get 1)))
//   (func (export "many") (param i32) (result i32)
//     (loop $l (br_if $l (local.tee 0 (call $f (local.get 0)))))
//     (local.get 0)))
static const uint8_t kGuest[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x0f, 0x03,
    0x60, 0x01, 0x7f, 0x01, 0x7f, 0x60, 0x00, 0x00, 0x60, 0x02, 0x7f,
    0x7f, 0x01, 0x7f, 0x02, 0x09, 0x01, 0x03, 0x65, 0x6e, 0x76, 0x01,
    0x66, 0x00, 0x00, 0x03, 0x04, 0x03, 0x01, 0x02, 0x00, 0x07, 0x18,
    0x03, 0x07, 0x6e, 0x6f, 0x74, 0x68, 0x69, 0x6e, 0x67, 0x00, 0x01,
    0x03, 0x61, 0x64, 0x64, 0x00, 0x02, 0x04, 0x6d, 0x61, 0x6e, 0x79,
    0x00, 0x03, 0x0a, 0x1c, 0x03, 0x02, 0x00, 0x0b, 0x07, 0x00, 0x20,
    0x00, 0x20, 0x01, 0x6a, 0x0b, 0x0f, 0x00, 0x03, 0x40, 0x20, 0x00,
    0x10, 0x00, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x00, 0x0b};

static inline void Require(int condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "calls: %s\n", what);
  exit(1);
}

// Of this process, in nanoseconds.
static inline double CpuNow(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

// What a run is to do: KIND COUNT on the command line.
struct Task {
  const char* kind;  // "nothing", "add", "callback"
  int32_t count;
  double begin;
};

static inline struct Task TaskOf(int argc, char** argv) {
  Require(argc == 3, "needs a kind and a number of calls");
  struct Task task = {argv[1], atoi(argv[2]), 0};
  Require(task.count > 0, "needs a number of calls");
  return task;
}

static inline int IsKind(const struct Task* task, const char* kind) {
  return strcmp(task->kind, kind) == 0;
}

static inline void Report(const struct Task* task) {
  printf("%.2f\n", (CpuNow() - task->begin) / task->count);
}

#endif  // WASMD_BENCH_CALLS_H_
