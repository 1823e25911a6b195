# SPDX-License-Identifier: MIT
# Causes random faults for minutes under load: kill -9, restarts and pauses of nodes and servers, and cuts of the routes
# between servers. Clients give each add an id and repeat it until it succeeds. Then an independent program checks by the
# logs of the clients that no add is lost or counted twice, and memory must be constant. Node n1 is paused but never
# killed, so its memory is measured over the whole time. Before the run, each node has added to each counter, because the
# first add of a node to a counter needs memory.

restart() {  # NAME
    case $1 in
        r*) start_relay "${1#r}" ;;
        s*) start_server "$1" ;;
        n*) start_node "$1" ;;
    esac
}
pick() { local all=("$@"); echo "${all[RANDOM % $#]}"; }
count_fault() { faults[$1]=$((${faults[$1]:-0} + 1)); }

fault() {
    case $((RANDOM % 8)) in
        0 | 1) kill_for KILL "$(pick n2 n3 n4 n5)" ;;
        2) kill_for TERM "$(pick n2 n3 n4 n5)" ;;
        3) kill_for KILL "$(pick s1 s2 s3)" ;;
        4 | 5) pause STOP "$(pick n1 n2 n3 n4 n5 s1 s2 s3)" ;;
        # Without relays, each server is alone with its clients: connections are reset, or silent.
        6) kill_for CUT rs1 rs2 rs3 ;;
        7) pause SILENCE rs1 rs2 rs3 ;;
    esac
}
kill_for() {  # FAULT NAMES...
    local name signal=${1/CUT/KILL}
    count_fault "$1"
    for name in "${@:2}"; do stop "$name" "$signal"; done
    sleep $((RANDOM % 4))
    for name in "${@:2}"; do restart "$name"; done
}
pause() {  # FAULT NAMES...
    local name
    count_fault "$1"
    for name in "${@:2}"; do kill -STOP "${pid[$name]}"; done
    sleep $((1 + RANDOM % 6))
    for name in "${@:2}"; do kill -CONT "${pid[$name]}"; done
}

# Prints the mean of a third of the samples. 0 is the first third, 2 the last.
third() {
    awk -v part="$1" '{ kb[NR] = $1 }
        END { n = int(NR / 3); for (i = 1; i <= n; ++i) sum += kb[part * n + i]; printf "%d", sum / n }' "$work/rss"
}

# shellcheck disable=SC2046
count() { "$build/bench/service/check" $(url_flags) $(printf -- '--node n%s ' 1 2 3 4 5) -- "$work"/*.adds; }

soak() {
    local end i relayed=yes
    local -A faults=()
    durable=yes
    start_servers 3
    start_nodes 5
    for i in 1 2 3 4 5; do load --node n$i --names 10000 --count 10000 --log "$work/n$i.adds" >/dev/null; done
    # One client at each server and at each node.
    # shellcheck disable=SC2046
    "$build/bench/service/load" $(url_flags) $(node_url_flags) --clients 8 \
        --rate 1000 --outstanding 4000 --names 10000 --retry \
        --seconds $((minutes * 60)) --log "$work/all.adds" >"$work/load" 2>"$work/load.log" &
    pid[load]=$!
    sleep 3  # until it is connected
    end=$(($(date +%s) + minutes * 60 - 5))
    while [ "$(date +%s)" -lt $end ]; do
        rss_kb n1 >>"$work/rss"
        fault
        sleep $((RANDOM % 4))
    done
    wait "${pid[load]}"
    unset "pid[load]"
    eventually 120 count || true
    record soak step load <"$work/load"
    { count || true; } | record soak step count
    jq -n --argjson minutes "$minutes" --argjson kill9 "${faults[KILL]:-0}" --argjson term "${faults[TERM]:-0}" \
        --argjson pauses "${faults[STOP]:-0}" --argjson cuts "${faults[CUT]:-0}" \
        --argjson silences "${faults[SILENCE]:-0}" '{$minutes, $kill9, $term, $pauses, $cuts, $silences}' |
        record soak step faults
    jq -n "{thirds_kb: [$(third 0), $(third 1), $(third 2)]}" | record soak step memory
    stop_all
}
