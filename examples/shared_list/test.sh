#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Three processes share a list: one starts late, one restarts without its state, and unknown datagrams are ignored.
set -euo pipefail
program=$1
folder=$(mktemp -d)
declare -A running=()
trap 'kill -CONT "${running[@]}"; kill "${running[@]}"; wait; rm -r "$folder"' EXIT
first=$((20000 + $$ % 12000))
second=$((first + 1)) third=$((first + 2))

start() {  # NAME PORTS: the process reads commands from a pipe
    local name=$1
    shift
    mkfifo "$folder/$name.in"
    "$program" "$@" <>"$folder/$name.in" >"$folder/$name.out" &
    running[$name]=$!
}
send() { echo "$2" >"$folder/$1.in"; }
shows() {  # NAME LIST: within ten seconds, this is the last that the process has printed
    for _ in $(seq 100); do
        [ "$(tail -n 1 "$folder/$1.out" 2>/dev/null)" = "$2" ] && return
        sleep 0.1
    done
    echo "FAILED: $1 does not show $2, but" >&2
    cat "$folder/$1.out" >&2
    exit 1
}

printed() {  # NAME LINE: within ten seconds, the process prints this line
    for _ in $(seq 100); do
        grep -qxF "$2" "$folder/$1.out" && return
        sleep 0.1
    done
    echo "FAILED: $1 does not print $2, but" >&2
    cat "$folder/$1.out" >&2
    exit 1
}

start a $first $second $third
start b $second $first $third
send a 'add milk'
shows b '[ milk ]'
send b 'remove milk'
send a 'add bread'
shows a '[ bread ]'
shows b '[ bread ]'

echo 'this is no frame' >/dev/udp/127.0.0.1/$first
start c $third $first $second
shows c '[ bread ]'

# b is killed and has stored nothing, and comes back under the same port.
kill -9 "${running[b]}"
rm "$folder/b.in"
send c 'add tea'
shows a '[ bread tea ]'
start b $second $first $third
shows b '[ bread tea ]'
send b 'add jam'
shows a '[ bread jam tea ]'
shows c '[ bread jam tea ]'

# While b is stopped, a stops writing within a second, and goes on when b is back.
kill -STOP "${running[b]}"
send a 'add plums'
printed c '[ bread jam plums tea ]'
sleep 1
send a 'add rice'
shows a "waiting for $second"
sleep 0.5
shows a "waiting for $second"
kill -CONT "${running[b]}"
shows a '[ bread jam plums rice tea ]'
shows b '[ bread jam plums rice tea ]'
