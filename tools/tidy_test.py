#!/usr/bin/env python3
"""House style as a test: what neither compiler nor clang-format checks.

Looks at the files that git tracks or would track. Run by Bazel (its results go
to $XML_OUTPUT_FILE) or by hand from anywhere.
"""

import os
import re
import subprocess
import sys
import unittest

MAX_FILE_LINES = 1000
MAX_LINE_COLUMNS = 80
MAX_README_LINES = 40

CODE = (".cc", ".h", ".def", ".proto", ".c", ".py", ".bzl")
TEXT = CODE + (".md", ".bazel", ".sh", ".txt", ".wat", ".rs", "")

# Names that must not be in the product: unfinished work, machines, hosts of
# package registries. Built so that this file does not match itself.
UNFINISHED = re.compile(r"\b(" + "|".join(
    ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]) + r")\b")
MACHINE_PATH = re.compile(
    r"(?<![\w.$}/-])/(" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me",
                                  "far" + "m"]) + r")/[A-Za-z0-9_.-]+")
REGISTRY = re.compile(r"https?://[a-z0-9.-]*(" + "|".join(
    ["np" + "mjs", "deb" + r"ian\.org", "py" + "pi", "cra" + "tes",
     "go" + "lang"]) + ")")
# Folders and files that say nothing about what is in them.
DUMPING_GROUND = re.compile(
    r"(^|[/_])(util|utils|common|misc|helpers?)([/_.]|$)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def find_root():
    source_dir = os.environ.get("TEST_SRCDIR")
    if source_dir:  # the runfile is a link into the tree
        marker = os.path.join(source_dir, os.environ["TEST_WORKSPACE"],
                              "WORKSPACE")
        return os.path.dirname(os.path.realpath(marker))
    return os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


ROOT = find_root()


def list_files():
    """Paths of the tree's files, from its top."""
    try:
        out = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "-z",
             "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout
        names = out.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, folders, files in os.walk(ROOT):
            folders[:] = [f for f in folders
                          if not f.startswith(("bazel-", ".git", ".cache"))]
            names += [os.path.relpath(os.path.join(folder, f), ROOT)
                      for f in files]
    return sorted(n for n in names
                  if n and os.path.isfile(os.path.join(ROOT, n)))


FILES = list_files()


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def has_extension(name, extensions):
    return os.path.splitext(name)[1] in extensions


def is_code(name):
    return has_extension(name, CODE) and "/testdata/" not in name


def is_text(name):
    return has_extension(name, TEXT) and "/testdata/" not in name


def matches(files, pattern):
    """"file:line: text" for each line of `files` that `pattern` is in."""
    found = []
    for name in files:
        for number, line in enumerate(read(name).splitlines(), 1):
            if pattern.search(line):
                found.append("%s:%d: %s" % (name, number, line.strip()))
    return found


class TidyTest(unittest.TestCase):
    maxDiff = None

    def expect_none(self, found, rule):
        if found:
            self.fail("%s\n  %s" % (rule, "\n  ".join(found)))

    def test_there_are_files(self):
        self.assertIn("base/BUILD.bazel", FILES)

    def test_lines_are_short(self):
        # .def tables and a line that is one long word (a link) are exempt.
        found = []
        for name in filter(is_code, FILES):
            if name.endswith(".def"):
                continue
            for number, line in enumerate(read(name).splitlines(), 1):
                if (len(line) > MAX_LINE_COLUMNS
                        and len(line.split()) > 2
                        and "://" not in line):
                    found.append("%s:%d: %d columns" %
                                 (name, number, len(line)))
        self.expect_none(found, "lines over %d columns:" % MAX_LINE_COLUMNS)

    def test_files_are_not_huge(self):
        found = []
        for name in filter(is_code, FILES):
            lines = read(name).count("\n")
            if lines > MAX_FILE_LINES and not name.endswith(".def"):
                found.append("%s: %d lines" % (name, lines))
        self.expect_none(found, "files over %d lines:" % MAX_FILE_LINES)

    def test_no_marks_of_unfinished_work(self):
        self.expect_none(matches(filter(is_text, FILES), UNFINISHED),
                         "finish these, or file an issue:")

    def test_no_paths_of_one_machine(self):
        self.expect_none(matches(filter(is_text, FILES), MACHINE_PATH),
                         "absolute paths of somebody's machine:")

    def test_no_registry_hosts(self):
        self.expect_none(matches(filter(is_text, FILES), REGISTRY),
                         "hosts of package registries:")

    def test_names_say_what_is_inside(self):
        self.expect_none([n for n in FILES if DUMPING_GROUND.search(n)],
                         "names that say nothing:")

    def test_every_source_is_in_a_target(self):
        found = []
        for name in FILES:
            if (not has_extension(name, (".cc", ".h", ".def", ".proto"))
                    or "/testdata/" in name):
                continue
            if not self.in_a_target(name):
                found.append(name)
        self.expect_none(found, "files that no BUILD.bazel names:")

    def in_a_target(self, name):
        package = os.path.dirname(name)
        while package and package + "/BUILD.bazel" not in FILES:
            package = os.path.dirname(package)
        build_file = (package + "/" if package else "") + "BUILD.bazel"
        build = read(build_file)
        # Lists of files that a BUILD.bazel loads.
        build += "".join(read(f) for f in FILES if f.endswith(".bzl")
                         and os.path.dirname(f) == package)
        local = os.path.relpath(name, package or ".")
        if '"%s"' % local in build or "glob(" in build:
            return True
        # [cc_test(srcs = [name + "_test.cc"]) for name in ["a", "b"]]
        for suffix in re.findall(r'name \+ "([^"]+)"', build):
            if (local.endswith(suffix)
                    and '"%s"' % local[:-len(suffix)] in build):
                return True
        return False

    def test_every_folder_has_a_readme(self):
        folders = {n.split("/")[0] for n in FILES
                   if "/" in n and not n.startswith(".")}
        found = [f for f in sorted(folders) if f + "/README.md" not in FILES]
        self.expect_none(found, "folders without README.md:")

    def test_readmes_are_short(self):
        found = []
        for name in FILES:
            if name.endswith("/README.md"):
                lines = read(name).count("\n")
                if lines > MAX_README_LINES:
                    found.append("%s: %d lines" % (name, lines))
        self.expect_none(found, "README over %d lines:" % MAX_README_LINES)

    def test_links_of_documents_exist(self):
        found = []
        for name in FILES:
            if not name.endswith(".md"):
                continue
            for link in LINK.findall(read(name)):
                target = link.split("#")[0]
                if not target or "://" in target or target.startswith("mailto"):
                    continue
                path = os.path.join(ROOT, os.path.dirname(name), target)
                if not os.path.exists(path):
                    found.append("%s: %s" % (name, link))
        self.expect_none(found, "links to nowhere:")

    def test_headers_are_guarded_by_their_path(self):
        found = []
        for name in FILES:
            if not name.endswith(".h") or "/testdata/" in name:
                continue
            guard = "WASMD_" + re.sub(r"[/.-]", "_", name).upper() + "_"
            if "#ifndef %s\n#define %s\n" % (guard, guard) not in read(name):
                found.append("%s: %s" % (name, guard))
        self.expect_none(found, "headers without their guard:")


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
    from testing import junit
    junit.main()
