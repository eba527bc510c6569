"""Killing wasmd and resuming: what must come out the same."""

import atexit
import os
import random
import signal
import time

from testing import cli


class Tally:
    """How often wasmd was killed, told when the program ends."""

    def __init__(self):
        self.kills = 0
        atexit.register(self.tell)

    def tell(self):
        print("killed %d times" % self.kills, flush=True)


TALLY = Tally()


def read_folder(folder):
    contents = {}
    for name in sorted(os.listdir(folder)):
        if os.path.isdir(os.path.join(folder, name)):
            contents[name] = None
            continue
        with open(os.path.join(folder, name), "rb") as file:
            contents[name] = file.read()
    return contents


def is_over(record):
    return record["status"] in ("COMPLETED", "FAILED")


class Outcome:
    """All that anybody can see of a process that is over."""

    def __init__(self, store):
        (record,) = store.ps()
        name = record["name"]
        self.log = store.log(name)
        self.seen = (record["status"], record["exit_code"], record["failure"],
                     self.log, store.run("logs", "--stderr", name)[1],
                     read_folder(store.files))


def undisturbed(example):
    """The outcome of a run that is left alone, and its seconds."""
    with cli.Store() as store:
        example.prepare(store)
        start = time.monotonic()
        store.run("run", *example.command(store))
        seconds = time.monotonic() - start
        return Outcome(store), seconds


def go_on(store, example):
    """The command that goes on after a kill, or None if it is over."""
    records = store.ps()
    if not records:
        return ["run"] + example.command(store)
    if is_over(records[0]):
        return None
    return ["resume"]


def kill_at_random(test, example, kills, seed):
    """Checks with `test` that after `kills` kills, each at a random moment, all
    that was run ended as if it had been left alone."""
    expected, seconds = undisturbed(example)
    chance = random.Random(seed)
    count = 0
    while count < kills:
        with cli.Store() as store:
            example.prepare(store)
            # At times soon, so that it takes many kills to the end.
            scale = chance.choice((0.3, 1.0))
            while (command := go_on(store, example)) is not None:
                delay = chance.uniform(0, seconds * scale)
                if count >= kills:
                    delay = cli.PATIENCE_SECONDS
                code = store.run_and_kill(delay, *command)
                if code == -signal.SIGKILL:
                    count += 1
                    TALLY.kills += 1
                else:
                    test.assertIsNone(go_on(store, example),
                                      "wasmd gave up, exit code %d, seed %d"
                                      % (code, seed))
            test.assertEqual(Outcome(store).seen, expected.seen,
                             "seed %d" % seed)
