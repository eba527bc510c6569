#!/usr/bin/env python3
"""--trace=imports: the calls of host functions, as strace would show them."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402


class TraceTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)

    def trace(self, *arguments, code=0):
        """The lines on stderr; the time is taken off them."""
        got, out, err = self.store.run(*arguments)
        self.assertEqual(got, code, err)
        return out.decode(), [re.sub(r" <\d+\.\d{6}>", "", line)
                              for line in err.decode().splitlines()]

    def test_paths_flags_and_results(self):
        cli.write_file(self.store.files, "a.txt", "one two")
        _, lines = self.trace("run", "--trace=imports",
                              "--dir", self.store.files + "::/d",
                              cli.example("wordcount"), "/d")
        text = "\n".join(lines)
        self.assertRegex(text, r'(?m)^wordcount-1: fd_prestat_dir_name\(fd=3, '
                         r'path="/d"\) = 0$')
        self.assertRegex(text, r'path_open\(fd=\d, dirflags=SYMLINK_FOLLOW, '
                         r'path="a.txt", oflags=0, base=0x[0-9a-f]+, '
                         r'inheriting=0x[0-9a-f]+, fdflags=\S+, '
                         r'opened_fd=\d+\) = 0')
        self.assertRegex(text, r'fd_read\(fd=\d+, iovs=\["one two".*nread=7\)')
        self.assertRegex(text, r'path="result.txt", oflags=CREAT\|TRUNC')
        self.assertIn("fd_prestat_get(fd=4, buf=0x", text)
        self.assertIn(") = EBADF (Bad file descriptor)", text)

    def test_a_file_takes_the_lines_of_a_run_and_its_resume(self):
        path = os.path.join(self.store.folder, "trace")
        process = self.store.start("run", "--trace=imports", "--trace-file",
                                   path, cli.example("countdown"), "4", "300")
        self.assertEqual(process.stdout.readline(), b"4\n")
        process.kill()
        process.communicate()
        code, out, err = self.store.run("resume", "--trace=imports",
                                        "--trace-file", path)
        self.assertEqual((code, err), (0, b""))
        self.assertTrue(out.decode().endswith("Lift-off!\n"), out)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(r'iovs=["4", "\n"], nwritten=2) = 0', text)
        self.assertIn("poll_oneoff(in=[clock(", text)
        self.assertRegex(text, r"nevents=0x[0-9a-f]+\) waits for 0\.\d+ s\n")
        self.assertRegex(text, r"out=\[clock\], nsubscriptions=1, nevents=1\) "
                         r"= 0 <0\.\d{6}>")
        self.assertIn('"Lift-off!', text)

    def test_the_calls_of_linked_modules(self):
        library = cli.write_file(self.store.folder, "library.wat", """(module
          (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\\08\\00\\00\\00\\03\\00\\00\\00hi\\0a")
          (func (export "greet")
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
              (i32.const 16)))))""")
        program = cli.write_file(self.store.folder, "program.wat", """(module
          (import "library" "greet" (func $greet))
          (import "wasi_snapshot_preview1" "proc_exit"
            (func $exit (param i32)))
          (memory (export "memory") 1)
          (func (export "_start") (call $greet) (call $exit (i32.const 3))))""")
        out, lines = self.trace("run", "--id", "p", "--trace=imports", "--link",
                                "library=" + library, program, code=3)
        self.assertEqual(out, "hi\n")
        self.assertEqual(lines, [
            r'p: fd_write(fd=1, iovs=["hi\n"], nwritten=3) = 0',
            "p: proc_exit(rval=3)"])

    def test_wrong_usage(self):
        for arguments, text in (
                (("--trace=all",), "--trace is imports, not 'all'"),
                (("--trace-file", "x"), "--trace-file needs --trace=imports"),
                (("--trace=imports", "--trace-file", "/nowhere/x"),
                 "/nowhere/x: No such file or directory")):
            code, out, err = self.store.run("run", *arguments,
                                            cli.example("hello"))
            self.assertEqual((code, out), (cli.USAGE, b""))
            self.assertIn(text, err.decode())
            self.assertEqual(len(err.decode().splitlines()), 1)


if __name__ == "__main__":
    junit.main()
