#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two processes edit one text at the same time, while datagrams are lost and others are junk: test.sh PROGRAM.
set -euo pipefail
program=$1
# shellcheck source-path=SCRIPTDIR source=../processes.sh
source "$(dirname "$0")/../processes.sh"

start a "$program" $first $second $third
start b "$program" $second $first $third
send a 'insert 0 hello'
answers b 'hello' print
send b 'insert 5 \\ or \n.'
answers a 'hello\\ or \n.' print
send b undo
answers a 'hello' print
send a 'insert 6 x'
shows a 'error: insert 6 x: Text::insert: 0 code points from index 6 on, in a text of 5'
send a 'erase 05 1'
shows a "error: erase 05 1: expected a number, found '05'"

# Both are stopped, and continue with an edit of their own.
kill -STOP "${running[a]}" "${running[b]}"
send a 'insert 5 \nworld'
send b 'erase 0 1'
send b 'insert 0 J'
kill -CONT "${running[a]}" "${running[b]}"
answers a 'Jello\nworld' print
answers b 'Jello\nworld' print

# The buffer of b is full of junk, so what a sends is lost. Then b rejects the junk and a sends again.
kill -STOP "${running[b]}"
head -c 1000 /dev/urandom >"$folder/junk"
for _ in $(seq 400); do cat "$folder/junk" >/dev/udp/127.0.0.1/$second; done
send a 'erase 5 6'
sleep 0.5
kill -CONT "${running[b]}"
send b 'insert 0 > '
answers b '> Jello' print
answers a '> Jello' print
counts_junk() {
    send b status
    sleep 0.05
    [[ $(tail -n 1 "$folder/b.out") == 'connected to 1 of 2 peers, '*', rejected datagrams: '[1-9]* ]]
}
within_ten_seconds b 'rejected datagrams' counts_junk

# A process that starts late receives the text.
start c "$program" $third $first $second
answers c '> Jello' print
answers c 'connected to 2 of 2 peers, up to date' status
send c 'insert 7 !'
answers a '> Jello!' print
answers b '> Jello!' print
