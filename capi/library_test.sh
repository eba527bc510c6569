#!/usr/bin/env bash
# What the libraries show to programs, and what they need.
set -u

here=$(dirname "$0")
failures=0

fail() {
  printf '%s\n' "$*"
  failures=$((failures + 1))
}

# defined LIBRARY: the names that others see, one a line.
defined() {
  local dynamic=()
  [[ $1 == *.so ]] && dynamic=(-D)
  nm "${dynamic[@]}" --defined-only --extern-only "$1" |
    awk 'NF == 3 {sub(/@.*/, "", $3); print $3}'
}

for library in libwasmd libwasmd-durable; do
  for file in "$here/$library".{so,a}; do
    foreign=$(defined "$file" | grep -vE '^(wasm|wasi|wasmd|WASMD)_')
    [[ -z $foreign ]] || fail "$file shows more than the C API: $foreign"
    for name in wasm_engine_new wasmd_thread_run wasi_config_new \
      wasmd_process_commit; do
      defined "$file" | grep -qx "$name" || fail "$file lacks $name"
    done
    opens=$(defined "$file" | grep -cx wasmd_db_open)
    expected=0
    [[ $library == libwasmd-durable ]] && expected=1
    [[ $opens == "$expected" ]] || fail "$file: wasmd_db_open: $opens"
  done
  readelf -d "$here/$library.so" | grep -q "SONAME.*\[$library.so.0\]" ||
    fail "$library.so has not the name it should"
done
if readelf -d "$here/libwasmd.so" | grep -q "NEEDED.*rocksdb"; then
  fail "libwasmd.so needs RocksDB"
fi
exit $((failures > 0))
