#!/usr/bin/env python3
"""`wasmd clone` and `wasmd run --from`: many processes from a parked one."""

import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402

# Fills memory, then answers each line of input with 8 random bytes, the
# monotonic clock and what it has counted.
WARM = """(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 64)
  (data (i32.const 64) "ready\\0a")
  (func $say (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
      (i32.const 8))))
  (func $hex (param $from i32)
    (local $i i32)
    (loop $next
      (i32.store8 (i32.add (i32.const 512) (local.get $i))
        (i32.add (i32.const 97) (i32.and (i32.const 15)
          (i32.load8_u (i32.add (local.get $from) (local.get $i))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 32))))
    (i32.store8 (i32.const 544) (i32.const 0x0A))
    (call $say (i32.const 512) (i32.const 33)))
  (func (export "_start")
    (local $i i32)
    (drop (call $random (i32.const 256) (i32.const 32)))
    (local.set $i (i32.const 65536))
    (loop $fill
      (i32.store (local.get $i) (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 4096)))
      (br_if $fill (i32.lt_u (local.get $i) (i32.const 4194304))))
    (call $say (i32.const 64) (i32.const 6))
    (loop $lines
      (i32.store (i32.const 0) (i32.const 1024))
      (i32.store (i32.const 4) (i32.const 64))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1)
        (i32.const 8)))
      (if (i32.load (i32.const 8))
        (then
          (call $hex (i32.const 256))
          (drop (call $random (i32.const 300) (i32.const 32)))
          (call $hex (i32.const 300))
          (br $lines))))))"""


class CloneTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)

    def park_warm(self, *options):
        """A process that has started and waits for input."""
        path = cli.write_file(self.store.folder, "warm.wat", WARM)
        read, write = os.pipe()
        process = self.store.start("run", "--id", "warm", *options, path,
                                   stdin=read)
        os.close(read)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=cli.PATIENCE_SECONDS)
        os.close(write)
        self.assertEqual(process.returncode, cli.PARKED)

    def check(self, code, *arguments, **options):
        got, out, err = self.store.run(*arguments, **options)
        self.assertEqual(got, code, err)
        return out.decode(), err.decode()

    def test_clones_go_on_from_where_it_is_parked_each_by_itself(self):
        self.park_warm()
        outputs = []
        for i in range(3):
            out, _ = self.check(0, "run", "--from", "warm", input=b"x\n")
            lines = out.split()
            self.assertEqual(len(lines), 2, "no second 'ready': %r" % out)
            outputs.append(lines)
        # What was drawn before it was parked is shared, the rest is not.
        self.assertEqual(len({before for before, _ in outputs}), 1)
        self.assertEqual(len({after for _, after in outputs}), 3)
        records = {p["name"]: p for p in self.store.ps()}
        self.assertEqual({"warm", "warm-1", "warm-2", "warm-3"}, set(records))
        self.assertEqual(records["warm"]["status"], "PAUSED")
        self.assertEqual(records["warm-2"]["status"], "COMPLETED")
        # The logs are their own.
        self.assertEqual(self.store.log("warm"), b"ready\n")
        self.assertEqual(self.store.log("warm-2").decode().split(),
                         outputs[1])
        # And the parent is as it was.
        out, _ = self.check(0, "resume", "warm", input=b"x\n")
        self.assertEqual(out.split()[0], outputs[0][0])

    def test_a_clone_waits_for_resume_and_can_be_cloned(self):
        self.park_warm()
        self.assertEqual(self.check(0, "clone", "--name", "copy", "warm")[0],
                         "copy\n")
        self.assertEqual(self.check(0, "clone", "copy")[0], "copy-1\n")
        self.assertEqual({p["name"]: p["status"] for p in self.store.ps()},
                         {"warm": "PAUSED", "copy": "PAUSED",
                          "copy-1": "PAUSED"})
        out, _ = self.check(0, "resume", "copy-1", input=b"x\n")
        self.assertEqual(len(out.split()), 2)

    def test_a_clone_that_is_killed_goes_on(self):
        self.park_warm()
        process = self.store.start("run", "--from", "warm", "--id", "c",
                                   stdin=-1)
        process.stdin.write(b"x\n")
        first = [process.stdout.readline() for _ in range(2)]
        process.kill()
        process.communicate()
        out, _ = self.check(0, "resume", "c", input=b"x\n")
        self.assertEqual(out.encode().split()[0], first[0].strip())
        self.assertEqual(len(self.store.log("c").split()), 4)

    def test_clones_of_a_process_with_files(self):
        self.park_warm("--dir", self.store.files + "::/d")
        out, err = self.check(0, "run", "--from", "warm", input=b"x\n")
        self.assertEqual((len(out.split()), err), (2, ""))

    def test_a_parent_is_kept_for_its_clones(self):
        self.park_warm()
        self.check(0, "clone", "--name", "copy", "warm")
        _, err = self.check(1, "rm", "warm")
        self.assertIn("remove them first", err)
        self.check(0, "rm", "copy")
        self.check(0, "rm", "warm")
        self.check(0, "fsck")

    def test_what_cannot_be_cloned(self):
        self.park_warm()
        for arguments, text in (
                (("clone", "none"), "there is no process 'none'"),
                (("clone", "--name", "warm", "warm"), "warm"),
                (("run", "--from", "none"), "there is no process 'none'")):
            _, err = self.check(1, *arguments)
            self.assertIn(text, err)
            self.assertEqual(len(err.splitlines()), 1, err)
        self.check(0, "resume", "warm", input=b"")
        _, err = self.check(1, "clone", "warm")
        self.assertIn("has finished: COMPLETED", err)
        for arguments in (("clone",), ("run", "--from", "warm", "x.wasm"),
                          ("run", "--from", "warm", "--dir", ".")):
            self.check(cli.USAGE, *arguments)


if __name__ == "__main__":
    junit.main()
