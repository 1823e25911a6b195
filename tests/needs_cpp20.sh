#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks that with a standard older than C++20, each header gives one error, which names C++20.
# needs_cpp20.sh INCLUDE_DIRECTORY COMPILER...
set -uo pipefail
include=$1
shift
status=0

cd "$include" || exit 1
for header in $(find crdt -name '*.hpp' | sort); do
    output=$(printf '#include <%s>\ncrdt::GCounter<> counter;\n' "$header" |
        "$@" -std=c++17 -fsyntax-only -I. -x c++ - 2>&1)
    errors=$(grep 'error:' <<<"$output")
    # If a library is missing, the single error names the library.
    if [ "$(grep -c . <<<"$errors")" -ne 1 ] ||
        ! grep -qE 'crdt needs C\+\+20|(nats|sqlite3|fmt/format)\.h' <<<"$errors"; then
        echo "$header:"
        printf '%s\n' "$output" | head -n 10
        status=1
    fi
done
exit $status
