"""Traces of programs, as `trace` writes them (op_map.h, op_runs.h)."""

import collections
import math

import op_bodies

# A program counts at most as much as this many of one function.
MOST_WEIGHT = 4

# fields: its units after the handler.
Op = collections.namedtuple("Op", "body function position fields")


def fits(op):
    """Whether a sequence can have this op."""
    fields = op.body.fields
    if fields is None:
        return False
    if op.body.open_ended:
        return len(op.fields) >= len(fields)
    return len(op.fields) == len(fields)


def row_of(ops):
    return tuple(op.body.text for op in ops)


class Program:
    """The ops of one program's code, and the runs of them that were counted.

    ops: {(function, position): Op}
    runs: [(ops, count, next)]: ops that followed each other `count` times, of
        which each is the only one that can follow the one before it; then
        control went to the op `next`, or None.
    total: how many ops were counted in all.
    """

    def __init__(self, name, lines):
        self.name = name
        self.ops = {}
        self.runs = []
        self._after = {}
        bodies = {}
        counted = []
        function = None
        before = None
        for line in lines:
            word, rest = line.rstrip("\n").split(" ", 1)
            if word == "kind":
                number, name = rest.split(" ", 1)
                bodies[int(number)] = op_bodies.parse(name)
            elif word == "function":
                function = int(rest)
                before = None
            elif word == "op":
                numbers = [int(n) for n in rest.split()]
                op = Op(bodies[numbers[1]], function, numbers[0],
                        tuple(numbers[2:]))
                self.ops[function, op.position] = op
                if before is not None:
                    self._after[function, before.position] = op
                before = op
            elif word == "run":
                counted.append(rest.split())
        for run in counted:
            self._add_run(*run)
        self.total = sum(len(ops) * count for ops, count, _ in self.runs)
        self._weights = self._weigh()

    def weight(self, op):
        """What one execution of `op` counts.

        A function counts as much as the square root of its share of the
        program, so that the hottest one is not all that is seen; a program of
        many functions counts more than one of a single loop, up to a limit.
        """
        return self._weights[op.function]

    def _weigh(self):
        done = collections.Counter()
        for ops, count, _ in self.runs:
            done[ops[0].function] += len(ops) * count
        shares = {f: math.sqrt(n / self.total) for f, n in done.items()}
        scale = min(1, MOST_WEIGHT / max(1, sum(shares.values())))
        return {f: shares[f] * scale / n for f, n in done.items()}

    def after(self, op):
        """The op that control comes to where `op` does not branch, or None."""
        if op.body.name in ("Branch", "BranchBack"):
            return self.ops.get((op.function, op.position + op.fields[0]))
        if op.body.ends:
            return None
        return self._after.get((op.function, op.position))

    def following(self, op):
        """The op that is next in the code, or None."""
        return self._after.get((op.function, op.position))

    def _add_run(self, function, position, length, count, *goes_to):
        op = self.ops[int(function), int(position)]
        ops = [op]
        while len(ops) < int(length):
            # In the code even what cannot go on has a next op.
            op = self.after(op) or self.following(op)
            ops.append(op)
        to = None
        if goes_to[0] != "-":
            to = self.ops[int(goes_to[0]), int(goes_to[1])]
        self.runs.append((tuple(ops), int(count), to))


def read(path):
    with open(path, encoding="ascii") as file:
        return Program(path, file)
