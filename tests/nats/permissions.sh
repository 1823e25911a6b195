#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# permissions.sh BUILD: with examples/counterd/nats-server.conf a cluster works, and nobody speaks as
# somebody else.
set -euo pipefail
command -v nats-server >/dev/null || exit 77  # Meson's word for skipped
build=$(realpath "$1")
root=$(dirname "$(realpath "$0")")/../..
work=$(mktemp -d)
source "$root/bench/service/processes.sh"
trap 'stop_all; rm -r "$work"' EXIT
export N1_PASSWORD=one N2_PASSWORD=two CLIENT_PASSWORD=three

server=127.0.0.1:$(free_port)
start s1 nats-server -c "$root/examples/counterd/nats-server.conf" -a 127.0.0.1 -p "${server#*:}"
eventually 10 answers "${server#*:}"
node() { start "$1" "$node_program" --cluster demo --node "$2" --url "nats://$3@$server"; }  # NAME NODE USER
ctl() { "$client" --url "nats://client:three@$server" "$@"; }
reads() { [ "$(ctl --node "$1" read likes)" = "$2" ]; }  # NODE VALUE
knows() { ctl --node "$1" status | grep -q "	$2	"; }  # NODE OTHER

node n1 n1 n1:one
eventually 10 ctl add likes 2
node twin n2 n1:one
node guest n2 client:three
sleep 2
if knows n1 n2; then echo 'FAILED: others spoke as n2' >&2; exit 1; fi
grep -q 'Permissions Violation' "$work/twin.log" || { echo 'FAILED: the twin was not told' >&2; exit 1; }
stop twin
stop guest

node n2 n2 n2:two
eventually 10 knows n1 n2
eventually 10 reads n2 2
[ "$(ctl --node n2 add likes 1 --ack 1)" = 3 ]
[ "$(ctl --node n1 read likes)" = 3 ]
ctl watch likes --once | grep -q '^likes	3'
if "$client" --url "nats://client:wrong@$server" read likes 2>/dev/null; then echo 'FAILED: a wrong password' >&2; exit 1; fi
