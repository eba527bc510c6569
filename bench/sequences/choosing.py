"""Which sequences of ops get a handler: rows, without regard to slots.

Time and again the pair of neighbours that follow each other most often, with
every program counted the same, becomes one, until pairs are rare. What no
dispatch would ever use is dropped then.
"""

import collections
import heapq

import slot_patterns
from trace_file import fits, row_of


class Trie:
    """Finds the longest row that begins at an op, as SequenceFuser does."""

    def __init__(self, rows):
        self._root = {}
        for row in rows:
            node = self._root
            for text in row:
                node = node.setdefault(text, {})
            node[None] = row

    def longest(self, program, op):
        """The ops of that row; of `op` alone if there is none."""
        best = [op]
        path = []
        node = self._root
        while op is not None and op.body.text in node:
            node = node[op.body.text]
            path.append(op)
            if None in node:
                best = list(path)
            op = program.after(op)
        return best


def stretches(ops):
    """The parts of a run that sequences can be made of."""
    part = []
    for op in ops:
        if not fits(op) or (part and op.body.name == "EnterFew"):
            if len(part) > 1:
                yield part
            part = [op] if fits(op) else []
            continue
        part.append(op)
        if op.body.ends:
            if len(part) > 1:
                yield part
            part = []
    if len(part) > 1:
        yield part


def without_loops(program, ops, goes_to, loops):
    """The parts of a run that are no rounds of `loops`."""
    part = []
    skip_to = 0
    rounds = {begin: end for begin, end in
              slot_patterns.rounds(program, ops, goes_to)
              if slot_patterns.loop_key(ops[begin:end]) in loops}
    for i, op in enumerate(ops):
        if i < skip_to:
            continue
        if i in rounds:
            if part:
                yield part
            part = []
            skip_to = rounds[i]
            continue
        part.append(op)
    if part:
        yield part


class _Merger:
    """Neighbours that become one."""

    def __init__(self, longest):
        self._longest = longest
        self._parts = []
        self._weights = []
        self._gains = collections.Counter()
        self._where = collections.defaultdict(set)
        self._heap = []

    def add(self, row, weight):
        self._parts.append([(text,) for text in row])
        self._weights.append(weight)
        self._count(len(self._parts) - 1, 1)

    def _count(self, index, sign):
        part = self._parts[index]
        for pair in zip(part, part[1:]):
            self._gains[pair] += sign * self._weights[index]
            if sign > 0:
                self._where[pair].add(index)
                self._push(pair)

    def _push(self, pair):
        if len(pair[0]) + len(pair[1]) <= self._longest:
            heapq.heappush(self._heap, (-self._gain(pair), pair))

    def _gain(self, pair):
        return round(self._gains[pair], 9)

    def best(self):
        """(gain, pair); of equal gains the first by text."""
        while self._heap:
            gain, pair = heapq.heappop(self._heap)
            now = self._gain(pair)
            if now == -gain:
                return now, pair
            if now > 0:  # it was more before
                heapq.heappush(self._heap, (-now, pair))
        return 0, None

    def merge(self, pair):
        for index in sorted(self._where.pop(pair)):
            self._count(index, -1)
            part = self._parts[index]
            merged = []
            i = 0
            while i < len(part):
                if tuple(part[i:i + 2]) == pair:
                    merged.append(pair[0] + pair[1])
                    i += 2
                else:
                    merged.append(part[i])
                    i += 1
            self._parts[index] = merged
            self._count(index, 1)
        self._gains.pop(pair, None)


def merge_pairs(programs, loops, least_gain, longest):
    """Rows: {row: the gain when it was made}."""
    weights = collections.Counter()
    for program in programs:
        for ops, count, goes_to in program.runs:
            for part in without_loops(program, ops, goes_to, loops):
                for stretch in stretches(part):
                    weights[row_of(stretch)] += (
                        count * program.weight(stretch[0]))
    merger = _Merger(longest)
    for row in sorted(weights):
        merger.add(row, weights[row])
    rows = {}
    while True:
        gain, pair = merger.best()
        if pair is None or gain < least_gain:
            return rows
        rows.setdefault(pair[0] + pair[1], gain)
        merger.merge(pair)


def dispatches(program, rows):
    """How a program would be run with these rows.

    Returns the share of ops that would be dispatched, and for each place where
    a row would begin: {first op: (its ops, times, ops done)}.
    """
    trie = Trie(rows)
    paths = {}
    used = {}
    dispatched = 0
    for ops, count, _ in program.runs:
        i = 0
        while i < len(ops):
            place = (ops[i].function, ops[i].position)
            path = paths.get(place)
            if path is None:
                path = paths[place] = trie.longest(program, ops[i])
            done = 1
            while (done < len(path) and i + done < len(ops)
                   and path[done] is ops[i + done]):
                done += 1
            dispatched += count
            if len(path) > 1:
                _, times, total = used.get(place, (path, 0, 0))
                used[place] = (path, times + count, total + count * done)
            i += done
    return dispatched / program.total, used


def drop_unused(programs, rows, least_use):
    """The rows that save `least_use` dispatches."""
    saved = collections.Counter()
    for program in programs:
        _, used = dispatches(program, rows)
        for path, times, done in used.values():
            saved[row_of(path)] += (done - times) * program.weight(path[0])
    return {row: gain for row, gain in rows.items()
            if saved[row] >= least_use}


def find_patterns(programs, rows):
    """{(row, pattern): reads that come from registers, per op}."""
    patterns = collections.Counter()
    for program in programs:
        _, used = dispatches(program, rows)
        for path, times, done in used.values():
            pattern = slot_patterns.pattern_of(path, loop=False)
            if pattern is None or pattern.forwarded == 0:
                continue
            share = done / (times * len(path))
            patterns[row_of(path), pattern.text] += (
                times * pattern.forwarded * share * program.weight(path[0]))
    return patterns
