#!/usr/bin/env bash
# Runs every example and compares what it prints.
set -u

here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# expect NAME EXPECTED COMMAND...
expect() {
  local name=$1 expected=$2 actual
  shift 2
  if ! actual=$("$@" 2>&1) || [[ $actual != "$expected" ]]; then
    printf '%s\n expected: %s\n actual:   %s\n' "$name" "$expected" "$actual"
    failures=$((failures + 1))
  fi
}

expect hello "hello from the guest" "$here/hello"
saved=$scratch/guest
expect start "the guest has 0 so far and asks for more" \
  "$here/suspend" "$saved" start
expect first "the guest has 30 so far and asks for more" \
  "$here/suspend" "$saved" 30
cp "$saved" "$saved.copy"
expect second "the guest has 34 so far and asks for more" \
  "$here/suspend" "$saved" 4
expect end "the sum is 34" "$here/suspend" "$saved" 0
expect copy "the sum is 30" "$here/suspend" "$saved.copy" 0
expect own_store "the guest asks
the guest asks
the guest asks
the guest ended with 3
5 commits; nothing is left" "$here/own_store"
expect many "10000 guests counted to 5005000 in 5 rounds" "$here/many"
expect raii "fib(20) is 6765 after 4 moves" "$here/raii"
if [[ -e $here/../../capi/libwasmd.so ]]; then
  if command -v python3 >/dev/null; then
    expect python "the guest asks
and ends with 42" python3 "$here/hello.py" "$here/../../capi/libwasmd.so"
  fi
fi
exit $((failures > 0))
