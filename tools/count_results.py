#!/usr/bin/env python3
"""Counts test cases from Bazel's build event files.

usage: count_results.py EVENTS.json...

Prints the name of every test case that failed, and as its last line
"N passed, N failed, N skipped". Exits 1 if anything failed, or if nothing ran.
A target that failed without a failing case in its XML (a crash, a timeout, a
build error) counts as one failed case.
"""

import json
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree


class Counts:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = 0

    def add_case(self, target, case):
        name = "%s %s.%s" % (target, case.get("classname", ""),
                             case.get("name", ""))
        if case.find("failure") is not None or case.find("error") is not None:
            self.failed.append(name)
        elif (case.find("skipped") is not None
              or case.get("status") == "notrun"
              or case.get("result") in ("skipped", "suppressed")):
            self.skipped += 1
        else:
            self.passed += 1


def read_events(path):
    """The test results of one run: {(target, shard): result event}, and the
    targets that did not build."""
    results = {}
    broken = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            ident = event.get("id", {})
            if "testResult" in ident:
                key = ident["testResult"]
                # Attempts come in order; the last one counts.
                results[(key["label"], key.get("shard", 0))] = \
                    event.get("testResult", {})
            elif "targetCompleted" in ident:
                if not event.get("completed", {}).get("success", False):
                    broken.add(ident["targetCompleted"]["label"])
    tested = {label for label, _ in results}
    return results, sorted(broken - tested)


def xml_path(result):
    for output in result.get("testActionOutput", []):
        if output.get("name") == "test.xml":
            return urllib.parse.unquote(
                urllib.parse.urlparse(output["uri"]).path)
    return None


def count_result(counts, label, result):
    before = len(counts.failed)
    path = xml_path(result)
    if path is not None:
        try:
            tree = ElementTree.parse(path)
        except (OSError, ElementTree.ParseError) as error:
            counts.failed.append("%s (unreadable test.xml: %s)"
                                 % (label, error))
            return
        for case in tree.getroot().iter("testcase"):
            counts.add_case(label, case)
    status = result.get("status", "NO_STATUS")
    if status != "PASSED" and len(counts.failed) == before:
        counts.failed.append("%s (%s)" % (label, status.lower()))


def main():
    counts = Counts()
    for path in sys.argv[1:]:
        run = path.rsplit("/", 1)[-1].removesuffix(".json")
        results, broken = read_events(path)
        for (label, _), result in sorted(results.items()):
            count_result(counts, "[%s] %s" % (run, label), result)
        for label in broken:
            counts.failed.append("[%s] %s (does not build)" % (run, label))
    for name in counts.failed:
        print("FAILED: " + name)
    print("%d passed, %d failed, %d skipped" %
          (counts.passed, len(counts.failed), counts.skipped))
    if counts.failed or not counts.passed:
        sys.exit(1)


if __name__ == "__main__":
    main()
