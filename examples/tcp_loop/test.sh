#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two processes share a list over TCP: test.sh PROGRAM. One is killed, and restarts from its file; a
# connection that sends no frames is closed.
set -euo pipefail
program=$1
folder=$(mktemp -d)
declare -A running=()
trap 'kill "${running[@]}" 2>/dev/null || true; wait; rm -r "$folder"' EXIT
first=$((20000 + $$ % 12000))
second=$((first + 1))

start() {  # NAME PORTS: the process reads commands from a pipe
    local name=$1
    shift
    rm -f "$folder/$name.in"
    mkfifo "$folder/$name.in"
    "$program" "$folder" "$@" <>"$folder/$name.in" >"$folder/$name.out" &
    running[$name]=$!
}
send() { echo "$2" >"$folder/$1.in"; }
expect() {  # NAME LINE: within ten seconds, it is the last line; a list is requested repeatedly
    for _ in $(seq 100); do
        [[ $2 != *'('* ]] || send "$1" show
        sleep 0.1
        [ "$(tail -n 1 "$folder/$1.out" 2>/dev/null)" = "$2" ] && return
    done
    echo "FAILED: $1 does not print $2, but" >&2
    cat "$folder/$1.out" >&2
    exit 1
}

start a $first $second
send a show
expect a 'catching up'  # the peer does not run yet
start b $second $first
send a 'insert milk'
expect a 'done: insert milk'
expect b 'milk (1)'

# What was acknowledged survives, and what the peer changes meanwhile arrives.
exec 3<>/dev/tcp/127.0.0.1/$second
printf '\377\377\377\377 this is a frame of 4 GB' >&3
kill -9 "${running[a]}"
send b 'insert bread'
expect b 'bread milk (2)'
start a $first $second
expect a 'bread milk (2)'
send a 'erase milk'
expect b 'bread (1)'

# Without any peer, the file is enough.
kill -9 "${running[a]}" "${running[b]}"
start a $first $second
expect a 'bread (1)'
