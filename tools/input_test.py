#!/usr/bin/env python3
"""Standard input of processes: `wasmd input`, pipes and files, and that no byte
of it is lost or read twice when wasmd is killed."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402

KILL_POINTS = ("after_input", "before_commit", "after_commit",
               "after_release", "before_park", "before_finish",
               "after_finish")
KEY = "12" * 32


def sums(numbers, ends=True):
    """What the adder says to these."""
    lines = []
    total = 0
    for number in numbers:
        total += number
        lines.append("%d\n" % total)
    if ends:
        lines.append("%d numbers, their sum is %d\n" % (len(numbers), total))
    return "".join(lines).encode()


def text(numbers):
    return b"".join(b"%d\n" % number for number in numbers)


class InputTest(unittest.TestCase):

    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)

    def run_ok(self, *words, **options):
        code, out, err = self.store.run(*words, **options)
        self.assertEqual((code, err), (0, b""), words)
        return out

    def run_error(self, *words, **options):
        code, out, err = self.store.run(*words, **options)
        self.assertEqual((code, out), (1, b""), (words, err))
        self.assertEqual(err.count(b"\n"), 1, err)
        return err.decode()

    def start(self, *words, **options):
        process = self.store.start(*words, **options)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def start_adder(self, name="a", options=("--stdin", "queue"), **more):
        process = self.start("run", "--id", name, *options,
                             cli.example("adder"), **more)
        self.wait_for_input(name, process)
        return process

    def record(self, name):
        return {r["name"]: r for r in self.store.ps()}.get(name, {})

    def wait_for_input(self, name, process=None):
        self.store.wait_for(
            lambda: self.record(name).get("waits_for_input"), process)

    def park(self, process):
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=cli.PATIENCE_SECONDS)
        self.assertEqual(process.returncode, cli.PARKED)

    def finish(self, process):
        out, err = process.communicate(timeout=cli.PATIENCE_SECONDS)
        self.assertEqual((process.returncode, err), (0, b""))
        return out

    # Who appends, and when.

    def test_wakes_a_process_that_waits(self):
        process = self.start_adder()
        code, out, _ = self.store.run("ps")
        self.assertEqual(code, 0)
        self.assertIn(b"WAITING for input", out)
        for i in (5, 7):
            begin = time.monotonic()
            self.run_ok("input", "a", str(i))
            self.assertEqual(process.stdout.readline(),
                             sums((5, 7)[:i - 4], False).splitlines(True)[-1])
            # It is not found by looking now and then.
            self.assertLess(time.monotonic() - begin, 5)
        self.run_ok("input", "a", "--close")
        self.assertEqual(self.finish(process),
                         b"2 numbers, their sum is 12\n")
        self.assertEqual(self.store.log("a"), sums((5, 7)))
        self.assertIn("has finished: COMPLETED",
                      self.run_error("input", "a", "1"))

    def test_wakes_one_that_another_wasmd_runs(self):
        owner = self.start_adder("owner")
        visitor = self.start_adder("visitor")
        for name, process in (("visitor", visitor), ("owner", owner)):
            begin = time.monotonic()
            self.run_ok("input", name, "3")
            self.assertEqual(process.stdout.readline(), b"3\n")
            self.assertLess(time.monotonic() - begin, 5)
        owner.kill()
        owner.communicate()
        # Nobody tells the visitor, which is the owner now, but itself.
        self.run_ok("input", "visitor", "4", "--close")
        self.assertEqual(self.finish(visitor),
                         b"7\n2 numbers, their sum is 7\n")

    def test_is_kept_for_a_process_that_nobody_runs(self):
        self.park(self.start_adder())
        self.run_ok("input", "a", "1")
        self.run_ok("input", "a", input=b"2\n3")
        self.run_ok("input", "a", "-n", "4")
        path = cli.write_file(self.store.files, "more", "\n5\n")
        self.run_ok("input", "a", "--file", path)
        self.run_ok("input", "a", "-", input=b"6\n")
        self.run_ok("input", "a", "--close", "7")
        self.assertEqual(self.run_ok("resume", "a"), sums((1, 2, 34, 5, 6, 7)))
        history = self.run_ok("history", "a")
        self.assertIn(b"fd_read(0,", history)

    def test_an_interpreter_of_lines_gets_them_as_they_are_typed(self):
        process = self.start_adder()
        feeder = self.start("input", "a", stdin=subprocess.PIPE)
        for number in (1, 2, 3):
            feeder.stdin.write(b"%d\n" % number)
            self.assertEqual(process.stdout.readline(),
                             sums(range(1, number + 1), False)
                             .splitlines(True)[-1])
        feeder.stdin.close()
        feeder.stdin = None
        self.assertEqual(feeder.wait(cli.PATIENCE_SECONDS), 0)
        self.run_ok("input", "a", "--close")
        self.finish(process)

    def test_comes_before_what_wasmd_has_itself(self):
        reader, writer = os.pipe()
        process = self.start_adder(options=(), stdin=reader)
        os.close(reader)
        self.run_ok("input", "a", "1")
        self.assertEqual(process.stdout.readline(), b"1\n")
        os.write(writer, b"2\n")
        self.assertEqual(process.stdout.readline(), b"3\n")
        self.run_ok("input", "a", "3")
        self.assertEqual(process.stdout.readline(), b"6\n")
        os.close(writer)
        self.assertEqual(self.finish(process), b"3 numbers, their sum is 6\n")

    def test_a_resume_of_all_waits_for_what_can_come(self):
        self.park(self.start_adder("a"))
        self.park(self.start_adder("b"))
        process = self.start("resume", "--all")
        self.wait_for_input("a", process)
        self.run_ok("input", "a", "1", "--close")
        self.run_ok("input", "b", "2", "--close")
        out = self.finish(process)
        self.assertEqual(sorted(out.splitlines()),
                         sorted((sums((1,)) + sums((2,))).splitlines()))

    def test_without_it_the_end_of_dev_null_is_the_end(self):
        self.assertEqual(self.run_ok("run", cli.example("adder")), sums(()))
        self.assertEqual(
            self.run_ok("run", cli.example("adder"), input=b"1\n2\n"),
            sums((1, 2)))
        self.assertEqual(
            self.run_ok("run", "--ephemeral", cli.example("adder"),
                        input=b"1\n2\n"), sums((1, 2)))

    # What is refused.

    def test_errors_are_one_line(self):
        self.assertIn("there is no process 'x'",
                      self.run_error("input", "x", "1"))
        self.park(self.start_adder())
        self.assertIn("No such file", self.run_error_of_io(
            "input", "a", "--file", "/not/there"))
        self.run_ok("input", "a", "--close")
        self.assertIn("is closed", self.run_error("input", "a", "1"))
        self.assertIn("is closed", self.run_error("input", "a", "--close"))
        for words in ((), ("a", "--file", "x", "text"), ("a", "--nonsense")):
            code, _, err = self.store.run("input", *words)
            self.assertEqual((code, err.count(b"\n")), (cli.USAGE, 1), err)
        code, _, err = self.store.run("run", "--stdin", "what", "x.wasm")
        self.assertEqual(code, cli.USAGE)
        self.assertIn(b"inherit or queue", err)

    def run_error_of_io(self, *words):
        code, _, err = self.store.run(*words)
        self.assertEqual(code, cli.DAMAGED)
        return err.decode()

    @unittest.skipUnless(cli.is_long(), "writes 256 MiB; set WASMD_LONG=1")
    def test_gigabytes_are_refused_in_bounded_memory(self):
        self.park(self.start_adder())
        process = self.store.start("input", "a", "--file", "/dev/zero")
        _, err = process.communicate(timeout=600)
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"268435456 bytes of input that it has not read", err)

    # Killed.

    def test_the_queue_is_read_once_wherever_wasmd_is_killed(self):
        kills = 0
        for point in KILL_POINTS:
            for n in range(1, 100):
                name = "%s-%d" % (point, n)
                self.park(self.start_adder(name))
                self.run_ok("input", name, "1")
                self.run_ok("input", name, "2")
                self.run_ok("input", name, "3", "--close")
                code, _, _ = self.store.run(
                    "resume", name, env={"WASMD_KILL_POINT": "%s:%d" %
                                         (point, n)})
                if code == 0:
                    break
                self.assertEqual(code, -signal.SIGKILL, name)
                kills += 1
                code, _, err = self.store.run("resume", name)
                self.assertEqual((code, err), (0, b""), name)
                self.assertEqual(self.store.log(name), sums((1, 2, 3)), name)
        self.assertGreater(kills, 5)

    def check_pipe_with_kill_points(self, *options):
        kills = 0
        for point in KILL_POINTS:
            for n in range(1, 100):
                name = "%s-%d" % (point, n)
                reader, writer = os.pipe()
                # Several readings.
                numbers = range(1, 1001)
                os.write(writer, text(numbers))
                os.close(writer)
                code, _, _ = self.store.run(
                    "run", *options, "--id", name, cli.example("adder"),
                    stdin=reader,
                    env={"WASMD_KILL_POINT": "%s:%d" % (point, n)})
                if code == -signal.SIGKILL:
                    kills += 1
                    code, _, err = self.store.run("resume", *options, name,
                                                  stdin=reader)
                    self.assertEqual((code, err), (0, b""), name)
                    log = self.run_ok("logs", *options, name)
                    self.assertEqual(log, sums(numbers), name)
                    os.close(reader)
                    continue
                os.close(reader)
                self.assertEqual(code, 0, name)
                break
        self.assertGreater(kills, 8)

    def test_a_pipe_is_read_once_wherever_wasmd_is_killed(self):
        self.check_pipe_with_kill_points()
        self.assertEqual(os.listdir(os.path.join(self.store.path, "taken")),
                         [])

    def test_of_an_encrypted_store_too_with_nothing_beside_it(self):
        path = cli.write_file(self.store.files, "key", KEY)
        self.check_pipe_with_kill_points("--key-file", path)
        self.assertEqual(os.listdir(os.path.join(self.store.path, "taken")),
                         [])

    def test_a_pipe_is_read_once_at_random_kills(self):
        numbers = list(range(1, 30001 if cli.is_long() else 3001))
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        seed = random.randrange(1 << 30)
        dice = random.Random(seed)

        def feed():
            pieces = text(numbers)
            while pieces:
                size = dice.randrange(1, 200)
                os.write(writer, pieces[:size])
                pieces = pieces[size:]
                time.sleep(0.01)
            os.close(writer)

        feeder = threading.Thread(target=feed)
        feeder.start()
        self.addCleanup(feeder.join)
        words = ("run", "--id", "p", cli.example("adder"))
        kills = 0
        while True:
            process = self.store.start(*words, stdin=reader)
            try:
                process.communicate(timeout=dice.uniform(0.02, 0.25))
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            kills += 1
            if self.record("p").get("status") == "COMPLETED":
                break
            if self.record("p"):
                words = ("resume", "p")
        self.assertIn(process.returncode, (0, -signal.SIGKILL), seed)
        self.assertEqual(self.store.log("p"), sums(numbers), seed)
        self.assertGreater(kills, 3)

    def test_a_file_is_read_on_where_it_was(self):
        numbers = list(range(1, 20001))
        path = os.path.join(self.store.files, "numbers")
        with open(path, "wb") as file:
            file.write(text(numbers))
        words = ("run", "--id", "f", cli.example("adder"))
        for delay in (0.05, 0.07, 0.1):
            with open(path, "rb") as file:
                process = self.store.start(*words, stdin=file)
            try:
                process.communicate(timeout=delay)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            if self.record("f"):
                words = ("resume", "f")
        if self.record("f").get("status") != "COMPLETED":
            with open(path, "rb") as file:
                code, _, err = self.store.run(*words, stdin=file)
            self.assertEqual((code, err), (0, b""))
        self.assertEqual(self.store.log("f"), sums(numbers))

    def test_what_is_appended_is_there_as_a_whole_or_not_at_all(self):
        self.park(self.start_adder())
        numbers = []
        batch = list(range(1, 2001))
        for delay in (0.003, 0.006, 0.009, 0.012, 0.02, 0.03):
            process = self.store.start("input", "a", "--json",
                                       *map(str, ["-n", text(batch).decode()]))
            try:
                process.communicate(timeout=delay)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        self.run_ok("input", "a", "--close")
        self.run_ok("resume", "a")
        log = self.store.log("a")
        count = int(log.splitlines()[-1].split()[0])
        self.assertEqual(count % len(batch), 0)
        numbers = batch * (count // len(batch))
        self.assertEqual(log, sums(numbers))

    # What belongs to it.

    def test_forks_and_clones_have_what_was_not_read(self):
        self.park(self.start_adder(options=("--stdin", "queue", "--history",
                                            "all")))
        self.run_ok("input", "a", "1")
        self.run_ok("input", "a", "2")
        process = self.start("resume", "a")
        self.assertEqual(process.stdout.readline(), b"1\n")
        self.assertEqual(process.stdout.readline(), b"3\n")
        self.wait_for_input("a", process)
        self.park(process)
        self.run_ok("input", "a", "3", "--close")
        self.run_ok("clone", "--name", "clone", "a")
        self.run_ok("fork", "--name", "fork", "a")
        # From before anything was read.
        self.run_ok("fork", "--name", "early", "--at", "0", "a")
        self.assertEqual(self.run_ok("resume", "a"),
                         b"6\n3 numbers, their sum is 6\n")
        for name, log in (("clone", b"6\n3 numbers, their sum is 6\n"),
                          ("fork", b"6\n3 numbers, their sum is 6\n"),
                          ("early", sums((1, 2, 3)))):
            self.assertEqual(self.run_ok("resume", name), log, name)
        self.run_ok("rewind", "--to", "0", "a")
        self.assertEqual(self.run_ok("resume", "a"), sums((1, 2, 3)))
        code, out, err = self.store.run("fsck")
        self.assertEqual((code, err), (0, b""), out)

    def test_an_export_has_what_was_not_read(self):
        self.park(self.start_adder())
        self.run_ok("input", "a", "1")
        process = self.start("resume", "a")
        self.assertEqual(process.stdout.readline(), b"1\n")
        self.wait_for_input("a", process)
        self.park(process)
        self.run_ok("input", "a", "2")
        self.run_ok("input", "a", "3", "--close")
        path = os.path.join(self.store.files, "a.process")
        self.run_ok("export", "a", path)
        with cli.Store() as other:
            code, _, err = other.run("import", path)
            self.assertEqual((code, err), (0, b""))
            code, out, err = other.run("resume")
            self.assertEqual((code, out, err),
                             (0, b"3\n6\n3 numbers, their sum is 6\n", b""))

    def test_nothing_is_left_of_a_process_that_is_removed(self):
        reader, writer = os.pipe()
        process = self.start_adder(options=(), stdin=reader)
        os.close(reader)
        os.write(writer, b"1\n")
        self.assertEqual(process.stdout.readline(), b"1\n")
        taken = os.path.join(self.store.path, "taken")
        self.assertEqual(len(os.listdir(taken)), 1)
        self.park(process)
        os.close(writer)
        self.run_ok("rm", "a")
        self.assertEqual(os.listdir(taken), [])


if __name__ == "__main__":
    junit.main()
