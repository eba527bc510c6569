// The smallest durable program.

#include <stdio.h>

int main(void) {
  puts("Hello from a durable process!");
  return 0;
}
