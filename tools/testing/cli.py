"""The wasmd command line, for tests: where it is, and a store of one's own."""

import json
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time

_RUNFILES = os.path.join(os.environ["TEST_SRCDIR"],
                         os.environ["TEST_WORKSPACE"])
WASMD = os.path.join(_RUNFILES, "tools", "wasmd")

# Exit codes of wasmd's own; see tools/README.md.
USAGE = 2
INVALID_MODULE = 65
DAMAGED = 74
PARKED = 130
TRAP = 134

# How long anything may take that is not meant to wait, sanitizers included.
PATIENCE_SECONDS = 120


def example(name, extension=".wasm"):
    return os.path.join(_RUNFILES, "examples", name + extension)


def is_long():
    return bool(os.environ.get("WASMD_LONG"))


class Store:
    """A store and a folder for files, both empty at first."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.path = os.path.join(self.folder, "store")
        self.files = os.path.join(self.folder, "files")
        os.mkdir(self.files)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.remove()

    def _environment(self, env):
        # A state folder of its own is the default store.
        environment = {"PATH": os.environ.get("PATH", ""),
                       "XDG_STATE_HOME": self.folder}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        environment.update(env or {})
        return environment

    def start(self, command, *arguments, env=None, file_size_limit=None,
              **options):
        """Starts wasmd COMMAND on this store."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE,
                               (file_size_limit, file_size_limit))
        words = [WASMD, command]
        if command not in ("version", "help", "validate", "objdump"):
            words += ["--store", self.path]
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen(
            words + list(arguments), env=self._environment(env),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0,  # or communicate() loses what readline() read ahead
            preexec_fn=limit if file_size_limit else None, **options)

    def run(self, command, *arguments, input=None, **options):
        """Runs it to its end: (exit code, stdout, stderr)."""
        if input is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(command, *arguments, **options)
        try:
            out, err = process.communicate(input, timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError("%s %s hangs: %r %r" %
                                 (command, arguments, out, err)) from None
        return process.returncode, out, err

    def run_and_kill(self, delay_seconds, command, *arguments):
        """Starts it and kills it after a while; its exit code, which is
        -SIGKILL unless it had ended before."""
        process = self.start(command, *arguments)
        try:
            process.wait(delay_seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode

    def ps(self):
        """The records of all processes."""
        code, out, err = self.run("ps", "--json")
        if code != 0:
            raise AssertionError("ps: %d %r" % (code, err))
        return json.loads(out)

    def inspect(self, name):
        code, out, err = self.run("inspect", "--json", name)
        if code != 0:
            raise AssertionError("inspect: %d %r" % (code, err))
        return json.loads(out)

    def log(self, name):
        code, out, err = self.run("logs", name)
        if code != 0:
            raise AssertionError("logs: %d %r" % (code, err))
        return out

    def wait_for(self, condition, process=None):
        """Until condition() is true, or `process` ended, or never."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if process is not None and process.poll() is not None:
                raise AssertionError("wasmd ended: %r" %
                                     (process.communicate(),))
            if time.monotonic() > deadline:
                raise AssertionError("waited in vain")
            time.sleep(0.01)


def write_file(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path
