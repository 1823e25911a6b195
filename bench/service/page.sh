#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# page.sh IN OUT: writes the results of run.sh in IN to OUT/service.md and OUT/service.svg. A part without results has no
# section.
set -euo pipefail
in=$1 out=$2
here=$(dirname "$(realpath "$0")")

shopt -s nullglob
jq -n '[inputs | . + {part: (input_filename | split("/")[-1] | rtrimstr(".jsonl"))}]' "$in"/*.jsonl >"$in/service.json"

# Whether a part has results.
has() { jq -e --arg part "$1" 'any(.part == $part)' "$in/service.json" >/dev/null; }
# rows PART FILTER: prints the lines that the jq filter makes of the results of a part.
rows() { jq -r "$definitions [.[] | select(.part == \"$1\")] | $2" "$in/service.json"; }
# shellcheck disable=SC2016
definitions='
    def row: "| " + (map(tostring) | join(" | ")) + " |";
    def rounded: if . >= 100 then round elif . >= 10 then . * 10 | round / 10 else . * 100 | round / 100 end;
    def time: if . >= 1000 then "\(. / 1000 | rounded) ms" else "\(rounded) µs" end;
    def thousands: if . >= 10000 then "\(. / 1000 | round)k" else "\(. / 1000 | . * 10 | round / 10)k" end;
    def setting: [.what, .servers, .nodes, .store, .ack, .at];
    def pairs: [.[] | select(.load == "crowd")] as $crowds | [.[] | select(.load == "lone")] as $lones |
        $crowds[] | . as $crowd | {crowd: $crowd, lone: ($lones[] | select(setting == ($crowd | setting)))};
    def name: if .what == "counterd" then "counterd" elif .what == "redis" then "Redis INCR" else "JetStream publish" end;
    def kept: if .store == "data" then "on disk" elif .store == "memory" then "in memory" else .store end;'

speed() {
    echo '## Adds per second and latency'
    echo
    rows speed '[.[] | select(.load == "crowd")][0] | "\(.clients) connections have \(.outstanding) outstanding requests each. In the columns *alone*, there is only one connection with one outstanding request. Servers, nodes and clients share the processors of this machine."'
    echo
    echo 'The clients of counterd connect to the servers, or directly to the nodes (`--client-port`). With several nodes, the'
    echo 'clients are spread over them.'
    echo
    echo 'counterd on disk and Redis with `appendfsync always` sync to the disk before each reply. With `appendfsync no`, the'
    echo 'operating system decides when Redis syncs. JetStream syncs every two minutes. With three servers, JetStream keeps three'
    echo 'copies.'
    echo
    echo '| what | servers | nodes | clients at | kept | acks of others | adds per second | p50 | p99 | alone: p50 | p99 |'
    echo '|---|--:|--:|---|---|--:|--:|--:|--:|--:|--:|'
    rows speed 'pairs | [(.crowd | name, .servers // "", .nodes // "", .at // "", kept, .ack // ""), (.crowd.rate | thousands),
        (.crowd.p50_us | time), (.crowd.p99_us | time), (.lone.p50_us | time), (.lone.p99_us | time)] | row'
}

wire() {
    echo '## Messages between nodes'
    echo
    rows wire 'map(select(.step == "adds"))[0] | "Adds go to \(.names) names in turn, so a message never contains two adds to one name. This is the worst case, because two adds to one name would be merged into one change."'
    echo
    echo '| nodes | interval, ms | adds per second offered | reached | messages between nodes per add | bytes per add |'
    echo '|--:|--:|--:|--:|--:|--:|'
    rows wire '.[] | select(.step == "adds") | [.nodes, .interval, (.offered | thousands), (.rate | thousands),
        (.messages_an_add | . * 10000 | round / 10000), (.bytes_an_add | rounded)] | row'
    echo
    echo 'The next table counts the messages that each node sends and receives. Heartbeats are included. Requests of clients and'
    echo 'their replies are not.'
    echo 'Clients send 1,000 adds per second to all nodes together.'
    echo
    echo '| nodes | messages per node per second, idle | with 1,000 adds per second | adds per second reached |'
    echo '|--:|--:|--:|--:|'
    rows wire '.[] | select(.step == "size") | [.nodes, (.idle | rounded), (.loaded | rounded), (.rate | round)] | row'
}

million() {
    echo '## Many names, five nodes on disk'
    echo
    echo 'Each time is followed by the CPU time of all nodes together.'
    echo
    echo '| names | adds per second while filling | bytes of memory per name, and after a start | bytes on disk per name | time to start from disk, CPU time | time for an empty node to catch up, CPU time |'
    echo '|--:|--:|--:|--:|--:|--:|'
    rows million 'group_by(.names | tonumber)[] | (map({(.step): .}) | add) as $step |
        def seconds: if . == null then "not in 300 s" else "\(rounded) s" end;
        def both: "\(.seconds | seconds), \(.cpu_seconds | rounded) s";
        [.[0].names, ($step.filled.rate | thousands), "\($step.memory.bytes_a_name | round), \($step.start.bytes_a_name | round)",
         ($step.disk.bytes_a_name | round), ($step.start | both), ($step["catch up"] | both)] | row'
}

soak() {
    echo '## Faults under load'
    echo
    rows soak '(map(select(.step == "faults"))[0]) as $faults | (map(select(.step == "load"))[0]) as $load |
        (map(select(.step == "memory"))[0]) as $memory |
        "The run lasts \($faults.minutes) minutes, with five nodes on disk, three servers, a client at each of these eight, and \($load.offered | round) adds per second offered. " +
        "The faults are `kill -9` of a node or a server (\($faults.kill9)), clean restarts (\($faults.term)), pauses (\($faults.pauses)), " +
        "and cuts of all connections between the servers: reset (\($faults.cuts)) or silent (\($faults.silences)). " +
        "Each add has an id and is repeated until it succeeds, at most for a minute: \($load.repeated) requests were repetitions. " +
        "\($load.done) adds were answered. \($load.unanswered + $load.failed) adds had no answer, and may or may not count. " +
        "\($load.refused) adds reached no node. In the three thirds of the run, the node that is never killed used " +
        "\($memory.thirds_kb | map(. / 1024 | round) | "\(.[0]), \(.[1]) and \(.[2])") MB of memory. The column \"counts\" includes adds from before the run."'
    echo
    echo '| node | counts | lost | counted twice |'
    echo '|---|--:|--:|--:|'
    rows soak '.[] | select(.step == "count") | [.node, .total, .lost, .doubled] | row'
}

{
    echo '# The counter service, measured'
    echo
    echo "\`./dev bench-service\` writes this page. [Run the counter service](../how-to/run-the-counter-service.md) describes the"
    echo "service."
    echo
    rows machine '.[] | "Measured on \(.cpus) processors (\(.model)), load average \(.load_average) at the start, with \(.versions)."'
    for part in speed wire million soak; do
        if has $part; then
            echo
            $part
        fi
    done
} >"$out/service.md"

has speed || exit 0
jq -r "$definitions"' .[] | select(.part == "speed" and .load == "crowd") |
    ["\(name)\(if .nodes then ", \(.nodes) node\(if .nodes == "1" then "" else "s" end)" else "" end)\(if .servers == "3" then ", 3 servers" else "" end)\(if .at == "node" then ", direct" else "" end), \(kept)\(if .ack == "1" then ", 1 ack" else "" end)",
     .rate, .p99_us] | @tsv' "$in/service.json" | tac >"$in/speed.dat"
gnuplot -e "dir='$in'; out='$out'" "$here/service.gp"
