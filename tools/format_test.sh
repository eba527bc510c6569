#!/usr/bin/env bash
# Everything is formatted as tools/format does it.
marker=$TEST_SRCDIR/$TEST_WORKSPACE/WORKSPACE
exec "$(dirname "$(readlink -f "$marker")")/tools/format" --check
