// Ends in a trap three calls deep, to show what wasmd says of it: the message
// and a back trace with the names of the functions.

#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static int divide(int a, int b) { return a / b; }

__attribute__((noinline)) static int average(const int* values, int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += values[i];
  return divide(sum, count);
}

int main(int argc, char** argv) {
  int values[4] = {4, 8, 15, 16};
  int count = argc > 1 ? atoi(argv[1]) : 0;
  puts("about to divide");
  printf("the average is %d\n", average(values, count));
  return 0;
}
