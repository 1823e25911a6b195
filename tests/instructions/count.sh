#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Counts the instructions of small operations: count.sh PROGRAM LIMITS
#
# The number of instructions does not depend on the load of the machine. Each case is run n times and 2n times. The
# difference is the cost of n operations, without the start of the program.
set -euo pipefail
program=$1 limits=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : //p'
}

status=0
while read -r name limit; do
    [ -n "$name" ] && [ "${name:0:1}" != '#' ] || continue
    once=$(instructions "$name" 500)
    twice=$(instructions "$name" 1000)
    each=$(((twice - once) / 500))
    verdict=ok
    if [ "$each" -gt "$limit" ]; then
        verdict='TOO MANY'
        status=1
    fi
    printf '%-18s %8d instructions, at most %8d: %s\n' "$name" "$each" "$limit" "$verdict"
done <"$limits"
exit $status
