// Primes by the sieve of Eratosthenes, a segment at a time: computation over a
// few hundred kilobytes of memory, with a line of progress for each tenth.
//
//   sieve [LIMIT]

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char** argv) {
  long limit = argc > 1 ? atol(argv[1]) : 10000000;
  if (limit < 10) limit = 10;
  uint8_t* composite = calloc((size_t)limit + 1, 1);
  if (composite == NULL) {
    fputs("sieve: out of memory\n", stderr);
    return 1;
  }
  long primes = 0;
  long last = 0;
  long next_report = limit / 10;
  for (long i = 2; i <= limit; ++i) {
    if (!composite[i]) {
      ++primes;
      last = i;
      for (long long j = (long long)i * i; j <= limit; j += i) composite[j] = 1;
    }
    if (i >= next_report) {
      printf("%ld primes up to %ld, the last is %ld\n", primes, i, last);
      fflush(stdout);
      next_report += limit / 10;
    }
  }
  free(composite);
  return 0;
}
