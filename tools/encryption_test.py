#!/usr/bin/env python3
"""Encrypted stores (--key-file, --key-command) and redaction (--redact)."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402

KEY = "0f" * 32
OTHER_KEY = "f0" * 32

# Writes what is in its memory, then waits for input.
GUEST = """(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\40\\00\\00\\00\\0a\\00\\00\\00")
  (data (i32.const 64) "SECRETlog\\0a")
  (func (export "_start")
    (memory.copy (i32.const 8192) (i32.const 64) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
      (i32.const 8)))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1)
      (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
      (i32.const 8)))))"""


class EncryptionTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)
        self.guest = cli.write_file(self.store.folder, "guest.wat", GUEST)
        self.key = cli.write_file(self.store.folder, "key", KEY + "\n")
        self.other = cli.write_file(self.store.folder, "other", OTHER_KEY)

    def check(self, code, *arguments, **options):
        found, out, err = self.store.run(*arguments, **options)
        self.assertEqual(found, code, (out, err))
        return out.decode(), err.decode()

    def park(self, *key):
        """A process that waits for input."""
        read, write = os.pipe()
        process = self.store.start("run", "--id", "guest", *key, self.guest,
                                   "SECRETargument", stdin=read)
        os.close(read)
        self.assertEqual(process.stdout.readline(), b"SECRETlog\n")
        process.send_signal(cli.signal.SIGINT)
        _, err = process.communicate(timeout=cli.PATIENCE_SECONDS)
        os.close(write)
        self.assertEqual(process.returncode, cli.PARKED)
        return err.decode()

    def files_with(self, text):
        found = []
        for folder, _, names in os.walk(self.store.path):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        if text in file.read():
                            found.append(name)
        return found

    def test_commands_take_the_key(self):
        key = ("--key-file", self.key)
        err = self.park(*key)
        # What it says to do works.
        self.assertIn("--key-file " + self.key + " guest", err)
        self.assertEqual(self.files_with(b"SECRET"), [])
        for command in (("ps",), ("inspect", "guest"), ("logs", "guest"),
                        ("fsck",), ("du",), ("history", "guest")):
            self.check(0, command[0], *key, *command[1:])
        out, _ = self.check(0, "logs", *key, "guest")
        self.assertEqual(out, "SECRETlog\n")
        file = os.path.join(self.store.folder, "exported")
        self.check(0, "export", *key, "guest", file)
        self.check(0, "import", *key, "--id", "copy", file)
        self.check(0, "clone", *key, "--name", "clone", "guest")
        self.check(0, "cancel", *key, "copy")
        self.check(0, "rm", *key, "copy")
        out, _ = self.check(0, "resume", *key, "guest")
        self.assertEqual(out, "SECRETlog\n")
        self.assertEqual(self.files_with(b"SECRET"), [])

    def test_the_key_comes_from_a_command_or_the_environment(self):
        self.park("--key-command", "cat " + self.key)
        self.check(0, "ps", "--key-file", self.key)
        self.check(0, "ps", env={"WASMD_KEY_FILE": self.key})
        self.check(0, "ps", env={"WASMD_KEY_COMMAND": "cat " + self.key})
        _, err = self.check(1, "ps", "--key-command", "exit 7")
        self.assertEqual(
            err, "wasmd: the key command failed (exit code 7): exit 7\n")
        _, err = self.check(1, "ps", "--key-file", self.key,
                            "--key-command", "true")
        self.assertEqual(err.count("\n"), 1)

    def test_what_is_wrong_with_a_key_is_one_line(self):
        self.park("--key-file", self.key)
        path = self.store.path
        for arguments, line in (
                (("--key-file", self.other),
                 "the key is not that of store %s: give the key that it was "
                 "made with" % path),
                ((), "store %s is encrypted: give its key (--key-file or "
                 "--key-command)" % path),
                (("--key-file", self.key + "x"),
                 "cannot read the key file %sx: No such file or directory"
                 % self.key),
                (("--key-file", self.guest),
                 "the key file %s has no key: it must be 64 hexadecimal "
                 "digits, or 32 bytes" % self.guest)):
            for command in (("ps",), ("fsck",), ("rm", "guest"),
                            ("resume", "guest"), ("export", "guest", "x")):
                _, err = self.check(1, command[0], *arguments, *command[1:])
                self.assertEqual(err, "wasmd: " + line + "\n")

    def test_a_plain_store_takes_no_key(self):
        self.park()
        for command in (("ps",), ("resume", "guest")):
            _, err = self.check(1, command[0], "--key-file", self.key,
                                *command[1:])
            self.assertEqual(
                err, "wasmd: store %s is not encrypted: open it without a "
                "key\n" % self.store.path)

    def test_only_encryption_needs_openssl(self):
        # Of this name, and not a library.
        cli.write_file(self.store.folder, "libcrypto.so.3", "none")
        env = {"LD_LIBRARY_PATH": self.store.folder}
        if self.store.run("version", env=env)[0] != 0:
            self.skipTest("this build links OpenSSL as a shared library")
        self.check(0, "ps", env=env)
        self.park()
        self.check(0, "resume", "guest", env=env)
        _, err = self.check(1, "run", "--store",
                            os.path.join(self.store.folder, "other-store"),
                            "--key-file", self.key, self.guest, env=env)
        self.assertIn("encryption needs OpenSSL, which cannot be loaded", err)
        self.assertIn("install it (Debian's libssl3)", err)
        self.assertEqual(err.count("\n"), 1)

    def test_redaction(self):
        self.park()
        out, _ = self.check(0, "inspect", "guest")
        self.assertIn("SECRETargument", out)
        for arguments in ((), ("--json",)):
            out, _ = self.check(0, "inspect", "--redact", *arguments, "guest")
            self.assertNotIn("SECRET", out)
            self.assertIn("[redacted]", out)
            self.assertIn("fd_read", out)
        whole = os.path.join(self.store.folder, "whole")
        redacted = os.path.join(self.store.folder, "redacted")
        self.check(0, "export", "guest", whole)
        self.check(0, "export", "--redact", "guest", redacted)
        self.check(0, "import", "--id", "copy", redacted)
        out, _ = self.check(0, "inspect", "copy")
        self.assertIn("a redacted copy of a process that was", out)
        self.assertIn("fd_read", out)
        self.assertNotIn("SECRET", out)
        out, _ = self.check(0, "logs", "copy")
        self.assertEqual(out, "")
        self.check(0, "fsck")
        self.check(1, "resume", "copy")


if __name__ == "__main__":
    junit.main()
