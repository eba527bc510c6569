// Adds up the numbers that it reads, one a line, and says the sum after each:
// a program that waits for input, however long it takes to come.
//
//   adder     (wasmd run --stdin queue ... and wasmd input ID 42)

#include <stdio.h>
#include <stdlib.h>

int main(void) {
  char line[256];
  long long sum = 0;
  long lines = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    char* end = line;
    const long long number = strtoll(line, &end, 10);
    if (end == line) {
      printf("not a number: %s", line);
      continue;
    }
    sum += number;
    ++lines;
    printf("%lld\n", sum);
    fflush(stdout);
  }
  printf("%ld numbers, their sum is %lld\n", lines, sum);
  return 0;
}
