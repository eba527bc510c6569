// What Lua needs and Debian's libraries for WASI lack: the little of a C++
// library that catching takes, and functions that fail, for commands and
// temporary files.
#include <stdio.h>
#include <stdlib.h>

asm(".tagtype __cpp_exception i32\n"
    ".globl __cpp_exception\n"
    "__cpp_exception:\n");

extern "C" {

void* __cxa_begin_catch(void* exception) noexcept { return exception; }

void __cxa_end_catch() {}

int system(const char*) { return -1; }

char* tmpnam(char*) { return nullptr; }

FILE* tmpfile() { return nullptr; }

}  // extern "C"
