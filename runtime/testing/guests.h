// Guest programs for tests, in the text format.

#ifndef WASMD_RUNTIME_TESTING_GUESTS_H_
#define WASMD_RUNTIME_TESTING_GUESTS_H_

#include <string>
#include <string_view>

#include "base/str_cat.h"

namespace wasmd::testing {

// WASI functions by short names, a memory, and helpers:
//   $say (text address, size) writes to stdout;
//   $say_number (n) writes it in decimal with a newline;
//   $sleep (nanoseconds).
inline constexpr std::string_view kGuestPrelude = R"(
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory"
    (func $path_create_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func $say_to (param $stream i32) (param $text i32) (param $size i32)
    (i32.store (i32.const 8) (local.get $text))
    (i32.store (i32.const 12) (local.get $size))
    (if (call $fd_write (local.get $stream) (i32.const 8) (i32.const 1)
                        (i32.const 16))
      (then unreachable)))
  (func $say (param $text i32) (param $size i32)
    (call $say_to (i32.const 1) (local.get $text) (local.get $size)))
  (func $say_number (param $n i32)
    (local $at i32)
    (local.set $at (i32.const 63))
    (i32.store8 (i32.const 63) (i32.const 10))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
      (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
      (br_if $digit (local.get $n)))
    (call $say (local.get $at) (i32.sub (i32.const 64) (local.get $at))))
  (func $sleep (param $ns i64)
    (i64.store (i32.const 64) (i64.const 0))
    (i64.store (i32.const 72) (i64.const 0))
    (i32.store (i32.const 80) (i32.const 1))
    (i64.store (i32.const 88) (local.get $ns))
    (i64.store (i32.const 96) (i64.const 0))
    (i32.store16 (i32.const 104) (i32.const 0))
    (if (call $poll_oneoff (i32.const 64) (i32.const 128) (i32.const 1)
                           (i32.const 160))
      (then unreachable)))
)";

// `imports`: more of them.
inline std::string Guest(std::string_view fields,
                         std::string_view imports = "") {
  return StrCat("(module ", imports, kGuestPrelude, fields, ")");
}

// Says the numbers up to 8, and works and sleeps between them; keeps a sum in
// memory and a recursion on the stack.
inline std::string CountingGuest() {
  return Guest(R"(
    (global $rounds (mut i32) (i32.const 0))
    (func $work (param $depth i32) (result i32)
      (local $i i32)
      (if (i32.eqz (local.get $depth)) (then (return (i32.const 0))))
      (loop $l
        (i32.store (i32.const 70000)
          (i32.add (i32.load (i32.const 70000)) (local.get $i)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $i) (i32.const 100))))
      (global.set $rounds (i32.add (global.get $rounds) (i32.const 1)))
      (i32.add (i32.const 1)
        (call $work (i32.sub (local.get $depth) (i32.const 1)))))
    (func (export "_start") (local $n i32)
      (loop $l
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (call $say_number (local.get $n))
        (if (i32.ne (call $work (local.get $n)) (local.get $n))
          (then unreachable))
        (call $sleep (i64.const 3000000))
        (br_if $l (i32.lt_u (local.get $n) (i32.const 8))))
      (call $say_number (i32.load (i32.const 70000)))
      (call $say_number (global.get $rounds))))");
}
inline constexpr std::string_view kCountingOutput =
    "1\n2\n3\n4\n5\n6\n7\n8\n178200\n36\n";

}  // namespace wasmd::testing

#endif  // WASMD_RUNTIME_TESTING_GUESTS_H_
