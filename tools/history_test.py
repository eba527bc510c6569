#!/usr/bin/env python3
"""Going back: `wasmd rewind`, `wasmd fork`, `wasmd diff`, and what `run
--history` keeps for them."""

import json
import os
import random
import re
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402

# Each of the rounds: draws a random letter, prints it as a line, and computes
# for a while; two calls. Then it prints "end" and, with an argument, traps.
LETTERS = """(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $rounds (export "rounds") (mut i32) (i32.const 0))
  (data (i32.const 100) "end\\0a")
  (func $say (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
      (i32.const 8))))
  (func $work (param $n i32)
    (loop $l
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $l (local.get $n))))
  (func $round
    (drop (call $random (i32.const 64) (i32.const 1)))
    (i32.store8 (i32.const 64) (i32.add (i32.const 97)
      (i32.and (i32.const 15) (i32.load8_u (i32.const 64)))))
    (i32.store8 (i32.const 65) (i32.const 10))
    (call $say (i32.const 64) (i32.const 2))
    (call $work (i32.const 10000)))
  (func (export "_start")
    (loop $l
      (call $round)
      (global.set $rounds (i32.add (global.get $rounds) (i32.const 1)))
      (br_if $l (i32.lt_u (global.get $rounds) (i32.const %d))))
    (call $say (i32.const 100) (i32.const 4))
    %s))"""
ROUNDS = 20
EVENTS = 2 * ROUNDS + 1
END = b"end\n"

KILL_POINTS = ("before_rewind", "after_rewind", "after_fork", "before_commit",
               "after_commit")


# With states kept: killed while it runs, and while it is taken back.
ROUNDS_OF_KILLS = 200 if cli.is_long() else 8
SEED = int(os.environ.get("WASMD_KILL_SEED", str(time.time_ns() % 1000000)))


class HistoryTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)

    def letters(self, last=""):
        return cli.write_file(self.store.folder, "letters.wat",
                              LETTERS % (ROUNDS, last))

    def check(self, code, *arguments, **options):
        got, out, err = self.store.run(*arguments, **options)
        self.assertEqual(got, code, (arguments, out, err))
        return out, err.decode()

    def run_letters(self, *options, last="", code=0):
        """A process that was run to its end; what it printed."""
        words = options or ("--history", "all")
        return self.check(code, "run", "--id", "p", *words,
                          self.letters(last))[0]

    def run_countdown(self, *options):
        self.check(0, "run", "--id", "p", *options, cli.example("countdown"),
                   "15", "5")

    def events(self, name="p"):
        out, _ = self.check(0, "history", "--json", "--last", "all", name)
        return [json.loads(line) for line in out.splitlines()]

    def record(self, name="p"):
        return {r["name"]: r for r in self.store.ps()}[name]

    def check_at(self, event, output, name="p"):
        """It is parked after this event, having printed this."""
        self.assertEqual(self.record(name)["status"], "PAUSED")
        self.assertEqual(self.store.inspect(name)["event"], event)
        self.assertEqual(self.store.log(name), output)
        self.check(0, "fsck")

    # Rewinding.

    def test_rewind_takes_back_what_came_after(self):
        output = self.run_letters()
        self.assertEqual(len(self.events()), EVENTS)
        for event in (EVENTS, EVENTS - 1, 11, 10, 0):
            out, err = self.check(0, "rewind", "--to", str(event), "p")
            self.assertEqual((out, err), (b"", ""))
            printed = output[:event // 2 * 2] if event < EVENTS else output
            self.check_at(event, printed)
            self.assertEqual(len(self.events()), event)
        out, _ = self.check(0, "resume", "p")
        self.assertEqual(len(out), len(output))
        self.assertNotEqual(out, output, "the letters are new")
        self.assertEqual(self.store.log("p"), out)

    def test_what_follows_a_rewind_is_shown_and_logged_once(self):
        output = self.run_letters()
        self.check(0, "rewind", "p", "--to", "9")
        out, _ = self.check(0, "resume")
        # The letter of event 9 is drawn already.
        self.assertEqual(out[:2], output[8:10])
        self.assertEqual(self.store.log("p"), output[:8] + out)
        self.assertEqual(len(self.events()), EVENTS)

    def test_a_process_that_trapped_can_go_back(self):
        self.run_letters("--history", "1M", last="unreachable", code=cli.TRAP)
        self.assertEqual(self.record()["status"], "FAILED")
        self.check(0, "rewind", "--to", "%d" % (EVENTS - 1), "p")
        inspected = self.store.inspect("p")
        self.assertEqual(inspected["event"], EVENTS - 1)
        self.assertRegex(" ".join(inspected["back_trace"]), r"round|_start")
        out, err = self.check(cli.TRAP, "resume", "p")
        self.assertEqual(out, END)
        self.assertIn("unreachable", err)

    def test_why_it_cannot_be_rewound(self):
        self.run_letters("--history", "0")
        for words, code, text in (
                (("--to", "3", "p"), 1, "wasmd run --history"),
                (("--to", "99", "p"), 1, "has no event 99 yet"),
                (("--to", "3", "q"), 1, "no process 'q'"),
                (("p",), cli.USAGE, "--to is the number of an event"),
                (("--to", "x", "p"), cli.USAGE, "not 'x'"),
                (("--to", "3"), cli.USAGE, "give one process")):
            out, err = self.check(code, "rewind", *words)
            self.assertIn(text, err)
            self.assertEqual((out, len(err.splitlines())), (b"", 1))
        self.assertEqual(self.record()["status"], "COMPLETED")

    def test_a_rewind_that_is_killed_is_done_or_not(self):
        for point in KILL_POINTS:
            with cli.Store() as self.store:
                output = self.run_letters()
                code, _, _ = self.store.run(
                    "rewind", "--to", "11", "p",
                    env={"WASMD_KILL_POINT": point + ":1"})
                if point == "after_fork":
                    self.assertEqual(code, 0)
                    continue
                self.assertEqual(code, -signal.SIGKILL, point)
                self.check(0, "fsck")
                if point == "before_rewind":
                    self.assertEqual(self.record()["status"], "COMPLETED")
                    self.assertEqual(self.store.log("p"), output)
                    continue
                self.assertEqual(self.store.inspect("p")["event"], 11)
                self.assertEqual(len(self.events()), 11)
                out, _ = self.check(0, "resume", "p")
                self.assertEqual(out[:2], output[10:12], point)
                self.assertEqual(self.store.log("p"), output[:10] + out, point)
                self.assertEqual(len(self.events()), EVENTS)
                self.check(0, "fsck")

    def test_what_was_killed_goes_back_and_on(self):
        chance = random.Random(SEED)
        numbers = b"".join(b"%d\n" % i for i in range(8, 0, -1))
        for _ in range(ROUNDS_OF_KILLS):
            with cli.Store() as self.store:
                self.kill_and_go_back(chance, numbers + b"Lift-off!\n")

    def kill_and_go_back(self, chance, expected):
        point = "%s:%d" % (chance.choice(("before_commit", "after_commit",
                                          "before_park")),
                           chance.randint(2, 9))
        command = ["--id", "p", "--history", "all", "--history-fuel",
                   chance.choice(("0", "3000", "1000000000")),
                   "--checkpoint-fuel", chance.choice(("0", "2000")),
                   cli.example("countdown"), "8", "3"]
        code, _, _ = self.store.run("run", *command,
                                    env={"WASMD_KILL_POINT": point})
        where = "seed %d, %s %s" % (SEED, point, command)
        if code != -signal.SIGKILL:
            self.assertEqual(code, 0, where)
            return
        for _ in range(2):
            self.check(0, "fsck")
            event = chance.randint(0, self.store.inspect("p")["event"])
            point = chance.choice(("none", "after_rewind:1", "before_commit:1",
                                   "after_commit:1"))
            where += ", to %d %s" % (event, point)
            options = {} if point == "none" else {
                "env": {"WASMD_KILL_POINT": point}}
            code, _, err = self.store.run("rewind", "--to", str(event), "p",
                                          **options)
            self.assertEqual(code, 0 if point == "none" else -signal.SIGKILL,
                             (where, err))
            self.assertEqual(self.store.inspect("p")["event"], event, where)
        self.check(0, "fsck")
        self.check(0, "fork", "--name", "q", "--at", str(event), "p")
        self.check(0, "resume", "p")
        self.assertEqual(self.store.log("p"), expected, where)
        self.check(0, "resume", "q")
        self.assertTrue(expected.endswith(self.store.log("q")), where)
        self.check(0, "fsck")

    # Forks.

    def test_forks_go_on_from_where_it_was(self):
        output = self.run_letters()
        for event, name in ((0, "p-1"), (9, "p-2"), (EVENTS - 1, "p-3")):
            out, _ = self.check(0, "fork", "p", "--at", str(event))
            self.assertEqual(out.decode(), name + "\n")
            self.check_at(event, b"", name)
        out, _ = self.check(0, "resume", "p-2")
        self.assertEqual(out[:2], output[8:10])
        self.assertEqual(len(out), len(output) - 8)
        self.assertEqual(self.store.log("p-2"), out)
        out, _ = self.check(0, "resume", "p-3")
        self.assertEqual(out, END)
        self.assertEqual(self.store.log("p"), output)
        _, err = self.check(1, "rm", "p")
        self.assertIn("remove them first", err)
        # Of forks there are forks, and what they share stays when the parent
        # goes back.
        self.check(0, "fork", "--name", "q", "--at", "13", "p-2")
        self.check(0, "rewind", "p", "--to", "1")
        self.check(0, "resume", "q")
        self.assertEqual(len(self.store.log("q")), len(output) - 12)
        self.check(0, "fsck")
        for name in ("q", "p-1", "p-2", "p-3", "p"):
            self.check(0, "rm", name)
        self.check(0, "fsck")

    def test_a_fork_of_one_that_was_killed(self):
        process = self.store.start("run", "--id", "p", "--checkpoint-fuel",
                                   str(2**63), cli.example("countdown"), "9",
                                   "20")
        for i in range(9, 6, -1):
            self.assertEqual(process.stdout.readline(), b"%d\n" % i)
        process.kill()
        process.communicate()
        expected = b"".join(b"%d\n" % i for i in range(9, 0, -1))
        self.check(0, "fork", "--name", "copy", "p")
        log = self.store.log("p")
        rest, _ = self.check(0, "resume", "copy")
        self.assertEqual(log + rest, expected + b"Lift-off!\n")
        self.check(0, "resume", "p")
        self.assertEqual(self.store.log("p"), expected + b"Lift-off!\n")

    def test_a_fork_that_is_killed(self):
        output = self.run_letters()
        code, out, _ = self.store.run("fork", "--at", "11", "p",
                                      env={"WASMD_KILL_POINT": "after_fork:1"})
        self.assertEqual((code, out), (-signal.SIGKILL, b""))
        self.check(0, "fsck")
        self.check_at(11, b"", "p-1")
        out, _ = self.check(0, "resume", "p-1")
        self.assertEqual(out[:2], output[10:12])

    def test_why_it_cannot_be_forked(self):
        self.run_letters("--history", "0")
        for words, code, text in (
                (("p",), 1, "has finished: COMPLETED"),
                (("--at", "1", "p"), 1, "is not kept"),
                (("--at", "-1", "p"), cli.USAGE, "not '-1'"),
                (("--at", "1", "--name", "p", "p"), 1, "is not kept"),
                ((), cli.USAGE, "give one process")):
            _, err = self.check(code, "fork", *words)
            self.assertIn(text, err)
            self.assertEqual(len(err.splitlines()), 1, err)

    # Differences.

    def test_diff_says_what_changed(self):
        output = self.run_letters()
        self.assertIn(b"no difference",
                      self.check(0, "diff", "p", "5", "5")[0])
        text = self.check(0, "diff", "p", "3", "7")[0].decode()
        self.assertIn("--- p after event 3\n+++ p after event 7\n", text)
        self.assertIn("global 0 (rounds): 1 -> 3\n", text)
        # An iovec, and how much was written; a line.
        text = self.check(0, "diff", "p", "0", "2")[0].decode()
        self.assertRegex(text, r"memory 0: \d+ bytes differ, in 2 places\n"
                         r" +0x00000000 +9  0{18} -> 400000000200000002\n"
                         r" +0x00000040 +2  0000 -> %s\n" % output[:2].hex())
        out, _ = self.check(0, "diff", "--json", "p:3", "p:4")
        diff = json.loads(out)
        self.assertEqual(diff["before"], {"name": "p", "event": 3})
        self.assertTrue(any("round" in line or "func" in line
                            for line in diff["stack_after"]), diff)
        self.assertEqual(diff["globals"], [])

    def test_diff_of_two_processes(self):
        self.run_letters()
        self.check(0, "fork", "--name", "q", "--at", "11", "p")
        self.assertIn(b"no difference",
                      self.check(0, "diff", "p:11", "q")[0])
        out, _ = self.check(0, "diff", "q:last", "p:15")
        self.assertIn(b"global 0 (rounds): 5 -> 7\n", out)
        self.check(cli.USAGE, "diff", "p")
        self.check(1, "diff", "p", "1", "99")
        self.check(1, "diff", "p", "none")
        self.check(1, "diff", "p", "1", "x")

    # Beside other wasmds.

    def test_while_another_owns_the_store(self):
        owner = self.store.start("run", "--id", "owner", "--history", "all",
                                 cli.example("countdown"), "2000", "10")
        self.addCleanup(owner.kill)
        self.assertEqual(owner.stdout.readline(), b"2000\n")
        output = self.run_letters()
        for event in (30, 11):
            self.check(0, "rewind", "p", "--to", str(event))
            self.check_at(event, output[:event // 2 * 2])
        self.check(0, "fork", "--name", "q", "--at", "5", "p")
        self.assertIn(b"no difference",
                      self.check(0, "diff", "p:5", "q")[0])
        out, _ = self.check(0, "resume", "q")
        self.assertEqual(out[:2], output[4:6])
        # What another runs is not rewound, but may be forked from its past.
        _, err = self.check(1, "rewind", "--to", "1", "owner")
        self.assertIn("owner is running: `wasmd pause` parks it", err)
        self.store.wait_for(
            lambda: len(self.events("owner")) > 3, owner)
        self.check(0, "fork", "--name", "early", "--at", "2", "owner")
        self.check_at(2, b"", "early")
        self.check(0, "diff", "early", "owner:2")
        _, err = self.check(1, "fork", "--name", "now", "owner", "--at",
                            "99999999")
        self.assertIn("yet", err)
        owner.send_signal(signal.SIGINT)
        owner.communicate(timeout=cli.PATIENCE_SECONDS)
        self.assertEqual(owner.returncode, cli.PARKED)
        self.check(0, "rewind", "owner", "--to", "2")
        self.check(0, "fsck")

    def test_one_that_only_visits_keeps_states(self):
        owner = self.store.start("run", "--id", "owner",
                                 cli.example("countdown"), "2000", "10")
        self.addCleanup(owner.kill)
        owner.stdout.readline()
        self.run_countdown("--history-fuel", "0", "--history-states", "3",
                           "--history", "all", "--checkpoint-fuel", "0")
        kept = self.store.inspect("p")["kept_states"]
        self.assertEqual(len(kept), 3)
        self.check(0, "rewind", "p", "--to", str(kept[0]))
        _, err = self.check(1, "rewind", "p", "--to", str(kept[0] - 1))
        self.assertRegex(err, "event %d of process p is not kept" %
                         (kept[0] - 1))
        self.check(0, "resume", "p")
        self.check(0, "fsck")

    # What is kept.

    def test_how_much_is_kept(self):
        counts = []
        sizes = []
        for fuel in ("0", "1000000000"):
            self.run_countdown("--history", "all", "--history-fuel", fuel,
                               "--checkpoint-fuel", "0")
            kept = self.store.inspect("p")["kept_states"]
            self.assertEqual(kept[0], 0)
            counts.append(len(kept))
            usage = json.loads(self.check(0, "du", "--json")[0])
            sizes.append(usage["processes"][0]["history_bytes"])
            self.check(0, "rm", "p")
        self.assertGreater(counts[0], 10)
        self.assertGreater(sizes[0], sizes[1])
        self.assertEqual(counts[1], 1)
        self.run_letters()
        self.assertEqual(self.store.inspect("p")["kept_states"][0], 0)
        self.check(0, "rm", "p")
        self.run_letters("--history", "0")
        self.assertEqual(self.store.inspect("p")["kept_states"], [])
        for option, value in (("--history-age", "7"), ("--history-age", "0s"),
                              ("--history-age", "99999999d"),
                              ("--history-states", "x"),
                              ("--history-bytes", "-1"),
                              ("--history-fuel", "1M")):
            _, err = self.check(cli.USAGE, "run", option, value,
                                self.letters())
            self.assertTrue(re.match(r"wasmd run: %s is a " % option, err),
                            err)
        for option, value in (("--history-age", "7d"),
                              ("--history-bytes", "1M"),
                              ("--history-states", "all")):
            self.check(0, "rm", "p")
            self.run_letters(option, value)
            self.assertEqual(self.store.inspect("p")["kept_states"][0], 0)


if __name__ == "__main__":
    print("WASMD_KILL_SEED=%d" % SEED)
    junit.main()
