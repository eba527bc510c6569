"""Runs the unittest cases of __main__ and, under Bazel, writes each of them to
$XML_OUTPUT_FILE, so that they are counted one by one."""

import os
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree


class _Result(unittest.TextTestResult):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = []
        self._started = 0.0

    def startTest(self, test):
        self._started = time.monotonic()
        super().startTest(test)

    def _add(self, test, kind=None, text=""):
        names = test.id().rsplit(".", 2)
        case = ElementTree.Element(
            "testcase", classname=names[-2], name=names[-1],
            time="%.3f" % (time.monotonic() - self._started))
        if kind is not None:
            ElementTree.SubElement(case, kind, message=text)
        self.cases.append(case)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._add(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._add(test, "failure", str(err[1]))

    def addError(self, test, err):
        super().addError(test, err)
        self._add(test, "error", str(err[1]))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._add(test, "skipped", reason)


def main():
    arguments = sys.argv[1:]
    only = os.environ.get("TESTBRIDGE_TEST_ONLY")  # bazel test --test_filter
    loader = unittest.defaultTestLoader
    if only:
        loader.testNamePatterns = ["*%s*" % only]
    program = unittest.TestProgram(
        argv=[sys.argv[0]] + arguments, exit=False, testLoader=loader,
        testRunner=unittest.TextTestRunner(verbosity=2, resultclass=_Result))
    path = os.environ.get("XML_OUTPUT_FILE")
    if path:
        suite = ElementTree.Element("testsuite", name=sys.argv[0])
        suite.extend(program.result.cases)
        # A failure outside of any case (setUpClass) is a case of its own.
        if not program.result.wasSuccessful() and not suite.findall(
                "testcase/failure") and not suite.findall("testcase/error"):
            case = ElementTree.SubElement(suite, "testcase", name="setup")
            ElementTree.SubElement(case, "error", message="see the log")
        ElementTree.ElementTree(suite).write(path, encoding="utf-8",
                                             xml_declaration=True)
    sys.exit(0 if program.result.wasSuccessful() else 1)
