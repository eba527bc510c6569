"""Which fields of a sequence's ops name the same slot, and whole loops.

A pattern is what SequenceIndex::Whole (interp/code/sequence_index.h) says: a
letter for each field, equal letters for equal slots, a dot for any field.
"""

import collections

from trace_file import fits, row_of

# SlotCache keeps this many; what has a later letter is only known to be another
# slot, and there are no more letters than these.
LETTERS = 26
# Ops of a loop that becomes one handler.
LONGEST_LOOP = 30

Pattern = collections.namedtuple("Pattern", "text forwarded")


def _accesses(op):
    """[(letter of op_bodies, slot)] of the fields that are known."""
    return list(zip(op.body.fields, op.fields))


def pattern_of(ops, loop):
    """The Pattern of these ops, or None if they can have none.

    forwarded: how many slots are read that an op before (in a loop: any op)
    wrote, so that the value is in a register.
    """
    if any(op.body.name == "EnterFew" for op in ops[1:]):
        return None
    lettered = _lettered(ops, loop)
    letters = {}
    written = set()
    forwarded = 0
    words = []
    all_written = _written(ops)
    for op in ops:
        word = ""
        for access, slot in _accesses(op):
            if access == "." or slot not in lettered or (
                    access == "r" and not loop and slot not in written):
                word += "."
                continue
            letters.setdefault(slot, chr(ord("a") + len(letters)))
            word += letters[slot]
            if access == "r" and (slot in written or
                                  (loop and slot in all_written)):
                forwarded += 1
        if op.body.open_ended:
            word += "*"
        written |= {slot for access, slot in _accesses(op) if access == "w"}
        words.append(word)
    if len(letters) > LETTERS:
        return None
    return Pattern(" ".join(words).replace("*", ""), forwarded)


def _written(ops):
    return {slot for op in ops for access, slot in _accesses(op)
            if access == "w"}


def _lettered(ops, loop):
    """Slots that need a letter: those written, those read from a register."""
    slots = _written(ops)
    written = set()
    for op in ops:
        accesses = _accesses(op)
        slots |= {slot for access, slot in accesses
                  if access == "r" and (loop or slot in written)}
        written |= {slot for access, slot in accesses if access == "w"}
    return slots


def loop_key(ops):
    """What is the same for loops that one handler can run, or None."""
    pattern = pattern_of(ops, loop=True)
    if pattern is None:
        return None
    return row_of(ops), pattern.text


def _is_loop(program, ops):
    """Whether a handler can run these ops as a whole loop."""
    if len(ops) > LONGEST_LOOP:
        return False
    for op, after in zip(ops, ops[1:]):
        if op.body.name in ("Branch", "BranchBack"):
            return False
        if program.following(op) is not after:
            return False
    return all(fits(op) and not op.body.ends for op in ops)


def rounds(program, ops, goes_to):
    """[(begin, end)] of the parts of a run that are rounds of a loop."""
    found = []
    path = list(ops) + [goes_to]
    for end in range(1, len(path)):
        last, target = path[end - 1], path[end]
        if (target is None or target.function != last.function
                or target.position > last.position):
            continue
        # The round that ends here, if it began in this run.
        for begin in range(end - 1, max(-1, end - 1 - LONGEST_LOOP), -1):
            if ops[begin] is target:
                if _is_loop(program, ops[begin:end]):
                    found.append((begin, end))
                break
    return found


def find_loops(programs):
    """{(row, pattern): share of all ops that are in its rounds}."""
    loops = collections.Counter()
    for program in programs:
        for ops, count, goes_to in program.runs:
            for begin, end in rounds(program, ops, goes_to):
                key = loop_key(ops[begin:end])
                if key is not None:
                    loops[key] += (count * (end - begin) *
                                   program.weight(ops[begin]))
    return loops
