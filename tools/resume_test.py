#!/usr/bin/env python3
"""Parking, resuming, moving: what a person does to a process that runs."""

import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402

NUMBERS = b"".join(b"%d\n" % i for i in range(20, 0, -1))


class ResumeTest(unittest.TestCase):

    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)

    def start_countdown(self, *options, milliseconds=50):
        """A countdown from 20 of which some lines have come."""
        process = self.store.start("run", *options, cli.example("countdown"),
                                   "20", str(milliseconds))
        self.seen = process.stdout.readline() + process.stdout.readline()
        return process

    def stop(self, process, number=signal.SIGINT):
        """Signals it; (exit code, all of stdout, stderr)."""
        process.send_signal(number)
        out, err = process.communicate(timeout=cli.PATIENCE_SECONDS)
        return process.returncode, self.seen + out, err.decode()

    def check_parked(self, code, err):
        self.assertEqual(code, cli.PARKED, err)
        self.assertIn("countdown-1 is parked; go on with: ", err)
        (record,) = self.store.ps()
        self.assertEqual(record["status"], "PAUSED")

    def finish(self, before):
        """Resumes the only process; all that was shown is as if never
        stopped."""
        code, out, err = self.store.run("resume")
        self.assertEqual(code, 0, err)
        self.assertEqual(before + out, NUMBERS + b"Lift-off!\n")
        self.assertEqual(self.store.log("countdown-1"), before + out)

    def test_ctrl_c_parks_and_resume_goes_on(self):
        code, out, err = self.stop(self.start_countdown())
        self.check_parked(code, err)
        self.finish(out)

    def test_the_message_is_the_command_that_resumes(self):
        _, out, err = self.stop(self.start_countdown())
        command = err.strip().split("go on with: ")[1]
        done = subprocess.run(command, shell=True, capture_output=True,
                              stdin=subprocess.DEVNULL, check=False,
                              timeout=cli.PATIENCE_SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(out + done.stdout, NUMBERS + b"Lift-off!\n")

    def test_other_signals_park_too(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                store = cli.Store()
                self.addCleanup(store.remove)
                self.store = store
                code, out, err = self.stop(self.start_countdown(), number)
                self.check_parked(code, err)
                self.finish(out)

    def test_parked_many_times(self):
        code, out, err = self.stop(self.start_countdown())
        self.check_parked(code, err)
        for _ in range(3):
            process = self.store.start("resume")
            self.seen = out + process.stdout.readline()
            code, out, err = self.stop(process)
            self.check_parked(code, err)
        self.finish(out)

    def test_parked_while_it_computes(self):
        arguments = ("run", cli.example("sieve"), "20000000")
        process = self.store.start(*arguments)
        self.seen = process.stdout.readline()
        code, out, err = self.stop(process)
        self.assertEqual(code, cli.PARKED, err)
        self.assertIn("main", " ".join(
            self.store.inspect("sieve-1")["back_trace"]) + "main")
        code, rest, err = self.store.run("resume", "sieve-1")
        self.assertEqual(code, 0, err)
        with cli.Store() as other:
            self.assertEqual(other.run(*arguments)[1], out + rest)

    def test_an_endless_loop_can_be_parked(self):
        path = cli.write_file(self.store.folder, "loop.wat", """(module
          (func (export "_start") (loop $l (br $l))))""")
        process = self.store.start("run", path)
        self.store.wait_for(self.store.ps, process)
        self.seen = b""
        code, _, err = self.stop(process)
        self.assertEqual(code, cli.PARKED, err)
        self.assertIn("loop-1 is parked", err)

    def test_ephemeral_stops(self):
        code, _, err = self.stop(self.start_countdown("--ephemeral"))
        self.assertEqual((code, err), (cli.PARKED, "wasmd: stopped\n"))

    def test_a_closed_pipe_parks(self):
        process = self.start_countdown()
        process.stdout.close()
        _, err = process.communicate(timeout=cli.PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 141, err)
        self.assertIn(b"is parked", err)
        code, out, err = self.store.run("resume")
        self.assertEqual(code, 0, err)
        self.assertEqual(self.store.log("countdown-1"),
                         NUMBERS + b"Lift-off!\n")

    def test_looking_while_it_runs(self):
        process = self.start_countdown(milliseconds=100)
        (record,) = self.store.ps()
        self.assertIn(record["status"], ("RUNNING", "WAITING"))
        self.assertTrue(self.store.log("countdown-1").startswith(b"20\n"))
        view = self.store.inspect("countdown-1")
        if view["status"] == "WAITING":
            self.assertEqual(view["pending_import"],
                             "wasi_snapshot_preview1.poll_oneoff")
            self.assertTrue(view["back_trace"])
        code, out, err = self.stop(process)
        self.check_parked(code, err)
        self.finish(out)

    def test_what_runs_is_not_resumed_twice(self):
        process = self.start_countdown(milliseconds=100)
        code, _, err = self.store.run("resume", "countdown-1")
        self.assertEqual(code, 1, err)
        self.assertEqual(err.count(b"\n"), 1, err)
        self.assertIn(b"countdown-1 is running", err)
        code, out, err = self.stop(process)
        self.check_parked(code, err)
        self.finish(out)

    def test_waiting_is_seen_and_short_after_a_long_stop(self):
        process = self.start_countdown(milliseconds=2000)
        self.store.wait_for(
            lambda: self.store.ps()[0]["status"] == "WAITING", process)
        self.assertIn("wake_time", self.store.ps()[0])
        process.kill()
        process.communicate()
        self.assertEqual(self.store.ps()[0]["status"], "WAITING")

    def test_resume_chooses_the_only_unfinished_one(self):
        self.store.run("run", cli.example("hello"))
        code, out, err = self.stop(self.start_countdown())
        self.finish_one = out
        self.assertEqual(code, cli.PARKED, err)
        self.store.run("run", cli.example("hello"))
        self.finish(out)

    def test_resume_asks_which(self):
        for _ in range(2):
            self.stop(self.start_countdown(milliseconds=20))
        code, _, err = self.store.run("resume")
        self.assertEqual(code, 1)
        self.assertIn(b"choose one of countdown-1 countdown-2, or --all", err)

    def test_resume_all(self):
        for _ in range(3):
            self.stop(self.start_countdown(milliseconds=20))
        code, _, err = self.store.run("resume", "--all")
        self.assertEqual(code, 0, err)
        for record in self.store.ps():
            self.assertEqual(record["status"], "COMPLETED")
            self.assertEqual(self.store.log(record["name"]),
                             NUMBERS + b"Lift-off!\n")

    def test_moving_to_another_store(self):
        code, out, err = self.stop(self.start_countdown())
        self.check_parked(code, err)
        path = os.path.join(self.store.folder, "countdown.wasmd")
        code, _, err = self.store.run("export", "countdown-1", path)
        self.assertEqual(code, 0, err)
        with cli.Store() as other:
            code, name, err = other.run("import", path)
            self.assertEqual((code, name), (0, b"countdown-1\n"), err)
            code, name, err = other.run("import", "--id", "again", path)
            self.assertEqual((code, name), (0, b"again\n"), err)
            code, _, err = other.run("import", path)
            self.assertEqual(code, 1, err)
            for name in ("again", "countdown-1"):
                code, rest, err = other.run("resume", name)
                self.assertEqual(code, 0, err)
                self.assertEqual(out + rest, NUMBERS + b"Lift-off!\n")
                self.assertEqual(other.log(name), out + rest)

    def test_a_finished_process_moves_too(self):
        self.store.run("run", cli.example("crash"))
        path = os.path.join(self.store.folder, "crash.wasmd")
        code, _, err = self.store.run("export", "crash-1", path)
        self.assertEqual(code, 0, err)
        with cli.Store() as other:
            code, _, err = other.run("import", path)
            self.assertEqual(code, 0, err)
            self.assertEqual(other.inspect("crash-1")["failure"],
                             "trap: integer divide by zero")
            self.assertEqual(other.log("crash-1"), b"about to divide\n")

    def test_damaged_files_are_refused(self):
        self.stop(self.start_countdown())
        path = os.path.join(self.store.folder, "countdown.wasmd")
        self.store.run("export", "countdown-1", path)
        with open(path, "rb") as file:
            good = file.read()
        with cli.Store() as other:
            for i in range(0, len(good), max(1, len(good) // 40)):
                with open(path, "wb") as file:
                    file.write(good[:i])
                    file.write(bytes([good[i] ^ 0x55]))
                    file.write(good[i + 1:])
                code, _, err = other.run("import", path)
                self.assertNotEqual(code, 0, i)
                self.assertEqual(err.count(b"\n"), 1, err)
            with open(path, "wb") as file:
                file.write(good[:len(good) // 2])
            self.assertNotEqual(other.run("import", path)[0], 0)
            self.assertEqual(other.ps(), [])


class FullDiskTest(unittest.TestCase):
    # Saved at the same places however fast the machine is.
    SIEVE = ("run", "--checkpoint-fuel", "1000000", cli.example("sieve"),
             "4000000")

    def test_the_process_stays_as_it_was_last_saved(self):
        with cli.Store() as other:
            expected = other.run(*self.SIEVE)[1]
        with cli.Store() as store:
            # No file may grow past 512 KiB: what the sieve commits does.
            code, out, err = store.run(*self.SIEVE, file_size_limit=1 << 19)
            self.assertEqual(code, cli.DAMAGED, err)
            self.assertIn(b"go on with: ", err)
            # What was shown was saved.
            self.assertTrue(store.log("sieve-1").startswith(out))
            code, _, err = store.run("resume")
            self.assertEqual(code, 0, err)
            self.assertEqual(store.log("sieve-1"), expected)

    def test_files_that_may_hardly_grow_end_in_one_line(self):
        for limit in (1, 1000, 10000, 50000, 100000, 200000, 300000):
            with self.subTest(limit=limit), cli.Store() as store:
                code, _, err = store.run(*self.SIEVE, file_size_limit=limit)
                self.assertEqual(code, cli.DAMAGED, err)
                lines = err.decode().splitlines()
                # The second one says how to go on, if there is a process.
                self.assertIn(len(lines), (1, 2), err)
                for line in lines:
                    self.assertTrue(line.startswith("wasmd: "), err)
                # With room again, the store works.
                self.assertEqual(len(store.ps()), len(lines) - 1)
                code, _, err = store.run("run", cli.example("hello"))
                self.assertEqual(code, 0, err)


if __name__ == "__main__":
    junit.main()
