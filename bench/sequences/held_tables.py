"""Writes the ops of loops that hold locals to interp/exec/held_*.cc, and what
lists those files."""

import os
import re

import held_ops
import tables

# Handlers of a file: compiling is slow, and files are compiled side by side.
MOST_HANDLERS = 700

_TAIL = ">(ops);"
_FILE = """\
%(generated)s
#include "interp/exec/held.h"
#include "interp/exec/sequences.h"

namespace wasmd::WASMD_BACKEND {

// clang-format off
void Add%(name)s(HeldOps& ops) {
%(rows)s}
// clang-format on

}  // namespace wasmd::WASMD_BACKEND
"""
_LIST = """\
%(generated)s
// The ops that can be in a loop that holds locals in registers, a file each.

#ifndef WASMD_INTERP_EXEC_HELD_TABLES_H_
#define WASMD_INTERP_EXEC_HELD_TABLES_H_

#include "interp/exec/held.h"

namespace wasmd::WASMD_BACKEND {

%(declarations)s
inline HeldOps MakeHeldOps() {
  HeldOps ops;
%(calls)s  return ops;
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_HELD_TABLES_H_
"""


def _format(row):
    shape, text, held = row
    head = "  AddHeld<" if held else "  AddUnheld<"
    line = '%s"%s", %s%s' % (head, shape, text, _TAIL)
    if len(line) <= tables.WIDTH:
        return line + "\n"
    indent = " " * len(head)
    return '%s"%s",\n%s%s%s\n' % (head, shape, indent,
                                  tables.wrapped(text, indent, _TAIL), _TAIL)


def _pieces(rows):
    """Parts that are no longer than a file may be."""
    piece = []
    handlers = 0
    lines = 0
    for row in rows:
        more = held_ops.handlers_of(row)
        length = _format(row).count("\n")
        if piece and (handlers + more > MOST_HANDLERS or
                      lines + length > tables.MOST_LINES):
            yield piece
            piece = []
            handlers = 0
            lines = 0
        piece.append(row)
        handlers += more
        lines += length
    if piece:
        yield piece


def _files(rows):
    """[(name, rows)]."""
    kinds = {}
    for row in rows:
        kinds.setdefault(tables.kind_of((row[1],), False), []).append(row)
    for kind, of_kind in sorted(kinds.items()):
        pieces = list(_pieces(of_kind))
        for number, piece in enumerate(pieces, 1):
            suffix = "_%d" % number if len(pieces) > 1 else ""
            yield "held_" + kind + suffix, piece


def write(folder, rows):
    """Replaces all tables of `folder`; returns the names of the files."""
    for name in os.listdir(folder):
        if re.match(r"held_\w+\.cc$", name):
            os.remove(os.path.join(folder, name))
    names = []
    for name, piece in _files(rows):
        names.append(name)
        tables.write_file(folder, name + ".cc", _FILE % {
            "generated": tables.GENERATED,
            "name": _function(name),
            "rows": "".join(map(_format, piece)),
        })
    functions = [_function(name) for name in names]
    tables.write_file(folder, "held_tables.h", _LIST % {
        "generated": tables.GENERATED,
        "declarations": "".join("void Add%s(HeldOps& ops);\n" % function
                                for function in functions),
        "calls": "".join("  Add%s(ops);\n" % function
                         for function in functions),
    })
    return names


def _function(name):
    return "".join(word.capitalize() for word in name.split("_"))
