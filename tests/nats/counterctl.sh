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

# Several counters with one request, all or none. Values beside names.
prints 'red\t2\tcounter\nblue\t-5\tcounter' --node n1 batch red 2 blue -5
prints 'red\t2\tcounter\nblue\t-5\tcounter' --node n1 read red blue
fails 12 'twice' --node n1 batch red 1 red 2
fails 22 '' --node n1 batch red 1 stock -100 --ack 0
prints 2 --node n1 read red
fails 105 'expected a whole number' batch red 1 blue many
fails 114 '' batch red 1 blue
fails 105 'needs one name' read red blue --session-file "$work/several"

# A request with an id counts once. One that gets no reply is sent again.
prints 7 --node n1 add once 7 --id order-1
prints 7 --node n1 add once 7 --id order-1
holds '"repeated":true' --json --node n1 add once 7 --id order-1 || fail 'an id is not repeated'
fails 22 'another request' --node n1 add once 8 --id order-1
prints 8 --node n1 add once 1 --retries 3
fails 2 'no node' --node n9 add once 1 --retries 2
eventually 10 prints 8 --node n2 read once
prints 8 --node n1 read once

prints 0 --node n1 delete once --id gone-1
prints 0 --node n1 delete red
prints 0 --node n1 delete blue
prints '' --node n1 list once
fails 10 '' delete stock

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
grep -Eq '^n1 +up +[0-9.]+ +0\.0 +0\.0 +[0-9.]+$' "$work/table" || fail 'top lists no node n1'
grep -Eq '^n2 +up ' "$work/table" || fail 'top lists no node n2'
grep -Eq '^likes +12 +0\.0$' "$work/table" || fail 'top lists no counter'

# A measurement, and the rates that a table shows meanwhile.
# shellcheck disable=SC2046
start bench "$client" $(url_flags) --cluster bench --node n1 --json bench --seconds 3 --counters 1
eventually 10 holds 'bench/0' --node n1 list bench/
ask top --once bench/ >"$work/table"
awk '/^n1 / { adds = $4 } /^bench\/0 / { rate = $3 }
    END { exit !(adds > 50 && rate > 50 && adds < 10 * rate && rate < 10 * adds) }' "$work/table" ||
    { cat "$work/table"; fail 'top shows no rates'; }
wait "${pid[bench]}" || fail 'bench failed'
unset "pid[bench]"
total=$(ask --node n1 read bench/0)
grep -q "\"done\":$total,\"errors\":{}" "$work/bench.log" || { cat "$work/bench.log"; fail "bench: not $total adds"; }
ask bench read --seconds 1 --outstanding 1 >"$work/table"
for line in '^done	[1-9][0-9]* of [1-9][0-9]* requests in [01]\.[0-9]* s$' '^rate	[1-9][0-9]* per second$' \
    '^p50	[0-9.]* ms$' '^p99	[0-9.]* ms$' '^errors	0$'; do
    grep -q "$line" "$work/table" || { cat "$work/table"; fail "bench prints no $line"; }
done
awk '/^p50/ { low = $2 } /^p99/ { high = $2 } END { exit !(low > 0 && low <= high && high < 1000) }' "$work/table" ||
    fail 'bench prints impossible latencies'
fails 11 '' --node n1 --timeout 1 bench --seconds 1 --ack 9
fails 2 'no node' --node n9 bench --seconds 1
fails 22 'kind' --node n1 bench --kind bounded --seconds 1 --counters 1
fails 105 '--outstanding' bench --outstanding 0

# Subjects with a prefix, and subjects for replies.
prints 1 --node n1 --within shop add shop/a 1
prints 1 --inbox-prefix _INBOX.me --node n1 --within shop read shop/a
prints 'shop/a\t1\tcounter' --node n1 --within shop list
fails 12 'expected the prefix shop/' --node n1 --within shop read likes
prints 'likes\t12\tcounter' --inbox-prefix _INBOX.me --node n1 watch --names likes --once
ask --node n1 --inbox-prefix _INBOX.me bench read --seconds 1 >/dev/null || fail 'bench with a prefix'

# Completion in bash: of commands, options, their values, counters and nodes.
# shellcheck source=/dev/null
source <("$client" completion bash)
completes() {  # WORDS LINE: the completions of the last word of the line, sorted
    COMP_LINE="counterctl ${*:2}" COMP_POINT=$((11 + ${#2})) COMP_WORDS=("$client") COMPREPLY=()
    set +u
    _counterctl || true
    set -u
    local got
    got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' ')
    [ "$got" = "$1" ] || fail "completion of '$2': $got"
}
here="$(url_flags)--cluster bench"
for command in $("$client" --help | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p'); do
    completes "$command" "$command"
    for option in $("$client" "$command" --help | sed -n 's/^  \(-h,\)\?\(--[a-z-]*\) .*/\2/p'); do
        completes "$option" "$command $option"
    done
done
completes 'read reset' 're'
completes '--tls-ca --tls-cert --tls-key' '--tls'
completes '--json' 'read --js'
completes '--help' '--he'
completes 'bounded counter' 'read likes --kind '
completes 'bounded' 'add --kind b'
completes '' 'read likes '
completes '' 'add --ack '
completes 'add read' 'bench '
completes 'bash' 'completion b'
completes 'likes list' "$here read li"
completes 'likes' "$here list lik"
completes 'n1 n2' "$here transfer stock "
completes 'n1 n2' "$here --node "
completes 'likes' "$here watch --names like"
completes "$work/session" "read x --session-file $work/ses"
ask --node n1 add 'two words:1' 1 >/dev/null
completes 'two\ words:1' "$here --node n1 read two"

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
ask top --once | grep -Eq '^n2 +down' || fail 'top does not list the node that is down'

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
