#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Three processes share a list: one starts late, one restarts without its state, and unknown datagrams are ignored.
set -euo pipefail
program=$1
# shellcheck source-path=SCRIPTDIR source=../processes.sh
source "$(dirname "$0")/../processes.sh"

start a "$program" $first $second $third
start b "$program" $second $first $third
send a 'add milk'
shows b '[ milk ]'
send b 'remove milk'
send a 'add bread'
shows a '[ bread ]'
shows b '[ bread ]'

echo 'this is no frame' >/dev/udp/127.0.0.1/$first
start c "$program" $third $first $second
shows c '[ bread ]'

# b is killed and has stored nothing, and comes back under the same port.
kill -9 "${running[b]}"
send c 'add tea'
shows a '[ bread tea ]'
start b "$program" $second $first $third
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
