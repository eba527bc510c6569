#!/usr/bin/env bash
# A program in C that is built as strangers build theirs: with the installed
# headers and one of the libraries, shared or static, and in the static case
# with what the .libs files (for pkg-config) say that it takes.
set -u

here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

compiler=$(command -v cc || command -v gcc || command -v clang) || {
  echo "SKIPPED: no C compiler"
  exit 0
}

cat >"$scratch/program.c" <<'END'
#include <stdio.h>
#include <wasi.h>
#include <wasm.h>
#include <wasmd.h>
#include <wasmd_process.h>

static wasm_trap_t* Double(const wasm_val_vec_t* args,
                           wasm_val_vec_t* results) {
  results->data[0].kind = WASM_I32;
  results->data[0].of.i32 = 2 * args->data[0].of.i32;
  return NULL;
}

int main(int argc, char** argv) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  wasm_functype_t* type =
      wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t* function = wasm_func_new(store, type, Double);
  wasm_val_t argument[1] = {WASM_I32_VAL(21)};
  wasm_val_t result[1] = {WASM_INIT_VAL};
  wasm_val_vec_t arguments = WASM_ARRAY_VEC(argument);
  wasm_val_vec_t results = WASM_ARRAY_VEC(result);
  wasm_trap_t* trap = wasm_func_call(function, &arguments, &results);
  printf("%s %d\n", trap == NULL ? "returned" : "trapped", result[0].of.i32);
#ifdef DURABLE
  wasmd_db_t* db = NULL;
  wasmd_error_t* error = wasmd_db_open(argv[argc - 1], &db);
  printf("%s\n", error == NULL ? "opened" : wasmd_error_message(error));
  wasmd_db_delete(db);
#endif
  (void)argc;
  (void)argv;
  wasm_functype_delete(type);
  wasm_func_delete(function);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
END

# check NAME EXPECTED FLAG...: builds the program and runs it.
check() {
  local name=$1 expected=$2 actual
  shift 2
  if ! "$compiler" -std=c99 -Wall -Wextra -Werror -I "$here/include" \
    "$scratch/program.c" -o "$scratch/$name" "$@" >"$scratch/log" 2>&1; then
    echo "$name cannot be built:"
    head -n 20 "$scratch/log"
    failures=$((failures + 1))
  elif ! actual=$("$scratch/$name" "$scratch/$name.db" 2>&1) ||
    [[ $actual != "$expected" ]]; then
    printf '%s\n expected: %s\n actual:   %s\n' "$name" "$expected" "$actual"
    failures=$((failures + 1))
  fi
}

for library in libwasmd libwasmd-durable; do
  ln -s "$(readlink -f "$here/$library.so")" "$scratch/$library.so.0"
  expected="returned 42"
  durable=()
  if [[ $library == libwasmd-durable ]]; then
    expected+=$'\nopened'
    durable=(-DDURABLE)
  fi
  mapfile -t needs < <(tr ' ' '\n' <"$here/$library.libs")
  check "$library-shared" "$expected" "${durable[@]}" \
    "$scratch/$library.so.0" "-Wl,-rpath,$scratch"
  check "$library-archive" "$expected" "${durable[@]}" \
    "$here/$library.a" "${needs[@]}"
  check "$library-static" "$expected" "${durable[@]}" -static \
    "$here/$library.a" "${needs[@]}"
done
exit $((failures > 0))
