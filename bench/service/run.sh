#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh BUILD OUT [PART]...: measures the counter service, and writes a line per case to OUT/<part>.jsonl.
# Parts: speed, wire, million, soak. The default is all parts. A case of the first two takes SECONDS_EACH (5) seconds,
# the soak takes SOAK_MINUTES (10) minutes.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
build=$(realpath "$1") out=$2
shift 2
seconds=${SECONDS_EACH:-5} minutes=${SOAK_MINUTES:-10}
mkdir -p "$out"
work=$(mktemp -d)
source "$here/processes.sh"
source "$here/soak.sh"

# Adds the case to the result of a program, a JSON object on stdin.
record() {  # PART KEY VALUE...
    local part=$1 pairs=()
    shift
    while [ $# -gt 0 ]; do
        pairs+=(--arg "$1" "$2")
        shift 2
    done
    jq -c "${pairs[@]}" '$ARGS.named + .' | tee -a "$out/$part.jsonl"
}
# Clients connect to the servers, or to the nodes if $at is "node".
load() {
    local flags
    if [ "${at:-server}" = server ]; then flags=$(url_flags); else flags=$(node_url_flags); fi
    # shellcheck disable=SC2086
    "$build/bench/service/load" $flags "$@"
}

clear_all() { stop_all && rm -rf "${work:?}"/*; }

# All contenders have the same number of clients and outstanding requests. A second case has one client that waits for
# each reply.
crowd() { record speed "$@" load crowd; }
lone() { record speed "$@" load lone; }

speed_of_counterd() {  # SERVERS NODES STORE
    local ack at setting
    durable=${3#memory}
    start_servers "$1"
    start_nodes "$2"
    for at in server node; do
        for ack in 0 1; do
            [ "$ack" -lt "$2" ] || continue
            setting=(what counterd servers "$1" nodes "$2" store "$3" ack $ack at $at)
            load --seconds "$seconds" --ack $ack | crowd "${setting[@]}"
            load --seconds "$seconds" --ack $ack --clients 1 --outstanding 1 | lone "${setting[@]}"
        done
    done
    clear_all
}

speed_of_jetstream() {  # SERVERS STORE
    start_servers "$1"
    eventually 20 load --stream ready --replicas "$1" --count 1
    load --stream crowd --replicas "$1" --storage "$2" --seconds "$seconds" | crowd what jetstream servers "$1" store "$2"
    load --stream lone --replicas "$1" --storage "$2" --seconds "$seconds" --clients 1 --outstanding 1 |
        lone what jetstream servers "$1" store "$2"
    clear_all
}

# redis-benchmark waits for all replies of a pipeline before it sends the next.
redis() {  # CLIENTS OUTSTANDING COUNT
    redis-benchmark -p "$redis_port" -c "$1" -P "$2" -n "$3" -r 10000 --csv incr counter:__rand_int__ |
        jq -R -n --argjson clients "$1" --argjson outstanding "$2" '
            [inputs | split(",") | map(gsub("\""; ""))] | .[0] as $names | .[-1] as $row |
            reduce range($names | length) as $i ({}; .[$names[$i]] = $row[$i]) |
            {$clients, $outstanding, rate: (.rps | tonumber),
             p50_us: (.p50_latency_ms | tonumber * 1000), p99_us: (.p99_latency_ms | tonumber * 1000)}'
}
speed_of_redis() {  # STORE FLAGS...
    local store=$1
    shift
    redis_port=$(free_port)
    start redis redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$work" --save '' "$@"
    eventually 10 answers "$redis_port"
    redis 4 64 10000 >/dev/null
    redis 4 64 $((100000 * seconds)) | crowd what redis store "$store"
    redis 1 1 $((2000 * seconds)) | lone what redis store "$store"
    clear_all
}

speed() {
    local nodes servers store
    for store in memory data; do
        for servers in 1 3; do
            for nodes in 1 3 5; do speed_of_counterd $servers $nodes $store; done
        done
    done
    speed_of_redis memory --appendonly no
    speed_of_redis 'appendfsync no' --appendonly yes --appendfsync no
    speed_of_redis 'appendfsync always' --appendonly yes --appendfsync always
    for servers in 1 3; do
        for store in memory file; do speed_of_jetstream $servers $store; done
    done
}

# The sum of an expression of metrics over nodes n1 to nN.
sum_of() {  # EXPRESSION COUNT
    local i
    for ((i = 1; i <= $2; ++i)); do ask --timeout 30000 --node n$i --json status || return; done |
        jq -s "[.[].metrics | $1] | add"
}

wire_of() {  # NODES INTERVAL RATE
    local nodes=$1 messages bytes
    local node_flags=(--interval "$2")
    durable=
    start_servers 1
    start_nodes "$nodes"
    messages=$(sum_of .peer_messages_sent_total "$nodes") bytes=$(sum_of .peer_bytes_sent_total "$nodes")
    load --names 10000 --rate "$3" --outstanding 5000 --seconds "$seconds" >"$work/load"
    sleep 1
    jq --argjson messages $(($(sum_of .peer_messages_sent_total "$nodes") - messages)) \
        --argjson bytes $(($(sum_of .peer_bytes_sent_total "$nodes") - bytes)) \
        '. + {messages_an_add: ($messages / .done), bytes_an_add: ($bytes / .done)}' "$work/load" |
        record wire step adds nodes "$nodes" interval "$2" names 10000
    clear_all
}

# Prints the messages that a node sends to the others and receives from them per second, with heartbeats, while a command
# runs. All other messages of a node are a request and its reply.
messages_during() {  # NODES COMMAND...
    local nodes=$1 messages began
    local between='.nats_messages_in_total + .nats_messages_out_total - 2 * (.requests_add_total + .requests_status_total)'
    shift
    messages=$(sum_of "$between" "$nodes") began=$(date +%s%N)
    "$@" >"$work/load"
    jq -n "($(sum_of "$between" "$nodes") - $messages) / ($(date +%s%N) - $began) * 1e9 / $nodes"
}
size_of() {  # NODES
    local idle loaded
    durable=
    start_servers 1
    start_nodes "$1"
    idle=$(messages_during "$1" sleep "$seconds")
    loaded=$(messages_during "$1" load --names 10000 --rate 1000 --outstanding 5000 --seconds "$seconds")
    jq --argjson idle "$idle" --argjson loaded "$loaded" '{rate, $idle, $loaded}' "$work/load" |
        record wire nodes "$1" step size
    clear_all
}

wire() {
    local rate nodes
    for rate in 1000 100000; do
        wire_of 3 75 $rate
        wire_of 3 25 $rate
        wire_of 5 75 $rate
        wire_of 5 25 $rate
    done
    for nodes in 3 5 9 25; do size_of $nodes; done
}

# Measures the time from a node's start until it has so many names, the CPU time of all nodes, which differs less from
# run to run, and the memory per name. The result is in $took, as JSON, with null seconds after a timeout.
cpu_of_nodes() {
    local name
    for name in "${!pid[@]}"; do [[ $name != n* ]] || cpu_seconds "$name"; done | awk '{ sum += $1 } END { print sum + 0 }'
}
time_start() {  # NODE COUNT KB: of memory, without names
    local before cpu_before seconds=null
    before=$(date +%s%N)
    cpu_before=$(cpu_of_nodes)
    start_node "$1"
    if eventually 300 has_names "$1" "$2"; then seconds="$(($(date +%s%N) - before)) / 1e9"; fi
    took=$(jq -n --argjson cpu "$(cpu_of_nodes)" --argjson cpu_before "$cpu_before" \
        --argjson bytes "$((($(rss_kb "$1") - $3) * 1024 / $2))" \
        "{seconds: ($seconds), cpu_seconds: (\$cpu - \$cpu_before), bytes_a_name: \$bytes}")
}

# With NODES nodes.
names_of() {  # COUNT
    local names=$1 nodes=${NODES:-5} i empty count
    durable=yes
    start_servers 1
    start_nodes "$nodes"
    empty=$(rss_kb n1)
    load --names "$names" --count "$names" | record million names "$names" step filled >"$work/filled"
    # A slow machine rejects an add now and then, and so a name is missing.
    count=$(jq .done "$work/filled")
    for ((i = 1; i <= nodes; ++i)); do eventually 300 has_names n$i "$count"; done
    jq -n --argjson names "$names" --argjson empty "$empty" --argjson full "$(rss_kb n1)" \
        '{bytes_a_name: (($full - $empty) * 1024 / $names)}' | record million names "$names" step memory
    jq -n --argjson names "$names" --argjson bytes "$(cat "$work"/data/n1.sqlite* | wc -c)" \
        '{bytes_a_name: ($bytes / $names)}' | record million names "$names" step disk
    durable=
    time_start "n$((nodes + 1))" "$count" "$empty"
    record million names "$names" step 'catch up' <<<"$took"
    durable=yes
    stop n1
    time_start n1 "$count" "$empty"
    record million names "$names" step start <<<"$took"
    clear_all
}
million() {
    names_of 100000
    names_of 1000000
}

machine() {
    local model versions
    model=$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)
    versions="$(nats-server --version), $(redis-server --version | cut -d ' ' -f 1-3)"
    jq -n --argjson cpus "$(nproc)" '{$cpus}' |
        record machine model "$model" load_average "$(cut -d ' ' -f 1 /proc/loadavg)" versions "$versions"
}

[ $# -gt 0 ] || set -- speed wire million soak
for part in machine "$@"; do
    : >"$out/$part.jsonl"
    $part
done
rm -rf "$work"
