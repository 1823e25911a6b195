#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# cluster.sh BUILD: a NATS server on the usual port of this machine and three nodes, until Ctrl-C. What they
# count is kept in BUILD/service.
set -euo pipefail
PATH=$PATH:/usr/sbin  # where Debian has servers
build=$1
data=$build/service
mkdir -p "$data"
trap 'trap - INT; kill $(jobs -p) 2>/dev/null; wait' EXIT
trap 'exit 0' INT TERM

nats-server -a 127.0.0.1 -p 4222 -l "$data/nats-server.log" &
server=$!
until (: </dev/tcp/127.0.0.1/4222) 2>/dev/null; do
    kill -0 $server 2>/dev/null || { echo "nats-server did not start: see $data/nats-server.log" >&2; exit 1; }
    sleep 0.1
done
for node in n1 n2 n3; do
    "$build/examples/counterd/counterd" --cluster demo --node $node --data "$data" &
done
cat <<TEXT
Three nodes are up. In another terminal:
    $build/examples/counterctl/counterctl add likes 5
    $build/examples/counterctl/counterctl top
Ctrl-C ends them; what they count stays in $data.
TEXT
wait $server
