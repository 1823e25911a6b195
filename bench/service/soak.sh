# SPDX-License-Identifier: MIT
# Causes random faults for minutes under load. Then checks that no add is lost or counted twice, and that memory is
# constant. Node n1 is paused but never killed, so its memory is measured over the whole time. Before the run, each node
# has added to each counter, because the first add of a node to a counter needs memory.

restart() {  # NAME
    case $1 in
        s*) start_server "$1" ;;
        n*) start_node "$1" ;;
    esac
}
pick() { local all=("$@"); echo "${all[RANDOM % $#]}"; }

fault() {
    local name
    case $((RANDOM % 5)) in
        0) name=$(pick n2 n3 n4 n5) && kill_for "$name" KILL ;;
        1) name=$(pick n2 n3 n4 n5) && kill_for "$name" TERM ;;
        2) name=$(pick s1 s2 s3) && kill_for "$name" KILL ;;
        *) name=$(pick n1 n2 n3 n4 n5 s1 s2 s3) && pause "$name" ;;
    esac
}
kill_for() {  # NAME SIGNAL
    faults[$2]=$((${faults[$2]:-0} + 1))
    stop "$1" "$2"
    sleep $((RANDOM % 3))
    restart "$1"
}
pause() {  # NAME
    faults[STOP]=$((${faults[STOP]:-0} + 1))
    kill -STOP "${pid[$1]}"
    sleep $((1 + RANDOM % 6))
    kill -CONT "${pid[$1]}"
}

# Prints the mean of a third of the samples. 0 is the first third, 2 the last.
third() {
    awk -v part="$1" '{ kb[NR] = $1 }
        END { n = int(NR / 3); for (i = 1; i <= n; ++i) sum += kb[part * n + i]; printf "%d", sum / n }' "$work/rss"
}

# shellcheck disable=SC2046
count() { "$build/bench/service/check" $(url_flags) $(printf -- '--node n%s ' 1 2 3 4 5) -- "$work"/*.tally; }

soak() {
    local end i
    local -A faults=()
    durable=yes
    start_servers 3
    start_nodes 5
    for i in 1 2 3 4 5; do load --node n$i --names 10000 --count 10000 --tally "$work/n$i.tally" >/dev/null; done
    # shellcheck disable=SC2046
    "$build/bench/service/load" $(url_flags) --rate 1000 --outstanding 4000 --names 10000 \
        --seconds $((minutes * 60)) --tally "$work/all.tally" >"$work/load" 2>"$work/load.log" &
    pid[load]=$!
    sleep 3  # until it is connected
    end=$(($(date +%s) + minutes * 60 - 5))
    while [ "$(date +%s)" -lt $end ]; do
        rss_kb n1 >>"$work/rss"
        fault
        sleep $((RANDOM % 4))
    done
    wait "${pid[load]}"
    eventually 120 count || true
    record soak step load <"$work/load"
    { count || true; } | record soak step count
    jq -n --argjson minutes "$minutes" --argjson kill9 "${faults[KILL]:-0}" --argjson term "${faults[TERM]:-0}" \
        --argjson pauses "${faults[STOP]:-0}" '{$minutes, $kill9, $term, $pauses}' | record soak step faults
    jq -n "{thirds_kb: [$(third 0), $(third 1), $(third 2)]}" | record soak step memory
    stop_all
}
