#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Starts processes that read commands from pipes and print lines. A test sources this file.
folder=$(mktemp -d)
declare -A running=()  # the process id of each name
# Ports that no other test uses which runs at the same time.
# shellcheck disable=SC2034
first=$((20000 + $$ % 4000 * 3)) second=$((first + 1)) third=$((first + 2))
stop_all() {
    kill -CONT "${running[@]}" || true
    kill "${running[@]}" || true
    wait
    rm -r "$folder"
} 2>/dev/null
trap stop_all EXIT

start() {  # NAME COMMAND...: the process reads what is sent to NAME
    local name=$1
    shift
    rm -f "$folder/$name.in"
    mkfifo "$folder/$name.in"
    "$@" <>"$folder/$name.in" >"$folder/$name.out" &
    running[$name]=$!
}
send() { echo "$2" >"$folder/$1.in"; }

within_ten_seconds() {  # NAME LINE CONDITION...
    local name=$1 line=$2
    shift 2
    for _ in $(seq 100); do
        "$@" && return
        sleep 0.1
    done
    echo "FAILED: $name does not print $line, but" >&2
    cat "$folder/$name.out" >&2
    exit 1
}
is_last() { [ "$(tail -n 1 "$folder/$1.out")" = "$2" ]; }
is_printed() { grep -qxF -- "$2" "$folder/$1.out"; }
is_answer() { send "$1" "$3" && sleep 0.05 && is_last "$1" "$2"; }

shows() { within_ten_seconds "$1" "$2" is_last "$1" "$2"; }       # NAME LINE: it becomes the last line
printed() { within_ten_seconds "$1" "$2" is_printed "$1" "$2"; }  # NAME LINE: it is or becomes some line
answers() { within_ten_seconds "$1" "$2" is_answer "$@"; }        # NAME LINE COMMAND: it becomes the answer
