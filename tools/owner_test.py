#!/usr/bin/env python3
"""Several wasmds on one store: what one does while another runs processes."""

import os
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402

CANCELLED = 143


def numbers(start):
    return b"".join(b"%d\n" % i for i in range(start, 0, -1)) + b"Lift-off!\n"


class Countdown:
    """A `wasmd run` or `wasmd resume` of a countdown that has begun."""

    def __init__(self, store, *words, start=None):
        self.start = start
        if start is not None:
            words = ("run",) + words + (cli.example("countdown"), str(start),
                                        "20")
        self.process = store.start(*words)
        self.out = self.process.stdout.readline()
        assert self.out, self.process.communicate()

    def wait(self):
        """(exit code, all of stdout, stderr)"""
        out, err = self.process.communicate(timeout=cli.PATIENCE_SECONDS)
        return self.process.returncode, self.out + out, err.decode()


class OwnerTest(unittest.TestCase):

    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)

    def start(self, *options, count=100):
        countdown = Countdown(self.store, *options, start=count)
        self.addCleanup(countdown.process.kill)
        return countdown

    def check_finished(self, countdown):
        code, out, err = countdown.wait()
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out, numbers(countdown.start))

    def status(self, name):
        return {r["name"]: r["status"] for r in self.store.ps()}.get(name)

    def run_ok(self, *words):
        code, out, err = self.store.run(*words)
        self.assertEqual((code, err), (0, b""), words)
        return out

    def run_error(self, *words):
        code, out, err = self.store.run(*words)
        self.assertEqual((code, out), (1, b""), (words, err))
        return err.decode()

    # Two terminals.

    def test_two_runs_at_once(self):
        first = self.start()
        second = self.start()
        for name in ("countdown-1", "countdown-2"):
            self.assertIn(self.status(name), ("RUNNING", "WAITING"))
        self.check_finished(first)
        self.check_finished(second)
        self.assertEqual(self.store.log("countdown-2"), numbers(100))

    def test_a_visitor_goes_on_when_the_owner_has_ended(self):
        owner = self.start(count=5)
        visitors = [self.start(), self.start(count=30), self.start(count=60)]
        for countdown in [owner] + visitors:
            self.check_finished(countdown)
        for record in self.store.ps():
            self.assertEqual(record["status"], "COMPLETED")
        self.assertEqual(self.store.run("fsck")[0], 0)

    def test_many_short_runs_at_once(self):
        processes = [self.store.start("run", cli.example("hello"))
                     for _ in range(12)]
        for process in processes:
            out, err = process.communicate(timeout=cli.PATIENCE_SECONDS)
            self.assertEqual((process.returncode, err), (0, b""))
            self.assertTrue(out)
        self.assertEqual(len(self.store.ps()), 12)

    def test_ctrl_c_in_one_parks_only_its_own(self):
        for killed in (0, 1):
            store = cli.Store()
            self.addCleanup(store.remove)
            self.store = store
            both = [self.start(), self.start()]
            both[killed].process.send_signal(signal.SIGINT)
            code, out, err = both[killed].wait()
            name = "countdown-%d" % (killed + 1)
            self.assertEqual(code, cli.PARKED)
            self.assertIn(name + " is parked", err)
            self.assertEqual(self.status(name), "PAUSED")
            # And goes on beside the other, which runs all the time.
            rest = self.run_ok("resume", name)
            self.assertEqual(out + rest, numbers(100))
            self.check_finished(both[1 - killed])

    def test_a_process_runs_once(self):
        self.start("--id", "one", count=400)
        self.assertIn("one is running", self.run_error("resume", "one"))
        self.assertIn("no process to resume", self.run_error("resume"))
        self.assertIn("one is running", self.run_error("rm", "one"))
        self.assertIn(self.status("one"), ("RUNNING", "WAITING"))

    def test_all_leaves_alone_what_runs(self):
        first = self.start()
        second = self.start()
        second.process.send_signal(signal.SIGINT)
        code, out, _ = second.wait()
        self.assertEqual(code, cli.PARKED)
        rest = self.run_ok("resume", "--all")
        self.assertEqual(out + rest, numbers(100))
        self.check_finished(first)

    # Pausing and cancelling.

    def check_paused(self, countdown, name):
        self.assertEqual(self.run_ok("pause", name), b"")
        # When it returns, it has happened.
        self.assertEqual(self.status(name), "PAUSED")
        code, out, err = countdown.wait()
        self.assertEqual(code, cli.PARKED, err)
        self.assertIn(name + " is parked; go on with: ", err)
        self.assertEqual(self.store.log(name), out)
        rest = self.run_ok("resume", name)
        self.assertEqual(out + rest, numbers(100))

    def test_pause_what_the_owner_runs(self):
        self.check_paused(self.start(), "countdown-1")

    def test_pause_what_a_visitor_runs(self):
        owner = self.start()
        self.check_paused(self.start(), "countdown-2")
        self.check_finished(owner)

    def test_pause_after_the_owner_has_changed(self):
        owner = self.start(count=3)
        visitor = self.start()
        self.check_finished(owner)
        self.check_paused(visitor, "countdown-2")

    def test_pause_what_computes(self):
        path = cli.write_file(self.store.folder, "loop.wat", """(module
          (func (export "_start") (loop $l (br $l))))""")
        process = self.store.start("run", path)
        self.addCleanup(process.kill)
        self.store.wait_for(lambda: self.status("loop-1"), process)
        self.run_ok("pause", "loop-1")
        process.communicate(timeout=cli.PATIENCE_SECONDS)
        self.assertEqual(process.returncode, cli.PARKED)
        self.assertEqual(self.status("loop-1"), "PAUSED")

    def test_pause_what_sleeps_for_long(self):
        path = cli.write_file(self.store.folder, "sleep.wat", SLEEPER)
        process = self.store.start("run", path)
        self.addCleanup(process.kill)
        self.store.wait_for(lambda: self.status("sleep-1") == "WAITING",
                            process)
        self.run_ok("pause", "sleep-1")
        process.communicate(timeout=cli.PATIENCE_SECONDS)
        self.assertEqual(process.returncode, cli.PARKED)
        self.assertEqual(self.status("sleep-1"), "PAUSED")
        # At rest too.
        self.run_ok("cancel", "sleep-1")
        self.assertEqual(self.status("sleep-1"), "CANCELLED")

    def test_cancel_what_runs(self):
        owner = self.start()
        visitor = self.start()
        for countdown, name in ((visitor, "countdown-2"),
                                (owner, "countdown-1")):
            self.assertEqual(self.run_ok("cancel", name), b"")
            self.assertEqual(self.status(name), "CANCELLED")
            code, out, err = countdown.wait()
            self.assertEqual((code, err),
                             (CANCELLED, "wasmd: %s was cancelled\n" % name))
            self.assertTrue(numbers(100).startswith(out))
            self.assertEqual(self.store.log(name), out)
            self.check_is_over(name)

    def check_is_over(self, name):
        for command in ("resume", "pause"):
            error = self.run_error(command, name)
            self.assertIn("%s has finished: CANCELLED" % name, error)
        self.assertIn("no process to resume", self.run_error("resume"))
        self.run_ok("cancel", name)  # it is
        self.assertEqual(self.store.inspect(name)["status"], "CANCELLED")

    def test_cancel_at_rest(self):
        self.start().process.kill()  # it is RUNNING, but nobody runs it
        self.run_ok("pause", "countdown-1")
        self.assertEqual(self.status("countdown-1"), "PAUSED")
        out = self.run_ok("cancel", "--json", "countdown-1")
        self.assertIn(b'"CANCELLED"', out)
        self.check_is_over("countdown-1")
        self.run_ok("rm", "countdown-1")
        self.assertEqual(self.store.ps(), [])

    def test_what_has_finished_is_not_stopped(self):
        self.run_ok("run", cli.example("hello"))
        for command in ("pause", "cancel"):
            self.assertIn("has finished: COMPLETED",
                          self.run_error(command, "hello-1"))
            self.assertIn("no process 'nobody'",
                          self.run_error(command, "nobody"))
            self.assertEqual(self.store.run(command)[0], cli.USAGE)

    # Other commands beside an owner.

    def test_commands_beside_an_owner(self):
        self.run_ok("run", "--id", "old", cli.example("hello"))
        owner = self.start()
        self.assertIn(b"old", self.run_ok("ps"))
        self.run_ok("inspect", "countdown-1")
        self.run_ok("logs", "countdown-1")
        self.run_ok("du")
        file = os.path.join(self.store.files, "old.wasmd")
        self.run_ok("export", "old", file)
        self.assertEqual(self.run_ok("import", "--id", "new", file), b"new\n")
        self.assertEqual(self.store.log("new"), self.store.log("old"))
        self.run_ok("rm", "old", "new")
        self.assertEqual([r["name"] for r in self.store.ps()],
                         ["countdown-1"])
        self.check_finished(owner)

    # Ends that nobody asked for.

    def test_the_owner_is_killed(self):
        owner = self.start()
        visitors = [self.start(), self.start()]
        owner.process.kill()
        owner.process.communicate()
        for visitor in visitors:
            self.check_finished(visitor)
        # What was on the owner's terminal is not lost: it was shown there.
        self.run_ok("resume", "countdown-1")
        self.assertEqual(self.store.log("countdown-1"), numbers(100))

    def test_a_visitor_is_killed(self):
        owner = self.start()
        visitor = self.start()
        visitor.process.kill()
        visitor.process.communicate()
        rest = self.run_ok("resume", "countdown-2")
        self.assertTrue(rest.endswith(b"Lift-off!\n"))
        self.check_finished(owner)

    def test_all_are_killed_again_and_again(self):
        for _ in range(4):
            both = [self.start(), self.start()]
            for countdown in both:
                countdown.process.kill()
                countdown.process.communicate()
        self.assertTrue(os.path.exists(self.socket_path()))  # stale
        self.run_ok("resume", "--all")
        for i in range(1, 9):
            self.assertEqual(self.store.log("countdown-%d" % i), numbers(100))
        self.assertEqual(self.store.run("fsck")[0], 0)
        self.assertFalse(os.path.exists(self.socket_path()))

    def test_an_owner_that_is_stopped_is_named(self):
        owner = self.start()
        owner.process.send_signal(signal.SIGSTOP)
        try:
            error = self.run_error("run", cli.example("hello"))
        finally:
            owner.process.send_signal(signal.SIGCONT)
        self.assertIn("(process %d) that does not answer" % owner.process.pid,
                      error)
        self.check_finished(owner)

    # The socket.

    def socket_path(self):
        return os.path.join(self.store.path, "owner.socket")

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        here = os.getcwd()
        os.chdir(self.store.path)  # the path may be too long
        try:
            client.connect("owner.socket")
        finally:
            os.chdir(here)
        return client

    def test_garbage_does_not_disturb(self):
        owner = self.start()
        for garbage in (b"\0" * 100000, b"GET / HTTP/1.0\r\n\r\n",
                        b"wsm1\xff\xff\xff\xff" + b"\xff" * 8,
                        b"wsm1\x05\0\0\0" + b"\0" * 8 + b"\xff" * 5,
                        b"wsm1\x05\0\0\0" + b"\xff" + b"\0" * 7 + b"\x08"):
            try:
                self.connect().sendall(garbage)
            except OSError:
                pass  # it hung up
        silent = [self.connect() for _ in range(50)]
        self.assertEqual(len(silent), 50)
        visitor = self.start()
        self.check_finished(visitor)
        self.check_finished(owner)

    def test_it_is_private(self):
        owner = self.start()
        self.assertEqual(os.stat(self.socket_path()).st_mode & 0o777, 0o600)
        self.check_finished(owner)
        self.assertFalse(os.path.exists(self.socket_path()))

    @unittest.skipIf(os.geteuid() != 0, "only root can be another user")
    def test_other_users_are_sent_away(self):
        owner = self.start()
        for folder in (self.store.folder, self.store.path):
            os.chmod(folder, 0o777)
        os.chmod(self.socket_path(), 0o777)
        script = ("import os, socket; os.chdir('store'); "
                  "os.setuid(65534); s = socket.socket(socket.AF_UNIX); "
                  "s.connect('owner.socket'); "
                  "s.sendall(b'wsm1' + bytes([4, 0, 0, 0]) + bytes(8)"
                  " + bytes([8, 1, 0x12, 0])); "
                  "print(s.recv(100))")
        done = subprocess.run([sys.executable, "-c", script],
                              cwd=self.store.folder, capture_output=True,
                              check=False, timeout=cli.PATIENCE_SECONDS)
        self.assertTrue(done.stdout == b"b''\n"
                        or b"ConnectionReset" in done.stderr
                        or b"BrokenPipe" in done.stderr, done)
        self.check_finished(owner)

    def test_a_folder_with_a_long_path(self):
        deep = self.store.path
        for _ in range(4):
            deep = os.path.join(deep, "d" * 50)
        self.store.path = deep
        both = [self.start(), self.start()]
        for countdown in both:
            self.check_finished(countdown)

    def test_it_does_not_take_long(self):
        """A command beside an owner takes about as long as without one."""
        owner = self.start(count=1000)
        begin = time.monotonic()
        for _ in range(5):
            self.run_ok("run", cli.example("hello"))
        self.assertLess(time.monotonic() - begin, 60)
        self.run_ok("cancel", "countdown-1")
        self.assertEqual(owner.wait()[0], CANCELLED)


SLEEPER = """(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 1000000000000))
    (drop (call $poll (i32.const 0) (i32.const 100) (i32.const 1)
                      (i32.const 200)))))
"""


if __name__ == "__main__":
    junit.main()
