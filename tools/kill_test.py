#!/usr/bin/env python3
"""Each example, killed with SIGKILL at random moments and at every kill point
(runtime/kill_points.h), and resumed each time until it is done: log, files and
exit code are those of a run that was left alone. At kill points, where no kill
falls between showing output and counting it, what was shown is the log too.

Each is run twice: as it is by default, and with --checkpoint-fuel so high that
all commits but the first are the journal alone. Besides the examples there are
guests that make random calls (testing/random_guest.py).

WASMD_KILLS sets the number of random kills of each program in each variant
(default: 12 of 16, and under WASMD_LONG 200 of 52, which makes 10,400 and some
more at kill points: an hour or two); WASMD_KILL_SEED repeats a run. At the end
it says how many kills there were.
"""

import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit, kills, random_guest  # noqa: E402

KILLS = int(os.environ.get("WASMD_KILLS", "200" if cli.is_long() else "12"))
SEED = int(os.environ.get("WASMD_KILL_SEED", str(time.time_ns() % 1000000)))
KILL_POINTS = ("created", "before_commit", "after_commit", "after_release",
               "before_effect", "after_effect", "before_park", "before_finish",
               "after_finish")
# Of each kill point, this many passes one after the other, then with gaps.
FIRST_PASSES = 1000 if cli.is_long() else 3

# What makes commits do without a state.
ONLY_JOURNAL = ("--checkpoint-fuel", str(2**64 - 1))
RANDOM_GUESTS = 20 if cli.is_long() else 2
RANDOM_OPERATIONS = 150

WORDS = "it was the best of times it was the worst of times "


class Example:
    def __init__(self, name, *arguments, options=()):
        self.name = name
        self.arguments = arguments
        self.options = list(options)

    def with_options(self, *options):
        return Example(self.name, *self.arguments, options=options)

    def prepare(self, store):
        for i in range(6):
            cli.write_file(store.files, "text%d.txt" % i,
                           WORDS * (i + 1) + "x%d " % i * i)

    def command(self, store):
        return self.options + [
            "--dir", store.files + "::/d", cli.example(self.name)] + \
            list(self.arguments)


class RandomGuest:
    """A guest that makes random calls; its module is outside its folder."""

    def __init__(self, seed, options=()):
        self.name = "random_guest_%d" % seed
        self.seed = seed
        self.options = list(options)

    def with_options(self, *options):
        return RandomGuest(self.seed, options)

    def prepare(self, store):
        cli.write_file(store.folder, "guest.wat",
                       random_guest.make(self.seed, RANDOM_OPERATIONS))

    def command(self, store):
        return self.options + ["--dir", store.files + "::/",
                               os.path.join(store.folder, "guest.wat")]


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
            kills.TALLY.kills += killed
            # Killed at the same pass of the next run too, then left alone.
            options = {"env": {"WASMD_KILL_POINT": point}}
            while (command := kills.go_on(store, example)) is not None:
                code, text, _ = store.run(*command, **options)
                kills.TALLY.kills += code == -signal.SIGKILL
                shown += text
                options = {}
            # What was committed last may still have to be shown.
            shown += store.run("resume")[1]
            outcome = kills.Outcome(store)
            self.assertEqual(outcome.seen, expected.seen, point)
            self.assertEqual(shown, outcome.log, point)
            return killed


def add_tests():
    for example in EXAMPLES + [RandomGuest(SEED * 1000 + i)
                               for i in range(RANDOM_GUESTS)]:
        for variant, chosen in (("", example),
                                ("_with_the_journal_alone",
                                 example.with_options(*ONLY_JOURNAL))):
            def at_random(self, example=chosen):
                kills.kill_at_random(self, example, KILLS, SEED)

            def at_points(self, example=chosen):
                self.kill_at_points(example)
            name = "test_" + example.name
            setattr(KillTest, name + "_at_random_moments" + variant,
                    at_random)
            setattr(KillTest, name + "_at_every_kill_point" + variant,
                    at_points)


add_tests()

if __name__ == "__main__":
    print("WASMD_KILL_SEED=%d" % SEED)
    junit.main()
