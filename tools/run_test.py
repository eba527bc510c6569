#!/usr/bin/env python3
"""`wasmd run` and the commands that only look: what they print and return."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402


class CliTest(unittest.TestCase):

    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)

    def wat(self, text, name="test.wat"):
        return cli.write_file(self.store.folder, name, text)

    def check(self, expected_code, expected_out, *arguments, **options):
        code, out, err = self.store.run(*arguments, **options)
        self.assertEqual((code, out.decode()), (expected_code, expected_out),
                         err.decode())
        return err.decode()

    def check_error(self, expected_code, text, *arguments, **options):
        """Nothing on stdout, and one line with `text` on stderr."""
        err = self.check(expected_code, "", *arguments, **options)
        self.assertIn(text, err)
        self.assertEqual(err.count("\n"), 1, err)


class ExamplesTest(CliTest):

    def test_hello(self):
        err = self.check(0, "Hello from a durable process!\n", "run",
                         cli.example("hello"))
        self.assertEqual(err, "")

    def test_countdown(self):
        self.check(0, "3\n2\n1\nLift-off!\n", "run", cli.example("countdown"),
                   "3", "10")

    def test_sieve(self):
        code, out, _ = self.store.run("run", cli.example("sieve"), "100000")
        self.assertEqual(code, 0)
        self.assertEqual(out.decode().splitlines()[-1],
                         "9592 primes up to 100000, the last is 99991")

    def test_recursion(self):
        # The same program, compiled natively.
        code, out, _ = self.store.run("run", cli.example("recursion"),
                                      "1000", "8")
        self.assertEqual(code, 0)
        self.assertEqual(len(out.decode().splitlines()), 8)

    def test_wordcount(self):
        cli.write_file(self.store.files, "a.txt", "one two two")
        cli.write_file(self.store.files, "b.txt", "Three three THREE\n")
        self.check(0, "a.txt: 3 words\nb.txt: 3 words\n"
                   "6 words in all; the table is in result.txt\n",
                   "run", "--dir", self.store.files + "::/d",
                   cli.example("wordcount"), "/d")
        with open(os.path.join(self.store.files, "result.txt"),
                  encoding="utf-8") as file:
            self.assertEqual(file.read(),
                             "6 words, 3 distinct\n      3 three\n"
                             "      2 two\n      1 one\n")

    def test_a_crash_shows_the_names_of_the_functions(self):
        code, out, err = self.store.run("run", cli.example("crash"))
        self.assertEqual((code, out), (cli.TRAP, b"about to divide\n"))
        lines = err.decode().splitlines()
        self.assertEqual(lines[0],
                         "wasmd: crash-1: trap: integer divide by zero")
        self.assertRegex(lines[1], r"^    #0 divide at 0x[0-9a-f]+$")
        self.assertRegex(err.decode(), r"#\d (__)?main")

    def test_ephemeral_keeps_nothing(self):
        self.check(0, "Hello from a durable process!\n", "run", "--ephemeral",
                   cli.example("hello"))
        self.assertFalse(os.path.exists(self.store.path))
        self.check(0, "2\n1\nLift-off!\n", "run", "--ephemeral",
                   cli.example("countdown"), "2", "10")


class ExitCodeTest(CliTest):

    EXIT = """(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $exit (i32.const %d))))"""

    def test_the_program_s_code_is_wasmd_s(self):
        for code in (0, 1, 7, 255):
            err = self.check(code, "", "run", self.wat(self.EXIT % code))
            self.assertEqual(err, "")

    def test_a_code_that_does_not_fit_is_no_success(self):
        self.check(1, "", "run", self.wat(self.EXIT % 256))

    def test_a_trap(self):
        path = self.wat('(module (func (export "_start") unreachable))')
        code, _, err = self.store.run("run", path)
        self.assertEqual(code, cli.TRAP)
        self.assertIn("trap: unreachable", err.decode())

    def test_a_trap_in_the_start_function(self):
        path = self.wat("(module (func $s unreachable) (start $s)"
                        ' (func (export "_start")))')
        code, _, err = self.store.run("run", path)
        self.assertEqual(code, cli.TRAP, err)

    def test_a_trap_while_instantiating(self):
        path = self.wat('(module (memory 1) (data (i32.const 65536) "x")'
                        ' (func (export "_start")))')
        code, _, err = self.store.run("run", path)
        self.assertEqual(code, cli.TRAP)
        self.assertIn("out of bounds memory access", err.decode())

    def test_endless_recursion_is_a_trap(self):
        path = self.wat('(module (func $f (export "_start") (call $f) (nop)))')
        code, _, err = self.store.run("run", path)
        self.assertEqual(code, cli.TRAP)
        self.assertIn("call stack exhausted", err.decode())
        self.assertLess(len(err.decode().splitlines()), 60)

    def test_malformed_and_invalid_modules(self):
        self.check_error(cli.INVALID_MODULE, "test.wat", "run",
                         self.wat("(module (func"))
        self.check_error(cli.INVALID_MODULE, "type mismatch", "run", self.wat(
            '(module (func (export "_start") i32.const 1))'))
        self.check_error(cli.INVALID_MODULE, "x.wasm", "run",
                         self.wat("\0asm\2\0\0\0", "x.wasm"))
        self.check_error(cli.INVALID_MODULE, "empty", "run", self.wat(""))

    def test_modules_that_cannot_be_linked(self):
        self.check_error(cli.INVALID_MODULE, "env.f", "run", self.wat(
            '(module (import "env" "f" (func)) (func (export "_start")))'))
        self.check_error(
            cli.INVALID_MODULE, "wasi_snapshot_preview1.nothing", "run",
            self.wat('(module (import "wasi_snapshot_preview1" "nothing"'
                     ' (func)) (func (export "_start")))'))
        self.check_error(cli.INVALID_MODULE, "_start", "run",
                         self.wat("(module)"))
        # Nothing is left of any of them.
        self.assertEqual(self.store.ps(), [])


class UsageTest(CliTest):

    def test_wrong_usage_is_one_line_that_says_what_to_do(self):
        hello = cli.example("hello")
        for text, arguments in (
                ("unknown option --bogus", ["run", "--bogus", hello]),
                ("name a module", ["run"]),
                ("needs a value", ["run", "--dir"]),
                ("--dir is HOST", ["run", "--dir", "::x", hello]),
                ("--env is KEY=VALUE", ["run", "--env", "=x", hello]),
                ("it is not set here", ["run", "--env", "NOT_SET", hello]),
                ("--sync is strict", ["run", "--sync", "maybe", hello]),
                ("--max-memory is", ["run", "--max-memory", "x", hello]),
                ("give one process", ["resume", "a", "b"]),
                ("give one process", ["resume", "--all", "b"]),
                ("takes no arguments", ["ps", "x"]),
                ("takes no arguments", ["du", "x"]),
                ("takes no arguments", ["fsck", "x"]),
                ("give one process", ["inspect"]),
                ("give one process", ["logs"]),
                ("give a process", ["rm"]),
                ("give a process and a file", ["export", "x"]),
                ("give one file", ["import"]),
                ("name a module", ["validate"]),
                ("name one module", ["objdump"]),
                ("takes no arguments", ["version", "x"]),
                ("there is no command 'x'", ["help", "x"]),
                ("there is no command 'bogus'", ["bogus"])):
            with self.subTest(arguments):
                self.check_error(cli.USAGE, text, *arguments)

    def test_every_command_has_help(self):
        code, out, _ = self.store.run("help")
        self.assertEqual(code, 0)
        for name in ("run", "resume", "ps", "inspect", "logs", "rm", "export",
                     "import", "du", "fsck", "validate", "objdump", "version",
                     "help"):
            self.assertIn("\n    %s " % name, out.decode())
            code, out_of_one, _ = self.store.run("help", name)
            self.assertEqual(code, 0)
            self.assertTrue(
                out_of_one.decode().startswith("usage: wasmd " + name))

    def test_version(self):
        code, out, _ = self.store.run("version")
        self.assertEqual(code, 0)
        self.assertRegex(out.decode(), r"^wasmd \d+\.\d+\.\d+ ")

    def test_what_is_not_there(self):
        self.check_error(1, "nowhere.wasm: No such file", "run",
                         "nowhere.wasm")
        self.check_error(1, "there is no process 'x'", "inspect", "x")
        self.check_error(1, "there is no process", "resume")
        self.check_error(1, "there is no process 'x'", "resume", "x")
        self.check_error(1, "there is no process 'x'", "rm", "x")
        self.check_error(1, "gone", "run", "--dir", "/gone/nowhere",
                         cli.example("hello"))


class OptionsTest(CliTest):

    ARGUMENTS = r"""(module
      (import "wasi_snapshot_preview1" "args_sizes_get"
        (func $sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_get"
        (func $get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_sizes_get"
        (func $env_sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get"
        (func $env_get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func $show (param $bytes i32)
        (i32.store (i32.const 8) (i32.const 1024))
        (i32.store (i32.const 12) (local.get $bytes))
        (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1)
                           (i32.const 16))))
      (func (export "_start")
        (drop (call $sizes (i32.const 0) (i32.const 4)))
        (drop (call $get (i32.const 32) (i32.const 1024)))
        (call $show (i32.load (i32.const 4)))
        (drop (call $env_sizes (i32.const 0) (i32.const 4)))
        (drop (call $env_get (i32.const 32) (i32.const 1024)))
        (call $show (i32.load (i32.const 4)))))"""

    def test_arguments(self):
        path = self.wat(self.ARGUMENTS, "show.wat")
        self.check(0, "show.wat\0a\0--id\0", "run", path, "a", "--id")
        self.check(0, "show.wat\0a\0--id\0", "run", path, "--", "a", "--id")
        self.check(0, "show.wat\0--\0", "run", path, "--", "--")
        self.check(0, "show.wat\0", "run", path)

    def test_environment(self):
        path = self.wat(self.ARGUMENTS, "e.wat")
        self.check(0, "e.wat\0A=1\0B=\0C=here\0", "run", "--env", "A=1",
                   "--env=B=", "--env", "C", path, env={"C": "here"})

    def test_names(self):
        hello = cli.example("hello")
        for _ in range(2):
            self.store.run("run", hello)
        self.store.run("run", "--id", "my own", hello)
        self.assertEqual([p["name"] for p in self.store.ps()],
                         ["hello-1", "hello-2", "my own"])
        self.check_error(1, "my own", "run", "--id", "my own", hello)

    def test_invoke(self):
        path = self.wat("""(module
          (func (export "add") (param i32 i64) (result i64)
            (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))
          (func (export "two") (result f32 f64)
            (f32.const 0.5) (f64.const -inf))
          (func (export "none")))""")
        self.check(0, "39\n", "run", "--invoke", "add", path, "-3", "0x2a")
        self.check(0, "0.5\n-inf\n", "run", "--invoke", "two", path)
        self.check(0, "", "run", "--invoke", "none", path)
        self.check(0, "39\n", "logs", "test-1")
        self.check_error(cli.INVALID_MODULE, "takes 2 arguments, not 1", "run",
                         "--invoke", "add", path, "1")
        self.check_error(cli.INVALID_MODULE, "'x' is not a value of type i32",
                         "run", "--invoke", "add", path, "x", "1")
        self.check_error(cli.INVALID_MODULE, "exports no function sub", "run",
                         "--invoke", "sub", path)

    def test_linked_modules(self):
        library = self.wat("""(module (func (export "twice") (param i32)
            (result i32) (i32.shl (local.get 0) (i32.const 1))))""", "lib.wat")
        program = self.wat("""(module
            (import "lib" "twice" (func $twice (param i32) (result i32)))
            (func (export "four") (param i32) (result i32)
              (call $twice (call $twice (local.get 0)))))""")
        self.check(0, "28\n", "run", "--link", "lib=" + library, "--invoke",
                   "four", program, "7")
        self.check_error(65, "unknown import lib.twice", "run", "--invoke",
                         "four", program, "7")
        self.check_error(2, "--link is NAME=FILE, not 'lib'", "run", "--link",
                         "lib", program)
        self.check_error(1, "none.wat", "run", "--link", "lib=none.wat",
                         program)
        bad = cli.write_file(self.store.folder, "bad.wasm", "\0asm\1")
        self.check_error(65, "bad.wasm: ", "run", "--link", "lib=" + bad,
                         program)

    def test_limits(self):
        path = self.wat("""(module (memory 1)
          (func (export "_start")
            (if (i32.ne (memory.grow (i32.const 31)) (i32.const -1))
              (then unreachable))))""")
        self.check(0, "", "run", "--max-memory", "1M", path)
        self.assertEqual(self.store.run("run", path)[0], cli.TRAP)
        deep = self.wat("""(module
          (func $f (param i32)
            (if (local.get 0)
              (then (call $f (i32.sub (local.get 0) (i32.const 1))))))
          (func (export "_start") (call $f (i32.const 20000))))""", "d.wat")
        self.check(0, "", "run", deep)
        self.assertEqual(
            self.store.run("run", "--max-stack", "64K", deep)[0], cli.TRAP)

    def test_input(self):
        path = self.wat("""(module
          (import "wasi_snapshot_preview1" "fd_read"
            (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "_start")
            (loop $again
              (i32.store (i32.const 0) (i32.const 64))
              (i32.store (i32.const 4) (i32.const 100))
              (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1)
                                (i32.const 4)))
              (if (i32.load (i32.const 4)) (then
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
                                   (i32.const 16)))
                (br $again))))))""")
        self.check(0, "some input\n" * 50, "run", path,
                   input=b"some input\n" * 50)
        self.check(0, "", "run", path)


class LookingTest(CliTest):

    def test_a_finished_process(self):
        self.store.run("run", cli.example("hello"), "x y")
        (record,) = self.store.ps()
        self.assertEqual(record["status"], "COMPLETED")
        self.assertEqual(record["exit_code"], 0)
        self.assertEqual(record["arguments"], ["hello.wasm", "x y"])
        self.assertEqual(record["stdout_bytes"], 30)
        code, out, _ = self.store.run("ps")
        self.assertEqual(code, 0)
        header, line = out.decode().splitlines()
        self.assertEqual(header.split()[:3], ["NAME", "STATUS", "EXIT"])
        self.assertEqual(line.split()[:3], ["hello-1", "COMPLETED", "0"])
        code, out, _ = self.store.run("inspect", "hello-1")
        self.assertEqual(code, 0)
        self.assertIn("status          COMPLETED", out.decode())
        self.assertIn("arguments       hello.wasm 'x y'", out.decode())
        self.check_error(1, "has finished", "resume", "hello-1")

    def test_a_failed_process(self):
        self.store.run("run", cli.example("crash"))
        record = self.store.inspect("crash-1")
        self.assertEqual(record["status"], "FAILED")
        self.assertEqual(record["exit_code"], cli.TRAP)
        self.assertEqual(record["failure"], "trap: integer divide by zero")
        self.assertIn("divide", record["failure_stack"][0])

    def test_logs_of_both_streams(self):
        path = self.wat(r"""(module
          (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\10\00\00\00\02\00\00\00")
          (data (i32.const 16) "x\n")
          (func (export "_start")
            (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1)
                               (i32.const 8)))))""")
        code, out, err = self.store.run("run", path)
        self.assertEqual((code, out, err), (0, b"", b"x\n"))
        self.check(0, "", "logs", "test-1")
        self.check(0, "x\n", "logs", "--stderr", "test-1")

    def test_no_store_yet(self):
        self.assertEqual(self.store.ps(), [])
        self.assertFalse(os.path.exists(self.store.path))

    def test_by_number(self):
        self.store.run("run", cli.example("hello"))
        (record,) = self.store.ps()
        self.check(0, "Hello from a durable process!\n", "logs",
                   str(record["number"]))

    def test_rm(self):
        for _ in range(3):
            self.store.run("run", cli.example("hello"))
        self.check(0, "", "rm", "hello-1", "hello-3")
        self.assertEqual([p["name"] for p in self.store.ps()], ["hello-2"])
        self.check_error(1, "there is no process 'hello-1'", "rm", "hello-1")

    def test_du(self):
        self.assertIn(b"modules: 0, 0 bytes\n", self.store.run("du")[1])
        self.store.run("run", cli.example("hello"))
        self.store.run("run", cli.example("sieve"), "1000")
        self.store.run("run", cli.example("hello"))
        code, out, err = self.store.run("du", "--json")
        self.assertEqual(code, 0, err)
        usage = json.loads(out)
        self.assertEqual([p["name"] for p in usage["processes"]],
                         ["hello-1", "sieve-1", "hello-2"])
        for process in usage["processes"]:
            self.assertGreater(process["log_bytes"], 20)
            self.assertGreater(process["bytes"], process["log_bytes"])
        self.assertEqual(sorted(m["processes"] for m in usage["modules"]),
                         [1, 2])
        self.assertGreater(usage["wal_bytes"], 0)
        code, out, err = self.store.run("du")
        self.assertEqual(code, 0, err)
        self.assertIn(b"  sieve-1\n", out)
        self.assertIn(b"modules: 2, ", out)

    def test_fsck_of_a_sound_store(self):
        self.check_error(1, "there is no store in", "fsck")
        self.store.run("run", cli.example("hello"))
        self.store.run("run", cli.example("recursion"))
        self.store.run("run", cli.example("crash"))
        code, out, err = self.store.run("fsck")
        self.assertEqual(code, 0, (out, err))
        self.assertRegex(out, rb"^checked 3 processes, 3 modules, \d+ pages, "
                              rb"\d+ log records: 0 findings\n$")
        code, out, err = self.store.run("fsck", "--json")
        self.assertEqual(code, 0, err)
        report = json.loads(out)
        self.assertEqual(report["findings"], [])
        self.assertEqual(report["processes"], 3)

    def test_fsck_finds_damage(self):
        self.store.run("run", cli.example("hello"))
        (wal,) = [os.path.join(self.store.path, name)
                  for name in os.listdir(self.store.path)
                  if name.endswith(".log")]
        with open(wal, "r+b") as file:
            file.seek(os.path.getsize(wal) // 2)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1]))
        self.check_error(cli.DAMAGED, "has lost acknowledged commits", "fsck")

    def test_the_default_store(self):
        environment = {"XDG_STATE_HOME": self.store.folder}
        import subprocess
        done = subprocess.run([cli.WASMD, "run", cli.example("hello")],
                              env=environment, capture_output=True,
                              stdin=subprocess.DEVNULL, check=True)
        self.assertEqual(done.stdout, b"Hello from a durable process!\n")
        done = subprocess.run([cli.WASMD, "ps", "--json"], env=environment,
                              capture_output=True, check=True)
        self.assertEqual(len(json.loads(done.stdout)), 1)
        self.assertTrue(os.path.isdir(
            os.path.join(self.store.folder, "wasmd")))

    def test_validate(self):
        good = self.wat("(module)", "good.wat")
        bad = self.wat("(module (func (result i32)))", "bad.wat")
        self.check(0, "", "validate", good, cli.example("hello"))
        self.check_error(cli.INVALID_MODULE, "bad.wat: ", "validate", good,
                         bad)
        self.check_error(1, "No such file", "validate", "nowhere")

    def test_objdump(self):
        path = self.wat('(module (func (export "f") (result i32)'
                        " i32.const 42))")
        code, out, err = self.store.run("objdump", path)
        self.assertEqual(code, 0, err)
        self.assertIn("i32.const 42", out.decode())
        code, out, err = self.store.run("objdump", "--headers", path)
        self.assertEqual(code, 0, err)
        self.assertNotIn("i32.const 42", out.decode())


if __name__ == "__main__":
    junit.main()
