#!/usr/bin/env python3
"""--tcplisten: a program that serves a TCP port, is stopped in every way and
goes on serving it."""

import os
import signal
import socket
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit  # noqa: E402


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class SocketsTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.store = cli.Store()
        self.addCleanup(self.store.remove)
        self.port = free_port()

    def start(self, last, env=None):
        return self.store.start(
            "run", "--id", "server", "--tcplisten",
            "127.0.0.1:%d" % self.port, cli.example("visitors"), str(last),
            env=env)

    def connect(self, process):
        """A connection, as soon as somebody listens."""
        found = []

        def is_there():
            try:
                found.append(socket.create_connection(
                    ("127.0.0.1", self.port), timeout=cli.PATIENCE_SECONDS))
            except ConnectionRefusedError:
                return False
            return True

        self.store.wait_for(is_there, process)
        self.addCleanup(found[0].close)
        return found[0]

    def visit(self, process, name):
        visitor = self.connect(process)
        visitor.sendall(name.encode() + b"\n")
        answer = b""
        while True:
            part = visitor.recv(1000)
            if not part:
                return answer.decode()
            answer += part

    def finish(self, process, code=0):
        out, err = process.communicate(timeout=cli.PATIENCE_SECONDS)
        self.assertEqual(process.returncode, code, err)
        return out.decode(), err.decode()

    def test_a_server_serves(self):
        server = self.start(2)
        self.assertEqual(self.visit(server, "Ada"),
                         "Hello Ada, you are visitor 1.\n")
        self.assertEqual(self.visit(server, "Alan"),
                         "Hello Alan, you are visitor 2.\n")
        self.assertEqual(self.finish(server)[0],
                         "visitor 1 is Ada\nvisitor 2 is Alan\n")

    def test_killed_and_resumed_it_counts_on(self):
        server = self.start(3)
        for number, name in enumerate(("Ada", "Alan", "Grace")):
            self.assertEqual(self.visit(server, name),
                             "Hello %s, you are visitor %d.\n"
                             % (name, number + 1))
            if number == 2:
                break
            server.kill()
            server.communicate()
            server = self.store.start("resume")
        self.finish(server)
        self.assertEqual(self.store.log("server").decode(),
                         "visitor 1 is Ada\nvisitor 2 is Alan\n"
                         "visitor 3 is Grace\n")

    def visit_what_may_die(self, process, name):
        """What came of the answer before wasmd was killed, if it was."""
        answer = b""
        try:
            visitor = self.connect(process)
            visitor.sendall(name.encode() + b"\n")
            while True:
                part = visitor.recv(1000)
                if not part:
                    break
                answer += part
        except (ConnectionError, AssertionError):
            pass  # wait_for: wasmd ended
        return answer.decode()

    def test_killed_around_its_answer(self):
        """At every pass of the points around the effects of the first visit:
        the answer is sent once or not at all, and the count goes on."""
        killed = {}
        for point in ("before_effect", "after_effect", "before_commit",
                      "after_commit"):
            killed[point] = 0
            for number in range(1, 30):
                with self.subTest(point=point, number=number):
                    self.store.remove()
                    self.store = cli.Store()
                    self.addCleanup(self.store.remove)
                    server = self.start(2, {
                        "WASMD_KILL_POINT": "%s:%d" % (point, number)})
                    first = self.visit_what_may_die(server, "Ada")
                    second = self.visit_what_may_die(server, "Alan")
                    out, _ = server.communicate(timeout=cli.PATIENCE_SECONDS)
                    lives = server.returncode == 0
                    if not lives:
                        self.assertEqual(server.returncode, -signal.SIGKILL)
                        killed[point] += 1
                        server = self.store.start("resume")
                        self.go_on(server)
                    self.check_log(first, second)
                if lives:
                    break
        self.assertGreaterEqual(killed["before_effect"], 4, killed)
        self.assertGreaterEqual(killed["after_effect"], 4, killed)
        self.assertGreaterEqual(killed["before_commit"], 4, killed)

    def go_on(self, server):
        """Visits until the server has ended."""
        while server.poll() is None:
            self.visit_what_may_die(server, "Grace")
        self.finish(server)

    def check_log(self, first, second):
        lines = self.store.log("server").decode().splitlines()
        said = [line for line in lines if line.startswith("visitor ")]
        for number, line in enumerate(said):
            self.assertRegex(line, "^visitor %d (is [AG]|went)" % (number + 1))
        self.assertEqual(len(said), 2, lines)
        for name, heard in (("Ada", first), ("Alan", second)):
            is_named = [number + 1 for number, line in enumerate(said)
                        if line.endswith(" is %s" % name)]
            self.assertLessEqual(len(is_named), 1, lines)
            if heard:
                self.assertEqual(len(is_named), 1, (heard, lines))
                self.assertEqual(heard, "Hello %s, you are visitor %d.\n"
                                 % (name, is_named[0]))

    def test_parked_with_a_connection_open(self):
        server = self.start(2)
        visitor = self.connect(server)
        # It waits for the name.
        self.store.wait_for(lambda: self.store.inspect("server").get(
            "pending_import", "").endswith("sock_recv"), server)
        server.send_signal(signal.SIGINT)
        _, err = self.finish(server, cli.PARKED)
        self.assertIn("is parked", err)
        self.assertEqual(visitor.recv(10), b"", "the connection has ended")
        server = self.store.start("resume")
        self.assertEqual(self.visit(server, "Alan"),
                         "Hello Alan, you are visitor 2.\n")
        out, err = self.finish(server)
        self.assertEqual(out, "visitor 1 went before saying a name\n"
                         "visitor 2 is Alan\n")
        self.assertIn("connections that ended when the process stopped: 1",
                      err)

    def test_two_servers_in_one_wasmd(self):
        ports = (free_port(), free_port())
        for i, port in enumerate(ports):
            name = "server%d" % i
            server = self.store.start(
                "run", "--id", name, "--tcplisten", "127.0.0.1:%d" % port,
                cli.example("visitors"), "1")
            self.store.wait_for(
                lambda name=name: name in [p["name"] for p in self.store.ps()]
                and self.store.inspect(name)["status"] == "WAITING", server)
            server.send_signal(signal.SIGINT)
            self.finish(server, cli.PARKED)
        both = self.store.start("resume", "--all")
        for port in reversed(ports):
            self.port = port
            self.assertEqual(self.visit(both, "Ada"),
                             "Hello Ada, you are visitor 1.\n")
        self.finish(both)
        self.assertEqual({p["status"] for p in self.store.ps()}, {"COMPLETED"})

    def test_an_address_that_cannot_be_had(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", self.port))
            other.listen()
            code, _, err = self.store.run(
                "run", "--tcplisten", "127.0.0.1:%d" % self.port,
                cli.example("visitors"))
        self.assertEqual(code, 1)
        self.assertIn("cannot listen at 127.0.0.1:%d: Address already in use"
                      % self.port, err.decode())
        code, _, err = self.store.run("run", "--tcplisten", "nowhere",
                                      cli.example("visitors"))
        self.assertEqual(code, cli.USAGE)
        self.assertIn("127.0.0.1:8080", err.decode())

    def test_without_a_listener_there_are_no_sockets(self):
        code, _, err = self.store.run("run", cli.example("visitors"), "1")
        self.assertEqual(code, 1)
        self.assertIn("accept: Bad file descriptor", err.decode())


if __name__ == "__main__":
    junit.main()
