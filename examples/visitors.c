// A server on a TCP port: greets everybody who connects by number. The count
// lasts: killed and resumed, it goes on with the next number, on the same port.
//
//   wasmd run --tcplisten 127.0.0.1:8080 visitors.wasm [LAST]
//
// It ends after visitor number LAST, if that is given.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The first descriptor that is handed to a program.
enum { kListener = 3 };

int main(int argc, char** argv) {
  const int last = argc > 1 ? atoi(argv[1]) : -1;
  for (int number = 1; last < 0 || number <= last; ++number) {
    const int visitor = accept(kListener, NULL, NULL);
    if (visitor < 0) {
      perror("accept");
      return 1;
    }
    char name[64];
    ssize_t size = recv(visitor, name, sizeof name, 0);
    if (size < 0) {
      // Gone, perhaps since this program was stopped in the middle.
      printf("visitor %d went before saying a name\n", number);
    } else {
      while (size > 0 && name[size - 1] == '\n') --size;
      printf("visitor %d is %.*s\n", number, (int)size, name);
      char text[128];
      snprintf(text, sizeof text, "Hello %.*s, you are visitor %d.\n",
               (int)size, name, number);
      if (send(visitor, text, strlen(text), 0) < 0) perror("send");
    }
    fflush(stdout);
    close(visitor);
  }
  return 0;
}
