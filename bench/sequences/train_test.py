#!/usr/bin/env python3
"""From traces to tables: what the rows are, and that they are always the same.

The last tests run `trace` on a program of examples/."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools"))
sys.path.insert(0, HERE)
import choosing  # noqa: E402
import held_ops  # noqa: E402
import held_tables  # noqa: E402
import op_bodies  # noqa: E402
import slot_patterns  # noqa: E402
import tables  # noqa: E402
import trace_file  # noqa: E402
from testing import junit  # noqa: E402

TRACE = os.path.join(HERE, "trace")
SIEVE = os.path.join(ROOT, "examples", "sieve.wasm")

ENTRY = "N wasmd::plain_loop::Entry<&(wasmd::plain_loop::Op %s)>(R&)"
REGISTERS = "(wasmd::plain_loop::Registers&)"
ADD = ENTRY % (
    "wasmd::plain_loop::Binary<&(unsigned int wasmd::eval::Add<unsigned int>"
    "(unsigned int, unsigned int)), (wasmd::Destination)2, "
    "(wasmd::OperandKind)0, (wasmd::OperandKind)1>" + REGISTERS)
LOAD = ENTRY % (
    "wasmd::plain_loop::LoadBody<unsigned char, unsigned int, "
    "(wasmd::Destination)1, (wasmd::AddressKind)0>" + REGISTERS)
BRANCH_IF = ENTRY % (
    "wasmd::plain_loop::BranchIfBody<(wasmd::OperandKind)0, false, true>" +
    REGISTERS)
ADD_TEXT = "Binary<kI32Add, kToB, kS, kI>"
LOAD_TEXT = "LoadBody<uint8_t, uint32_t, kToS, kAtS>"
BRANCH_TEXT = "BranchIfBody<kS, false, true>"

# local 1 += 3; local 2 = memory[local 1]; if (local 2) again; local 4 += 1
CODE = """\
kind 0 %s
kind 1 %s
kind 2 %s
kind 3 ?
function 5
op 0 0 1 1 3
op 5 1 2 1 0
op 10 2 2 -10
op 14 0 4 4 1
op 19 3
""" % (ADD, LOAD, BRANCH_IF)


def program(runs):
    return trace_file.Program("a", (CODE + runs).splitlines())


class BodyTest(unittest.TestCase):
    def test_names_become_rows(self):
        self.assertEqual(ADD_TEXT, op_bodies.parse(ADD).text)
        self.assertEqual(LOAD_TEXT, op_bodies.parse(LOAD).text)
        self.assertEqual(BRANCH_TEXT, op_bodies.parse(BRANCH_IF).text)

    def test_fields(self):
        self.assertEqual("wr.", op_bodies.parse(ADD).fields)
        self.assertEqual("wr.", op_bodies.parse(LOAD).fields)
        self.assertEqual("r.", op_bodies.parse(BRANCH_IF).fields)
        self.assertIsNone(op_bodies.parse("?").fields)

    def test_plain_bodies_without_arguments(self):
        name = "N wasmd::plain_loop::Entry<&wasmd::plain_loop::Branch>(R&)"
        self.assertEqual("Branch", op_bodies.parse(name).text)


class ProgramTest(unittest.TestCase):
    def test_runs_are_ops(self):
        read = program("run 5 0 3 100 5 0\nrun 5 0 5 1 - -\n")
        ops, count, goes_to = read.runs[0]
        self.assertEqual([0, 5, 10], [op.position for op in ops])
        self.assertEqual(100, count)
        self.assertIs(ops[0], goes_to)
        self.assertIsNone(read.runs[1][2])
        self.assertEqual(305, read.total)


class ChoosingTest(unittest.TestCase):
    def test_frequent_neighbours_become_a_row(self):
        read = program("run 5 0 3 100 5 14\nrun 5 14 2 1 - -\n")
        rows = choosing.merge_pairs([read], {}, 0.01, 10)
        self.assertIn((ADD_TEXT, LOAD_TEXT, BRANCH_TEXT), rows)
        self.assertNotIn((ADD_TEXT, "?"), rows)

    def test_rare_ones_do_not(self):
        read = program("run 5 0 1 1000 5 0\nrun 5 0 2 1 5 0\n")
        self.assertEqual({}, choosing.merge_pairs([read], {}, 0.01, 10))

    def test_no_row_is_too_long(self):
        read = program("run 5 0 3 100 5 14\n")
        rows = choosing.merge_pairs([read], {}, 0.01, 2)
        self.assertEqual([2], [len(row) for row in rows])

    def test_dispatches_take_the_longest_row(self):
        read = program("run 5 0 3 100 5 14\n")
        rows = [(ADD_TEXT, LOAD_TEXT), (ADD_TEXT, LOAD_TEXT, BRANCH_TEXT)]
        share, used = choosing.dispatches(read, rows)
        self.assertAlmostEqual(1 / 3, share)
        self.assertEqual([3], [len(path) for path, _, _ in used.values()])

    def test_what_saves_nothing_is_dropped(self):
        read = program("run 5 0 3 100 5 14\n")
        rows = {(ADD_TEXT, LOAD_TEXT): 1,
                (ADD_TEXT, LOAD_TEXT, BRANCH_TEXT): 1}
        kept = choosing.drop_unused([read], rows, 0.001)
        self.assertEqual([(ADD_TEXT, LOAD_TEXT, BRANCH_TEXT)], list(kept))


class PatternTest(unittest.TestCase):
    def test_letters_are_slots(self):
        ops = program("run 5 0 3 1 - -\n").runs[0][0]
        # Both adds write; what they write is read from a register after.
        pattern = slot_patterns.pattern_of(ops, loop=False)
        self.assertEqual("a.. ba. b.", pattern.text)
        self.assertEqual(2, pattern.forwarded)

    def test_in_a_loop_what_the_round_before_wrote_has_one_too(self):
        ops = program("run 5 0 3 1 - -\n").runs[0][0]
        self.assertEqual("aa. ba. b.",
                         slot_patterns.pattern_of(ops, loop=True).text)

    def test_rounds_are_loops(self):
        read = program("run 5 0 3 100 5 0\nrun 5 0 4 1 - -\n")
        self.assertEqual(
            [((ADD_TEXT, LOAD_TEXT, BRANCH_TEXT), "aa. ba. b.")],
            list(slot_patterns.find_loops([read])))


class TableTest(unittest.TestCase):
    def test_files(self):
        row = (ADD_TEXT, LOAD_TEXT, BRANCH_TEXT)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "sequences_old.cc"), "w"):
                pass
            names = tables.write(folder, [row], [(row, "a.. ba. b.")],
                                 [(row, "aa. ba. b.")])
            self.assertEqual(["sequences_add", "sequences_loops_integer"],
                             names)
            self.assertNotIn("sequences_old.cc", os.listdir(folder))
            with open(os.path.join(folder, "sequences_add.cc")) as file:
                text = file.read()
        self.assertIn("AddSequences() { return kRows; }", text)
        self.assertIn("""    MakePattern<"a.. ba. b.",
                Binary<kI32Add, kToB, kS, kI>,
                LoadBody<uint8_t, uint32_t, kToS, kAtS>,
                BranchIfBody<kS, false, true>>(),
    MakeSequence<Binary<kI32Add, kToB, kS, kI>,
                 LoadBody<uint8_t, uint32_t, kToS, kAtS>,
                 BranchIfBody<kS, false, true>>(),
""", text)

    def test_lists_of_files(self):
        row = (ADD_TEXT, LOAD_TEXT)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("sequences.h", "handlers.cc"):
                shutil.copy(os.path.join(ROOT, "interp", "exec", name), folder)
                os.chmod(os.path.join(folder, name), 0o600)
            tables.write_lists(folder, tables.write(folder, [row], [], []))
            with open(os.path.join(folder, "sequences.h")) as file:
                header = file.read()
            with open(os.path.join(folder, "handlers.cc")) as file:
                handlers = file.read()
        self.assertEqual(1, header.count("std::span<const SequenceRow>"))
        self.assertIn("auto kI32Add = &eval::Add<uint32_t>;\n", header)
        self.assertNotIn("kI32Sub", header)
        self.assertIn("{AddSequences()}", handlers)

    def test_an_op_without_fields_keeps_its_place_in_a_long_pattern(self):
        pattern = " ".join(["ab.", "", "a.."] * 12)
        text = tables.format_row(("PopRecord",), pattern)
        pieces = text.split('"')[1::2]
        self.assertLess(1, len(pieces))
        self.assertEqual(pattern, "".join(pieces))


class HeldOpsTest(unittest.TestCase):
    def choose(self, least=0.01):
        read = program("run 5 0 3 100 5 0\nrun 5 14 2 1 - -\n")
        return held_ops.choose([read], set(), least)

    def test_ops_of_an_innermost_loop(self):
        rows = self.choose()
        self.assertIn(("wr.", ADD_TEXT, True), rows)
        self.assertIn(("wr.", LOAD_TEXT, True), rows)
        self.assertIn(("rb", BRANCH_TEXT, True), rows)
        self.assertNotIn("?", [text for _, text, _ in rows])

    def test_likely_ops_too(self):
        texts = [text for _, text, _ in self.choose()]
        self.assertIn("Binary<kI32Add, kToS, kS, kI>", texts)
        self.assertNotIn("BranchIfBody<kI, false, true>", texts)

    def test_rare_ops_have_no_handlers(self):
        self.assertEqual({False}, {held for _, _, held in self.choose(2)})

    def test_not_what_is_one_op_already(self):
        read = program("run 5 0 3 100 5 0\n")
        loops = set(slot_patterns.find_loops([read]))
        self.assertEqual([], held_ops.choose([read], loops, 0.01))

    def test_shapes(self):
        def shape(text):
            return held_ops.shape_of(op_bodies.Body(text))
        self.assertEqual("u.rb", shape("AddBranchBody<kI32Ne, kI, kS>"))
        self.assertEqual("b", shape("BranchBack"))
        self.assertIsNone(shape("CallBody<true>"))
        self.assertIsNone(shape("BranchTable<kA>"))

    def test_handlers(self):
        self.assertEqual(1, held_ops.handlers_of(("wr.", "", False)))
        self.assertEqual(16, held_ops.handlers_of(("wr.", "", True)))
        self.assertEqual(64, held_ops.handlers_of(("wrr", "", True)))
        self.assertEqual(67, held_ops.handlers_of(("wrwr", "", True)))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            names = held_tables.write(folder, self.choose())
            self.assertIn("held_add", names)
            with open(os.path.join(folder, "held_add.cc")) as file:
                self.assertIn('  AddHeld<"wr.", %s>(ops);\n' % ADD_TEXT,
                              file.read())
            with open(os.path.join(folder, "held_tables.h")) as file:
                text = file.read()
            for name in names:
                self.assertIn("  Add%s(ops);" % "".join(
                    word.capitalize() for word in name.split("_")), text)


class TraceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = cls.trace()

    @staticmethod
    def trace():
        return subprocess.run([TRACE, SIEVE, "200000"], check=True,
                              capture_output=True).stdout

    def test_is_always_the_same(self):
        # But for fields that are addresses, in calls.
        def without_fields(text):
            return [line for line in text.splitlines()
                    if not line.startswith(b"op ")]
        self.assertEqual(without_fields(self.text),
                         without_fields(self.trace()))

    def test_the_loop_of_the_sieve_is_found(self):
        read = trace_file.Program("sieve", self.text.decode().splitlines())
        loops = slot_patterns.find_loops([read]).most_common(1)
        (row, pattern), worth = loops[0]
        self.assertLess(0.1, worth)
        self.assertTrue(any(text.startswith("StoreBody<uint8_t")
                            for text in row), row)
        self.assertEqual(len(row), len(pattern.split(" ")))

    def test_nearly_all_ops_are_known(self):
        read = trace_file.Program("sieve", self.text.decode().splitlines())
        known = sum(count * sum(map(trace_file.fits, ops))
                    for ops, count, _ in read.runs)
        self.assertLess(0.99, known / read.total)

    def test_wrong_arguments(self):
        self.assertEqual(2, subprocess.run([TRACE], capture_output=True)
                         .returncode)
        self.assertEqual(1, subprocess.run([TRACE, "/nowhere.wasm"],
                                           capture_output=True).returncode)


if __name__ == "__main__":
    junit.main()
