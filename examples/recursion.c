// Deep recursion and calls through function pointers: most of the state is in
// the call stack, which is saved like everything else.
//
//   recursion [DEPTH [ROUNDS]]

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef uint32_t (*step)(int depth, uint32_t seed);

static step steps[4];

static uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ (x >> 16);
}

// Each calls one of all four, chosen by the seed, and works on the answer after
// it, so that no call is in tail position.
static uint32_t descend(int depth, uint32_t seed) {
  if (depth == 0) return seed;
  return steps[seed & 3](depth - 1, mix(seed));
}

static uint32_t add_one(int depth, uint32_t seed) {
  return descend(depth, seed) + 1;
}
static uint32_t twist(int depth, uint32_t seed) {
  uint32_t below = descend(depth, seed ^ 0x9e3779b9u);
  return (below << 5 | below >> 27) ^ seed;
}
static uint32_t remember(int depth, uint32_t seed) {
  volatile uint32_t kept[4] = {seed, seed + 1, seed + 2, seed + 3};
  uint32_t below = descend(depth, seed * 3);
  return below + kept[below & 3];
}
static uint32_t halve(int depth, uint32_t seed) {
  return mix(descend(depth, seed / 2 + 1));
}

int main(int argc, char** argv) {
  int depth = argc > 1 ? atoi(argv[1]) : 5000;
  int rounds = argc > 2 ? atoi(argv[2]) : 40;
  steps[0] = add_one;
  steps[1] = twist;
  steps[2] = remember;
  steps[3] = halve;
  uint32_t sum = 0;
  for (int round = 1; round <= rounds; ++round) {
    sum += descend(depth, (uint32_t)round);
    if (round % (rounds / 8 > 0 ? rounds / 8 : 1) == 0) {
      printf("round %d: %08x\n", round, (unsigned)sum);
      fflush(stdout);
    }
  }
  return 0;
}
