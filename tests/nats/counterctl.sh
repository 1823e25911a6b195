#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# counterctl.sh BUILD: the output and exit code of each command of counterctl, with two nodes and a server.
set -euo pipefail
build=$(realpath "$1")
work=$(mktemp -d)
source "$(dirname "$(realpath "$0")")/../../bench/service/processes.sh"
trap 'stop_all; rm -r "$work"' EXIT
command -v nats-server >/dev/null || exit 77  # Meson: skipped

fail() { echo "FAILED: $*" >&2; exit 1; }
prints() {  # OUTPUT ARGUMENTS...: succeeds and prints this
    local output=
    output=$(ask "${@:2}") && [ "$output" = "$(printf "$1")" ] && return
    echo "FAILED: ${*:2} printed: $output" >&2
    return 1
}
fails() {  # CODE WORDS ARGUMENTS...: ends with this code and prints the words
    local reason code=0
    reason=$(ask "${@:3}" 2>&1) || code=$?
    [ $code -eq "$1" ] || fail "${*:3}: exit code $code: $reason"
    [[ $reason == *$2* ]] || fail "${*:3} printed: $reason"
}
holds() { [[ $(ask "${@:2}") == *$1* ]]; }  # PART ARGUMENTS...

start_servers 1
fails 2 'no node of this cluster' read likes
start_nodes 2

# An add at one node is read at another.
prints 5 --node n1 add likes 5
prints 3 --node n1 add likes -2
eventually 10 prints 3 --node n2 read likes
prints 0 read never-added-to
prints 4 --node n1 add likes 1 --ack 1
prints 4 --node n2 read likes
fails 11 '' --timeout 200 add likes 1 --ack 5
eventually 10 prints 5 --node n2 read likes

# The name of a counter may be that of a command.
prints 1 --node n1 add list 1
prints 1 --node n1 read list

# Bounded: no counter falls below zero, rights are transferred.
prints 10 --node n1 add stock 10 --bounded
prints 8 --node n1 add stock -2 --bounded
eventually 10 prints 8 --node n2 read stock
prints 5 --node n2 add stock -3 --bounded
ask --node n1 transfer stock n2 1 >/dev/null
fails 22 '' --node n2 add stock -6 --bounded
fails 22 '' --node n1 transfer stock n2 100
fails 10 '' reset stock

# The kind can be given.
prints 5 --node n1 read likes --kind counter
prints 0 --node n1 read likes --kind bounded
fails 22 '' --node n1 add likes 1 --kind bounded
fails 105 '--kind' --node n1 read likes --kind sum
fails 108 'xclude' --node n1 add likes 1 --kind bounded --bounded

# A session reads its own writes at any node.
for i in 1 2 3 4 5 6 7 8; do
    prints $i --node n1 add visits 1 --session-file "$work/session"
    prints $i --node n2 read visits --session-file "$work/session"
done
grep -q '"visits":' "$work/session" || fail "no token was kept"
echo nonsense >"$work/nonsense"
fails 1 'is not a session file' read visits --session-file "$work/nonsense"

prints 0 --node n1 reset visits
prints 0 --node n1 read visits
eventually 10 prints 0 --node n2 read visits

# Lists, complete and by prefix; watches; tables.
prints 'likes\t5\tcounter\nlist\t1\tcounter' --node n1 list li
eventually 10 holds 'stock	5	bounded' --node n2 list
holds '"counters":[{' --json list || fail 'list --json'
prints 'likes\t5\tcounter' watch --names likes --once
# shellcheck disable=SC2046
"$client" $(url_flags) --cluster bench watch likes >"$work/watched" &
pid[watch]=$!
eventually 10 grep -q 'likes	5' "$work/watched"
prints 12 --node n1 add likes 7
eventually 10 grep -q 'likes	12' "$work/watched"
stop watch
ask top --once >"$work/table"
grep -q '^up: n[12] n[12]$' "$work/table" || fail 'top lists no nodes'
grep -Eq '^likes +12 +0\.0$' "$work/table" || fail 'top lists no counter'

# A table on a terminal ends with q, and with an interrupt, and restores the terminal.
if command -v script >/dev/null; then
    for key in q '\003'; do
        : >"$work/screen"
        # shellcheck disable=SC2059
        { eventually 20 grep -q likes "$work/screen" && printf "$key"; } |
            timeout 40 script -qefc "trap : INT; $client $(url_flags) --cluster bench top && stty" \
                /dev/null >"$work/screen"
        grep -q 'likes' "$work/screen" || fail 'top prints nothing on a terminal'
        grep -q $'\033\\[?1049l' "$work/screen" || fail 'top does not leave its screen'
        ! grep -Eq -e '-icanon|-echo( |$)' "$work/screen" || fail 'top leaves the terminal raw'
    done
fi

# The members.
holds 'node	n1' --node n1 status || fail 'status of n1'
holds 'n2' --node n1 status || fail 'n1 does not list n2'
[ "$(ask --node n2 --json status | grep -c '"ok":true')" -eq 1 ] || fail 'status --json'
stop n2 KILL
eventually 20 holds 'down	n2' --node n1 status
ask top --once | grep -q 'down: n2' || fail 'top does not list the node that is down'

# Errors.
fails 2 '' --node n2 read likes
fails 12 '' add '' 1
fails 106 'subcommand' --json
fails 105 'expected a whole number' add likes many
fails 105 'expected a whole number' add likes 9223372036854775808
fails 105 'expected a whole number' add likes 010
stop n1
stop s1
fails 2 'onnect' read likes
