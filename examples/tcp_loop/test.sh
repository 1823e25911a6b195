#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two processes share a list over TCP: test.sh PROGRAM. One is killed, and restarts from its file; a
# connection that sends no frames is closed.
set -euo pipefail
program=$1
# shellcheck source-path=SCRIPTDIR source=../processes.sh
source "$(dirname "$0")/../processes.sh"

start a "$program" "$folder" $first $second
send a show
shows a 'catching up'  # the peer does not run yet
start b "$program" "$folder" $second $first
send a 'insert milk'
shows a 'done: insert milk'
answers b 'milk (1)' show

# What was acknowledged survives, and what the peer changes meanwhile arrives.
exec 3<>/dev/tcp/127.0.0.1/$second
printf '\377\377\377\377 this is a frame of 4 GB' >&3
kill -9 "${running[a]}"
send b 'insert bread'
answers b 'bread milk (2)' show
start a "$program" "$folder" $first $second
answers a 'bread milk (2)' show
send a 'erase milk'
answers b 'bread (1)' show

# Without any peer, the file is enough.
kill -9 "${running[a]}" "${running[b]}"
start a "$program" "$folder" $first $second
answers a 'bread (1)' show
