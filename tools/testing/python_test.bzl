"""python_test: a test of the command line, written with Python's unittest."""

def python_test(name, data = [], **kwargs):
    """A test in the file `name`.py that may import tools/testing.

    Args:
      name: of the target and, with .py, of its file.
      data: as for sh_test; the wasmd binary and the examples are always there.
      **kwargs: as for sh_test.
    """
    native.sh_test(
        name = name,
        srcs = [name + ".py"],
        data = data + [
            ":wasmd",
            "//examples:modules",
            "//tools:testing/cli.py",
            "//tools:testing/junit.py",
            "//tools:testing/kills.py",
        ],
        **kwargs
    )
