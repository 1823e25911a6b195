#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# cluster.sh BUILD: starts three NATS servers of one cluster and three nodes, and shows their counters in a table.
# Without a terminal, runs until Ctrl-C. Files and logs are in BUILD/service.
set -euo pipefail
PATH=$PATH:/usr/sbin  # where Debian has servers
build=$1
data=$build/service
first_port=4222  # the usual one; 2000 higher are the ports between servers
mkdir -p "$data"
servers=() nodes=()

# The nodes first: they leave the cluster.
finish() {
    trap - INT TERM
    for process in "${nodes[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${nodes[@]}"; do wait "$process" || true; done
    for process in "${servers[@]}"; do kill "$process" 2>/dev/null || true; done
    wait || true
}
trap finish EXIT
trap 'exit 0' INT TERM

serves() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_server() {
    local port=$1 log=$data/server-$1.log
    serves "$port" && { echo "Port $port is in use: is another NATS server running?" >&2; exit 1; }
    nats-server -a 127.0.0.1 -p "$port" -l "$log" --cluster_name demo \
        --cluster "nats://127.0.0.1:$((port + 2000))" --routes "nats://127.0.0.1:$((first_port + 2000))" &
    servers+=($!)
    until serves "$port"; do
        kill -0 $! 2>/dev/null || { echo "nats-server did not start: see $log" >&2; exit 1; }
        sleep 0.1
    done
}

for i in 0 1 2; do start_server $((first_port + i)); done
for i in 0 1 2; do
    "$build/examples/counterd/counterd" --cluster demo --node "n$((i + 1))" --data "$data" \
        --url "nats://127.0.0.1:$((first_port + i))" 2>"$data/n$((i + 1)).log" &
    nodes+=($!)
done
counterctl=$build/examples/counterctl/counterctl
cat <<TEXT
Three servers and three nodes are running. In another terminal:
    $counterctl add likes 5
    $counterctl read likes
Their state is in $data; Ctrl-C stops them.
TEXT
if [ -t 0 ] && [ -t 1 ]; then
    sleep 3
    "$counterctl" top
else
    wait
fi
