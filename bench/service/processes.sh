# SPDX-License-Identifier: MIT
# Starts the servers and nodes of one measurement, on free loopback ports. They end with the shell that sources this
# file. Expects $build, the folder of the programs, and $work, a folder. The URLs of the nodes' ports for clients are in
# $node_urls.
PATH=$PATH:/usr/sbin  # where Debian has servers
node_program=$build/examples/counterd/counterd
client=$build/examples/counterctl/counterctl
node_flags=()
declare -A pid=() port=() monitor=() route=() relay=()

free_port() {
    local candidate
    while candidate=$((20000 + RANDOM % 10000)); (: <"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; do :; done
    echo $candidate
}

start() {  # NAME PROGRAM ARGUMENTS...
    local name=$1
    shift
    type -P "$1" >/dev/null || { echo "not built or installed: $1" >&2 && return 1; }
    "$@" >>"$work/$name.log" 2>&1 &
    pid[$name]=$!
}
stop() {  # NAME [SIGNAL]
    kill -"${2:-TERM}" "${pid[$1]}" 2>/dev/null || true
    wait "${pid[$1]}" 2>/dev/null || true
    unset "pid[$1]"
}
stop_all() {
    local name
    for name in "${!pid[@]}"; do
        kill -CONT "${pid[$name]}" 2>/dev/null || true
        stop "$name"
    done
    urls=()
}
trap stop_all EXIT

eventually() {  # SECONDS COMMAND...: until it succeeds
    local end=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        if [ "$(date +%s)" -ge $end ]; then
            echo "Not within its time: $*" >&2
            return 1
        fi
        sleep 0.02
    done
}

answers() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Starts servers s1 to sN with routes between them. Their URLs are in $urls. If $relayed is set, each server is reached
# by the others through a relay, rs1 to rsN, which can be killed or stopped to cut the route.
start_server() {  # NAME
    local name=$1 routes=() way=route
    [ -z "${relayed:-}" ] || way=relay
    local -n entrance=$way
    [ ${#route[@]} -eq 1 ] || routes=(--cluster_name bench --cluster "nats://127.0.0.1:${route[$name]}"
        --cluster_advertise "127.0.0.1:${entrance[$name]}"
        --routes "$(printf 'nats://127.0.0.1:%s,' "${entrance[@]}" | sed 's/,$//')")
    start "$name" nats-server -n "$name" -a 127.0.0.1 -p "${port[$name]}" -m "${monitor[$name]}" \
        -js -sd "$work/$name.js" "${routes[@]}"
    eventually 10 answers "${port[$name]}"
}
start_relay() { start "r$1" "$build/bench/service/relay" "${relay[$1]}" "${route[$1]}"; }  # SERVER
start_servers() {  # COUNT
    local i
    route=() relay=() urls=()
    for ((i = 1; i <= $1; ++i)); do
        port[s$i]=$(free_port) monitor[s$i]=$(free_port) route[s$i]=$(free_port)
        [ -z "${relayed:-}" ] || relay[s$i]=$(free_port)
        urls+=("nats://127.0.0.1:${port[s$i]}")
    done
    for i in "${!relay[@]}"; do start_relay "$i"; done
    for ((i = 1; i <= $1; ++i)); do start_server s$i; done
}
url_flags() { printf -- '--url %s ' "${urls[@]}"; }
node_url_flags() { printf -- '--url %s ' "${node_urls[@]}"; }

# Starts a node with $node_flags and a port for clients. If $durable is set, its state is in $work/data.
start_node() {  # NAME
    local data=()
    [ -n "${port[$1]:-}" ] || port[$1]=$(free_port)
    if [ -n "${durable:-}" ]; then
        mkdir -p "$work/data"
        data=(--data "$work/data")
    fi
    # shellcheck disable=SC2046
    start "$1" "$node_program" --cluster bench --node "$1" $(url_flags) \
        --client-port "${port[$1]}" "${data[@]}" "${node_flags[@]}"
}
# shellcheck disable=SC2046
ask() { "$client" $(url_flags) --cluster bench "$@"; }
sees() { [ "$(ask --node "$1" status | grep -c '^up')" -eq "$2" ]; }  # NODE COUNT: how many others are up
has_names() { ask --node "$1" status | awk -v n="$2" '$1 == "names" && $2 >= n { ok = 1 } END { exit !ok }'; }  # NODE COUNT
start_nodes() {  # COUNT
    local i
    node_urls=()
    for ((i = 1; i <= $1; ++i)); do
        start_node n$i
        node_urls+=("nats://127.0.0.1:${port[n$i]}")
    done
    for ((i = 1; i <= $1; ++i)); do eventually 20 sees n$i $(($1 - 1)); done
    eventually 20 ask status
}

# The CPU seconds that a process has used.
cpu_seconds() { awk -v ticks="$(getconf CLK_TCK)" '{ print ($14 + $15) / ticks }' "/proc/${pid[$1]}/stat"; }  # NAME
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/${pid[$1]}/status"; }  # NAME
