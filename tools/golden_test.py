#!/usr/bin/env python3
"""Processes that earlier releases left behind go on.

tools/testdata/vN are stores, never to be edited, that a wasmd with format N of
the store left: v2 has examples/countdown.wasm twice, `wasmd run --history 64K
countdown.wasm 20 100`, as `parked`, which was stopped by Ctrl-C after 7 lines,
and as `killed`, of which SIGKILL ended wasmd after 7 lines and before it could
close the store."""

import os
import shutil
import stat
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402

TESTDATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "testdata")
LINES = [b"%d\n" % i for i in range(20, 0, -1)] + [b"Lift-off!\n"]
SEEN = 7


def open_copy(version, store):
    """A copy that can be written, whatever Bazel made of the files."""
    shutil.copytree(os.path.join(TESTDATA, version, "store"), store.path)
    for folder, _, names in os.walk(store.path):
        os.chmod(folder, stat.S_IRWXU)
        for name in names:
            os.chmod(os.path.join(folder, name), stat.S_IRUSR | stat.S_IWUSR)


class GoldenTest(unittest.TestCase):
    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)
        open_copy("v2", self.store)

    def run_well(self, *command):
        code, out, err = self.store.run(*command)
        self.assertEqual(code, 0, (command, out, err))
        return out

    def test_what_is_there_is_whole(self):
        self.assertIn(b"0 findings", self.run_well("fsck"))
        status = {record["name"]: record["status"]
                  for record in self.store.ps()}
        self.assertEqual(status, {"parked": "PAUSED", "killed": "WAITING"})
        for name in status:
            self.assertEqual(self.store.log(name), b"".join(LINES[:SEEN]))

    def test_both_go_on_where_they_were(self):
        for name in ("parked", "killed"):
            self.assertEqual(self.run_well("resume", name),
                             b"".join(LINES[SEEN:]))
            self.assertEqual(self.store.log(name), b"".join(LINES))
        self.assertEqual({record["status"] for record in self.store.ps()},
                         {"COMPLETED"})
        self.assertIn(b"0 findings", self.run_well("fsck"))

    def test_they_can_go_back(self):
        self.run_well("resume", "killed")
        history = self.run_well("history", "killed")
        self.assertEqual(history.count(b"poll_oneoff"), 20, history)
        # The event after which five lines were out.
        self.run_well("rewind", "killed", "--to", "12")
        begun = self.store.log("killed")
        self.assertTrue(b"".join(LINES).startswith(begun))
        self.assertLess(len(begun), len(b"".join(LINES[:SEEN])))
        self.assertEqual(begun + self.run_well("resume", "killed"),
                         b"".join(LINES))

    def test_they_can_be_forked_and_carried_off(self):
        self.run_well("fork", "--name", "child", "parked")
        file = os.path.join(self.store.folder, "parked.wasmd")
        self.run_well("export", "parked", file)
        self.assertEqual(self.run_well("resume", "child"),
                         b"".join(LINES[SEEN:]))
        with cli.Store() as other:
            code, _, err = other.run("import", file)
            self.assertEqual(code, 0, err)
            code, out, err = other.run("resume")
            self.assertEqual(code, 0, err)
            self.assertTrue(out.endswith(b"".join(LINES[SEEN:])), out)


if __name__ == "__main__":
    junit.main()
