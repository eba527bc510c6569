"""Which ops get handlers for loops that hold locals in registers.

Such a loop is an innermost one all ops of which are in the table
(interp/code/held_loops.h). An op counts with the time that programs spend on it
in innermost loops that are not one op already.
"""

import collections
import math

import op_bodies
import slot_patterns

# Of the weight of an op, for those that differ from it in one operand.
LIKELY = 0.1

_KINDS = (("kToA", "kToS", "kToB"), ("kS", "kI", "kA"),
          ("kAtS", "kAtA", "kAtSI", "kAtAI", "kAtSS", "kAtAS", "kAtAShl"))

# Ops that name more slots have no handlers for those that are held.
MOST_SLOTS = 4

_BRANCHES = ("AddBranchBody", "Branch", "BranchBack", "BranchCompareBody",
             "BranchIfBody")


def shape_of(body):
    """HeldOp::shape of an op; None if it cannot be in such a loop."""
    if body.fields is None or body.open_ended or body.ends:
        return None
    if body.name.startswith(("Call", "Enter")):
        return None
    shape = body.fields
    if body.name == "AddBranchBody":
        shape = "u" + shape[1:]
    if body.name in _BRANCHES:
        shape = shape[:-1] + "b"
    return shape


def slots_of(shape):
    return sum(letter in "rwu" for letter in shape)


def handlers_of(row):
    """How many there are of a row (interp/exec/held.h)."""
    shape, _, held = row
    if not held:
        return 1
    slots = slots_of(shape)
    if slots < MOST_SLOTS:
        return 4 ** slots
    return 1 + 3 * slots + 9 * slots * (slots - 1) // 2


def _counts(program):
    counts = collections.Counter()
    for ops, count, _ in program.runs:
        for op in ops:
            counts[op.function, op.position] += count
    return counts


def _innermost_loops(program):
    """Lists of ops, each from a header to its last back-edge."""
    functions = collections.defaultdict(list)
    for _, op in sorted(program.ops.items()):
        functions[op.function].append(op)
    for ops in functions.values():
        ends = {}
        for op in ops:
            if op.body.name in _BRANCHES and op.fields:
                begin = op.position + op.fields[-1]
                if begin <= op.position:
                    ends[begin] = max(ends.get(begin, 0), op.position)
        for begin, end in ends.items():
            if not any(begin < other <= end for other in ends):
                yield [op for op in ops if begin <= op.position <= end]


def weigh(programs, loops):
    """Counter of texts of bodies."""
    weights = collections.Counter()
    for program in programs:
        counts = _counts(program)
        total = sum(counts.values())
        for ops in _innermost_loops(program):
            if any(shape_of(op.body) is None for op in ops):
                continue
            if slot_patterns.loop_key(ops) in loops:
                continue
            times = [counts[op.function, op.position] for op in ops]
            inside = sum(times)
            if inside == 0:
                continue
            for op, count in zip(ops, times):
                weights[op.body.text] += (math.sqrt(inside / total) * count /
                                          inside / len(programs))
    return weights


def _variants(body):
    """Texts of ops that differ from this one in one destination or operand."""
    for i, argument in enumerate(body.arguments):
        for kinds in _KINDS:
            if argument not in kinds:
                continue
            for kind in kinds:
                arguments = list(body.arguments)
                arguments[i] = kind
                yield "%s<%s>" % (body.name, ", ".join(arguments))


def _is_possible(body):
    """Whether the translator makes such an op (operand_order.h)."""
    kinds = [a for a in body.arguments if a in ("kS", "kI", "kA")]
    if body.name in ("Binary", "BranchCompareBody", "PairBody"):
        if kinds[0] == "kI" and body.name != "Binary":
            return False
        if len(kinds) > 1 and kinds[0] == kinds[1] != "kS":
            return False
    if body.name == "PairBody" and "kA" in kinds[1:]:
        return False
    if body.name in ("LoadBinaryBody", "AddShiftedBody") and "kI" in kinds:
        return False
    if body.name in ("Unary", "BranchIfBody", "StoreAccumulator"):
        return "kI" not in kinds
    return True


def choose(programs, loops, least):
    """[(shape, text of the body, whether it has handlers)]. What differs from
    a frequent op in one operand is likely in programs nobody has seen."""
    weights = weigh(programs, loops)
    likely = collections.Counter(weights)
    for text, weight in weights.items():
        for variant in _variants(op_bodies.Body(text)):
            if variant not in weights:
                likely[variant] = max(likely[variant], weight * LIKELY)
    rows = []
    for text, weight in sorted(likely.items()):
        body = op_bodies.Body(text)
        shape = shape_of(body)
        if shape is None or (text not in weights and
                             not _is_possible(body)):
            continue
        held = weight >= least and 0 < slots_of(shape) <= MOST_SLOTS
        rows.append((shape, text, held))
    return rows
