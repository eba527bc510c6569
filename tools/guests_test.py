#!/usr/bin/env python3
"""Interpreters and runtimes of other languages (examples/guests), each killed
at random moments and resumed until it is done: log, files and exit code are
those of a run that was left alone. Skipped for those that are not there; get
them with examples/guests/get.

WASMD_GUESTS is their folder. WASMD_KILLS sets the number of kills of each
(default: 5, and 50 under WASMD_LONG); WASMD_KILL_SEED repeats a run.
"""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import cli, junit, kills  # noqa: E402

KILLS = int(os.environ.get("WASMD_KILLS", "50" if cli.is_long() else "5"))
SEED = int(os.environ.get("WASMD_KILL_SEED", str(time.time_ns() % 1000000)))
GUESTS = os.environ.get("WASMD_GUESTS", "")

PYTHON = """
import hashlib, json, re, time
digest = hashlib.sha256()
for i in range(5):
    rows = [{'n': n, 'square': n * n} for n in range(i, 400)]
    text = json.dumps(rows)
    digest.update(text.encode())
    print(i, len(re.findall('square', text)), digest.hexdigest()[:16])
    with open('/d/rows%d.json' % i, 'w') as file:
        file.write(text)
    time.sleep(0.05)
try:
    [][1]
except IndexError as error:
    print(error)
"""

RUBY = """
require 'json'
require 'set'
seen = Set.new
5.times do |i|
  words = (1..300).map { |n| (n * (i + 3)).to_s(36) }
  seen.merge(words)
  puts "#{i} #{seen.size} #{words.to_json.sum}"
  STDOUT.flush
  sleep 0.05
end
begin
  Integer('x')
rescue ArgumentError => error
  puts error.message
end
fiber = Fiber.new { 3.times { |i| Fiber.yield i }; :done }
p 4.times.map { fiber.resume }
"""

QUICKJS = """
const seen = new Map();
for (let i = 0; i < 5; i++) {
  const rows = Array.from({length: 300}, (_, n) => ({n, square: n * n * i}));
  const text = JSON.stringify(rows);
  seen.set(i, text.match(/square/g).length + text.length);
  print(i, [...seen.values()].reduce((a, b) => a + b));
  sleep(50);
}
async function power(n) { await null; return 3n ** BigInt(n); }
power(99).then((value) => print('power', value));
function* count() { for (let i = 0; ; i++) yield i; }
for (const n of count()) { if (n * n > 50) { print('first', n); break; } }
try { null.x; } catch (error) { print(String(error)); }
"""

SQLITE = """
create table t(a integer primary key, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
  insert into t select i, hex(i * 7919 % 1000) from n;
create index i on t(b);
select count(distinct b), sum(a) from t;
begin; delete from t where a % 3 = 0; rollback;
delete from t where a % 2 = 0;
select count(*), min(b), max(b) from t;
pragma integrity_check;
"""

LUA = """
local function fib(n) if n < 2 then return n end
  return fib(n - 1) + fib(n - 2) end
local next_fib = coroutine.wrap(function()
  for i = 10, 20 do coroutine.yield(fib(i)) end end)
for i = 1, 11 do print(i, next_fib()) end
print(pcall(function() error({code = 7}) end))
print(select(2, pcall(error, 'thrown', 0)))
local t = {}
for i = 1, 20000 do t[#t + 1] = string.format('%d', i * 7919 % 10007) end
table.sort(t)
print(t[1], t[10000], t[20000])
"""


class Guest:
    def __init__(self, name, *arguments, links=()):
        self.name = name
        self.arguments = list(arguments)
        self.links = links

    def module(self):
        return os.path.join(GUESTS, self.name + ".wasm")

    def prepare(self, store):
        pass

    def command(self, store):
        words = ["--dir", store.files + "::/d"]
        for name, path in self.links:
            words += ["--link", name + "=" + path]
        return words + [self.program(), "--"] + self.arguments

    def program(self):
        return self.module()


class Ruby(Guest):
    """A library, which a module of ours starts."""

    def __init__(self, *arguments):
        super().__init__("ruby", *arguments)
        host = cli.example("guests/ruby_host", ".wat")
        self.links = (("rb-js-abi-host", host), ("canonical_abi", host),
                      ("ruby", self.module()))

    def program(self):
        return cli.example("guests/ruby", ".wat")


class QuickJs(Guest):
    """Also a library."""

    def __init__(self, *arguments):
        super().__init__("quickjs", *arguments)
        self.links = (("env", cli.example("guests/quickjs_host", ".wat")),
                      ("quickjs", self.module()))

    def program(self):
        return cli.example("guests/quickjs", ".wat")


class GuestsTest(unittest.TestCase):
    maxDiff = None

    def check(self, guest, text):
        if not os.path.exists(guest.module()):
            self.skipTest("%s is not in WASMD_GUESTS: see examples/guests/get"
                          % guest.name)
        outcome, _ = kills.undisturbed(guest)
        self.assertEqual(outcome.seen[0], "COMPLETED", outcome.seen)
        self.assertIn(text, outcome.log.decode())
        kills.kill_at_random(self, guest, KILLS, SEED)

    def test_python(self):
        self.check(Guest("python", "-c", PYTHON), "list index out of range")

    def test_ruby(self):
        self.check(Ruby("-e", RUBY), "[0, 1, 2, :done]")

    def test_quickjs(self):
        self.check(QuickJs("-e", QUICKJS),
                   "power 171792506910670443678820376588540424234035840667")

    def test_sqlite(self):
        self.check(Guest("sqlite", "/d/test.db", SQLITE), "ok")

    def test_lua(self):
        self.check(Guest("lua", "-e", LUA), "thrown")

    def test_go(self):
        self.check(Guest("go", "50"), "total 214170719213868")

    def test_rust(self):
        self.check(Guest("rust", "3"), "round 2: 6638 words")


if __name__ == "__main__":
    print("WASMD_KILL_SEED=%d" % SEED)
    junit.main()
