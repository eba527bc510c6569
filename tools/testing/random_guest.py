"""Guests that make random host calls in a random order, for kill tests.

What they print follows from the seed alone: every answer that does is mixed
into a sum that is printed now and then. Random numbers and times cannot be
compared between runs; they are compared with what the guest itself did with
them: random numbers go to memory and to a file, clocks must not run backwards,
and the last line says whether that was so.
"""

import random

NAMES = ("a", "b", "c", "d")
SLOTS = 4

PRELUDE = r"""(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite"
    (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek"
    (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close"
    (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get"
    (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_set_size"
    (func $fd_filestat_set_size (param i32 i64) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get"
    (func $fd_fdstat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open
      (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory"
    (func $path_create_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory"
    (func $path_remove_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file"
    (func $path_unlink_file (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename"
    (func $path_rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield"
    (func $sched_yield (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 100) "abcd")
  (data (i32.const 110) "random-numbers")
  (data (i32.const 200) "\63\00\00\00\63\00\00\00\63\00\00\00\63\00\00\00")
  (global $sum (mut i32) (i32.const 1))
  (global $mixed (mut i32) (i32.const 0))   ;; of random numbers
  (global $time (mut i64) (i64.const 0))
  (global $backwards (mut i32) (i32.const 0))
  (global $random_fd (mut i32) (i32.const 0))
  ;; Descriptors are at 200, 204, ...; bytes to write at 4096.
  (func $mix (param i32)
    (global.set $sum (i32.add (i32.mul (global.get $sum) (i32.const 31))
                              (local.get 0))))
  (func $fd (param i32) (result i32)
    (i32.load (i32.add (i32.const 200)
                       (i32.shl (local.get 0) (i32.const 2)))))
  (func $vector (param $at i32) (param $size i32)
    (i32.store (i32.const 8) (local.get $at))
    (i32.store (i32.const 12) (local.get $size))
    (i32.store (i32.const 16) (i32.const 0)))
  (func $mix_size (param i32)
    (call $mix (local.get 0))
    (call $mix (i32.load (i32.const 16))))
  (func $print (local $n i32) (local $at i32)
    (local.set $n (global.get $sum))
    (local.set $at (i32.const 63))
    (i32.store8 (i32.const 63) (i32.const 10))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
      (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
      (br_if $digit (local.get $n)))
    (call $vector (local.get $at) (i32.sub (i32.const 64) (local.get $at)))
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1)
                          (i32.const 16))))
  (func $open (param $slot i32) (param $name i32) (param $how i32)
      (param $flags i32)
    (drop (call $fd_close (call $fd (local.get $slot))))
    (i32.store (i32.const 20) (i32.const 0))
    (call $mix (call $path_open (i32.const 3) (i32.const 0) (local.get $name)
      (i32.const 1) (local.get $how) (i64.const 0xE001FF) (i64.const 0)
      (local.get $flags) (i32.const 20)))
    (i32.store (i32.add (i32.const 200)
                        (i32.shl (local.get $slot) (i32.const 2)))
      (i32.load (i32.const 20))))
  ;; A file that nothing leads to cannot be opened again by a resume.
  (func $close_all (local $i i32)
    (loop $l
      (drop (call $fd_close (call $fd (local.get $i))))
      (i32.store (i32.add (i32.const 200)
                          (i32.shl (local.get $i) (i32.const 2)))
        (i32.const 99))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 4)))))
  (func $fill (param $size i32) (local $i i32)
    (loop $l
      (i32.store8 (i32.add (i32.const 4096) (local.get $i))
        (i32.add (global.get $sum) (i32.mul (local.get $i) (i32.const 7))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (local.get $size))))
    (call $vector (i32.const 4096) (local.get $size)))
  (func $write (param $slot i32) (param $size i32)
    (call $fill (local.get $size))
    (call $mix_size (call $fd_write (call $fd (local.get $slot))
      (i32.const 8) (i32.const 1) (i32.const 16))))
  (func $pwrite (param $slot i32) (param $size i32) (param $offset i64)
    (call $fill (local.get $size))
    (call $mix_size (call $fd_pwrite (call $fd (local.get $slot))
      (i32.const 8) (i32.const 1) (local.get $offset) (i32.const 16))))
  (func $read (param $slot i32) (param $size i32) (local $i i32)
    (call $vector (i32.const 65536) (local.get $size))
    (call $mix_size (call $fd_read (call $fd (local.get $slot))
      (i32.const 8) (i32.const 1) (i32.const 16)))
    (block $done (loop $l
      (br_if $done (i32.ge_u (local.get $i) (i32.load (i32.const 16))))
      (call $mix (i32.load8_u (i32.add (i32.const 65536) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $l))))
  (func $stat (param $slot i32)
    (i64.store (i32.const 332) (i64.const 0))
    (call $mix (call $fd_filestat_get (call $fd (local.get $slot))
      (i32.const 300)))
    (call $mix (i32.load (i32.const 332))))
  (func $clock (param $id i32)
    (drop (call $clock_time_get (local.get $id) (i64.const 0)
                                (i32.const 24)))
    (if (i32.eq (local.get $id) (i32.const 1))
      (then
        (if (i64.lt_s (i64.load (i32.const 24)) (global.get $time))
          (then (global.set $backwards (i32.const 1))))
        (global.set $time (i64.load (i32.const 24))))))
  (func $random
    (drop (call $random_get (i32.const 32) (i32.const 4)))
    (global.set $mixed (i32.add
      (i32.mul (global.get $mixed) (i32.const 33))
      (i32.load (i32.const 32))))
    (call $vector (i32.const 32) (i32.const 4))
    (drop (call $fd_write (global.get $random_fd) (i32.const 8) (i32.const 1)
                          (i32.const 16))))
  (func $sleep (param $ns i64)
    (i64.store (i32.const 400) (i64.const 0))
    (i64.store (i32.const 408) (i64.const 0))
    (i32.store (i32.const 416) (i32.const 1))
    (i64.store (i32.const 424) (local.get $ns))
    (i64.store (i32.const 432) (i64.const 0))
    (i32.store16 (i32.const 440) (i32.const 0))
    (call $mix (call $poll_oneoff (i32.const 400) (i32.const 448)
                                  (i32.const 1) (i32.const 500))))
  (func $work (param $n i32)
    (loop $l
      (i32.store (i32.add (i32.const 131072)
          (i32.and (i32.mul (local.get $n) (i32.const 52)) (i32.const 65532)))
        (global.get $sum))
      (call $mix (local.get $n))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $l (local.get $n))))
  ;; Are the random numbers of the file those that memory had?
  (func $compare_random (local $of_file i32)
    (drop (call $fd_seek (global.get $random_fd) (i64.const 0) (i32.const 0)
                         (i32.const 24)))
    (block $done (loop $l
      (call $vector (i32.const 32) (i32.const 4))
      (drop (call $fd_read (global.get $random_fd) (i32.const 8) (i32.const 1)
                           (i32.const 16)))
      (br_if $done (i32.ne (i32.load (i32.const 16)) (i32.const 4)))
      (local.set $of_file (i32.add
        (i32.mul (local.get $of_file) (i32.const 33))
        (i32.load (i32.const 32))))
      (br $l)))
    (call $mix (i32.ne (local.get $of_file) (global.get $mixed)))
    (if (i32.ne (local.get $of_file) (global.get $mixed))
      (then unreachable)))
  (func (export "_start")
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 110)
      (i32.const 14) (i32.const 1) (i64.const 0xE001FF) (i64.const 0)
      (i32.const 0) (i32.const 20)))
    (global.set $random_fd (i32.load (i32.const 20)))
"""

END = r"""
    (call $compare_random)
    (drop (call $path_unlink_file (i32.const 3) (i32.const 110)
                                  (i32.const 14)))
    (if (global.get $backwards) (then unreachable))
    (call $print)))
"""


def _operation(chance):
    slot = chance.randrange(SLOTS)
    name = 100 + chance.randrange(len(NAMES))
    other = 100 + chance.randrange(len(NAMES))
    path = "(i32.const 3) (i32.const %d) (i32.const 1)" % name
    choices = [
        (8, "(call $print)"),
        (6, "(call $open (i32.const %d) (i32.const %d) (i32.const %d) "
            "(i32.const %d))" % (slot, name, chance.choice((0, 1, 1, 1, 9)),
                                 chance.choice((0, 0, 0, 1)))),
        (10, "(call $write (i32.const %d) (i32.const %d))" %
         (slot, chance.choice((1, 10, 300, 5000)))),
        (4, "(call $pwrite (i32.const %d) (i32.const %d) (i64.const %d))" %
         (slot, chance.choice((1, 40, 700)), chance.randrange(3000))),
        (5, "(call $read (i32.const %d) (i32.const %d))" %
         (slot, chance.choice((1, 100, 4000)))),
        (3, "(call $mix (call $fd_seek (call $fd (i32.const %d)) "
            "(i64.const %d) (i32.const %d) (i32.const 24)))" %
         (slot, chance.randrange(100), chance.randrange(3))),
        (3, "(call $stat (i32.const %d))" % slot),
        (2, "(call $mix (call $fd_filestat_set_size (call $fd (i32.const %d)) "
            "(i64.const %d)))" % (slot, chance.randrange(2000))),
        (2, "(call $mix (call $path_create_directory %s))" % path),
        (2, "(call $mix (call $path_remove_directory %s))" % path),
        (2, "(call $close_all) (call $mix (call $path_unlink_file %s))" %
         path),
        (2, "(call $close_all) (call $mix (call $path_rename %s "
            "(i32.const 3) (i32.const %d) (i32.const 1)))" % (path, other)),
        (5, "(call $clock (i32.const %d))" % chance.randrange(2)),
        (5, "(call $random)"),
        (1, "(call $mix (call $sched_yield))"),
        (1, "(call $mix (call $fd_fdstat_get (i32.const %d) "
            "(i32.const 600)))" % slot),
        (2, "(call $sleep (i64.const %d))" % chance.choice(
            (0, 100000, 1500000, 3000000))),
        (6, "(call $work (i32.const %d))" % chance.choice(
            (10, 1000, 100000))),
    ]
    weights = [weight for weight, _ in choices]
    return chance.choices([text for _, text in choices], weights)[0]


def make(seed, operations):
    """The text of a guest with so many random operations."""
    chance = random.Random(seed)
    body = "\n".join("    " + _operation(chance) for _ in range(operations))
    return PRELUDE + body + END
