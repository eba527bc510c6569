#!/usr/bin/env python3
"""Each example, killed with SIGKILL at random moments and at every kill point
(runtime/kill_points.h), and resumed each time until it is done: log, files and
exit code are those of a run that was left alone. At kill points, where no kill
falls between showing output and counting it, what was shown is the log too.

WASMD_KILLS sets the number of random kills of each example (default: 12, and
200 under WASMD_LONG); WASMD_KILL_SEED repeats a run.
"""

import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit, kills  # noqa: E402

KILLS = int(os.environ.get("WASMD_KILLS", "200" if cli.is_long() else "12"))
SEED = int(os.environ.get("WASMD_KILL_SEED", str(time.time_ns() % 1000000)))
KILL_POINTS = ("created", "before_commit", "after_commit", "after_release",
               "before_effect", "after_effect", "before_park", "before_finish",
               "after_finish")
# Of each kill point, this many passes one after the other, then with gaps.
FIRST_PASSES = 1000 if cli.is_long() else 3

WORDS = "it was the best of times it was the worst of times "


class Example:
    def __init__(self, name, *arguments):
        self.name = name
        self.arguments = arguments

    def prepare(self, store):
        for i in range(6):
            cli.write_file(store.files, "text%d.txt" % i,
                           WORDS * (i + 1) + "x%d " % i * i)

    def command(self, store):
        return ["--dir", store.files + "::/d", cli.example(self.name)] + \
            list(self.arguments)


EXAMPLES = [
    Example("hello"),
    Example("countdown", "8", "20"),
    Example("sieve", "1000000"),
    Example("recursion", "3000", "16"),
    Example("wordcount", "/d"),
    Example("crash"),
]


class KillTest(unittest.TestCase):
    maxDiff = None

    def kill_at_points(self, example):
        expected, _ = kills.undisturbed(example)
        for point in KILL_POINTS:
            number = 1
            while self.kill_at_point(example, expected,
                                     "%s:%d" % (point, number)):
                number = number + 1 if number < FIRST_PASSES else number * 2

    def kill_at_point(self, example, expected, point):
        """Whether that point was passed at all."""
        with cli.Store() as store:
            example.prepare(store)
            code, shown, _ = store.run("run", *example.command(store),
                                       env={"WASMD_KILL_POINT": point})
            killed = code == -signal.SIGKILL
            # Killed at the same pass of the next run too, then left alone.
            options = {"env": {"WASMD_KILL_POINT": point}}
            while (command := kills.go_on(store, example)) is not None:
                shown += store.run(*command, **options)[1]
                options = {}
            # What was committed last may still have to be shown.
            shown += store.run("resume")[1]
            outcome = kills.Outcome(store)
            self.assertEqual(outcome.seen, expected.seen, point)
            self.assertEqual(shown, outcome.log, point)
            return killed


def add_tests():
    for example in EXAMPLES:
        def at_random(self, example=example):
            kills.kill_at_random(self, example, KILLS, SEED)

        def at_points(self, example=example):
            self.kill_at_points(example)
        setattr(KillTest, "test_%s_at_random_moments" % example.name,
                at_random)
        setattr(KillTest, "test_%s_at_every_kill_point" % example.name,
                at_points)


add_tests()

if __name__ == "__main__":
    print("WASMD_KILL_SEED=%d" % SEED)
    junit.main()
