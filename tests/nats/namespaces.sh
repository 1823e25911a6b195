#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# namespaces.sh BUILD: three machines, each a network namespace with a NATS server of one cluster and nodes on disk;
# their links are taken down and up under load. No acknowledged add is lost or counted twice. Run it in a network of its
# own, which is discarded: unshare --net --mount ...
set -euo pipefail
build=$(realpath "$1")
work=$(mktemp -d)
source "$(dirname "$(realpath "$0")")/../../bench/service/processes.sh"
trap 'stop_all; rm -r "$work"' EXIT
command -v nats-server >/dev/null || exit 77  # Meson's word for skipped

declare -A machine_of=([n1]=a [n2]=b [n3]=c [n4]=a [n5]=b)
declare -A address=([a]=10.77.0.1 [b]=10.77.0.2 [c]=10.77.0.3)
machines=(a b c)
episodes=0
routes=$(printf 'nats://%s:6222,' "${address[@]}" | sed 's/,$//')

on() { ip netns exec "$1" "${@:2}"; }  # MACHINE COMMAND...
make_network() {
    local machine
    mount -t tmpfs tmpfs /run
    ip link add name switch type bridge
    ip link set switch up
    for machine in "${machines[@]}"; do
        ip netns add "$machine"
        ip link add "to-$machine" type veth peer name cable netns "$machine"
        ip link set "to-$machine" master switch up
        on "$machine" ip link set lo up
        on "$machine" ip address add "${address[$machine]}/24" dev cable
        on "$machine" ip link set cable up
    done
}
pull() { local machine; for machine in "$@"; do ip link set "to-$machine" down; done; }
plug() { local machine; for machine in "$@"; do ip link set "to-$machine" up; done; }

start_all() {
    local machine node
    for machine in "${machines[@]}"; do
        start "server-$machine" ip netns exec "$machine" nats-server -a "${address[$machine]}" -p 4222 \
            --cluster_name three --cluster "nats://${address[$machine]}:6222" --routes "$routes"
    done
    for machine in "${machines[@]}"; do
        eventually 20 on "$machine" bash -c ": <'/dev/tcp/${address[$machine]}/4222'"
    done
    mkdir "$work/data"
    for node in "${!machine_of[@]}"; do
        machine=${machine_of[$node]}
        start "$node" ip netns exec "$machine" "$node_program" --cluster bench --node "$node" \
            --url "nats://${address[$machine]}:4222" --data "$work/data"
    done
}
# A request to a machine is sent from a process in its namespace.
ask_node() { on "${machine_of[$1]}" "$client" --url "nats://${address[${machine_of[$1]}]}:4222" --cluster bench --node "$@"; }
sees_all() { [ "$(ask_node "$1" status | grep -c '^up')" -eq 4 ]; }
start_load() {  # SECONDS
    local node
    for node in n1 n2 n3; do
        start "load-$node" ip netns exec "${machine_of[$node]}" "$build/bench/service/load" --node "$node" \
            --url "nats://${address[${machine_of[$node]}]}:4222" --rate 300 --outstanding 1000 --names 500 \
            --seconds "$1" --log "$work/$node.$episodes.adds"
    done
}
# Checks whether a node counts all acknowledged adds.
counts() {
    on "${machine_of[$1]}" "$build/bench/service/check" --url "nats://${address[${machine_of[$1]}]}:4222" \
        --node "$1" -- "$work"/*.adds
}
all_count() { local node; for node in "${!machine_of[@]}"; do counts "$node" || return; done; }
# Runs the load for this number of seconds, while the links of some machines are down.
episode() {  # SECONDS MACHINES...
    local node began
    episodes=$((episodes + 1))
    start_load "$1"
    sleep 1
    pull "${@:2}"
    for node in n1 n2 n3; do wait "${pid[load-$node]}"; unset "pid[load-$node]"; done
    ! all_count >/dev/null 2>&1 || { echo 'FAILED: they agree without cables' >&2; exit 1; }
    plug "${@:2}"
    began=$(date +%s%N)
    eventually 30 all_count || { all_count; exit 1; }
    echo "Without ${*:2}: all count the same, $((($(date +%s%N) - began) / 1000000)) ms after all cables were back"
}

make_network
start_all
for node in "${!machine_of[@]}"; do eventually 30 sees_all "$node"; done
episode 4 c      # one machine alone
episode 4 a b c  # each alone

# The check notices an acknowledged add that does not count, and one that counts without a request.
expect_wrong() { ! counts n1 >/dev/null || { echo "FAILED: the check does not notice $1" >&2; exit 1; }; }
printf 'sent lost c0\nadded lost\n' >"$work/lost.adds"
expect_wrong 'a lost add'
rm "$work/lost.adds"
counts n1 >/dev/null
id=$(awk '/^added/ { print $2; exit }' "$work/n1.1.adds")
sed -i "/ $id\( \|\$\)/d" "$work/n1.1.adds"
expect_wrong 'an add that counts twice'
