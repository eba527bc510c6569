// Counts down, a line every half second. Stop wasmd in the middle in any way,
// resume the process, and it goes on with the next number.
//
//   countdown [FROM [MILLISECONDS]]

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char** argv) {
  int from = argc > 1 ? atoi(argv[1]) : 10;
  long pause_ms = argc > 2 ? atol(argv[2]) : 500;
  struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};
  for (int i = from; i > 0; --i) {
    printf("%d\n", i);
    fflush(stdout);
    nanosleep(&pause, NULL);
  }
  puts("Lift-off!");
  return 0;
}
