#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks that with a standard older than C++20, each header gives one error, which names C++20.
# needs_cpp20.sh INCLUDE_DIRECTORY COMPILER...
set -uo pipefail
cd "$1" || exit 1
shift
# GCC stops at the error. Clang would read on to the end, which takes five times as long, so it only preprocesses.
compiler=("$@" -fsyntax-only)
"$@" --version | grep -q clang && compiler=("$@" -E -o /dev/null)

refused() {
    local header=$1 output errors
    output=$(printf '#include <%s>\ncrdt::GCounter<> counter;\n' "$header" |
        "${compiler[@]}" -std=c++17 -I. -x c++ - 2>&1)
    errors=$(grep 'error:' <<<"$output")
    # If a library is missing, the single error names the library.
    if [ "$(grep -c . <<<"$errors")" -ne 1 ] ||
        ! grep -qE 'crdt needs C\+\+20|(nats|sqlite3|fmt/format)\.h' <<<"$errors"; then
        echo "$header:"
        head -n 10 <<<"$output"
        return 1
    fi
}

# Half of the headers on each of two processors.
mapfile -t headers < <(find crdt -name '*.hpp' | sort)
half() {
    local status=0 i
    for ((i = $1; i < ${#headers[@]}; i += 2)); do refused "${headers[i]}" || status=1; done
    return $status
}
half 0 &
half 1
status=$?
wait $! || status=1
exit $status
