#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# page_test.sh: the page of some parts has their sections and no others, and an old part keeps its section.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
command -v jq >/dev/null && command -v gnuplot >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in"

page() { "$here/page.sh" "$work/in" "$work" && cat "$work/service.md"; }
expect() {  # SECTIONS: the titles of the sections, one a line
    local found
    found=$(page | sed -n 's/^## //p')
    [ "$found" = "$1" ] || { printf 'expected:\n%s\nfound:\n%s\n' "$1" "$found" >&2 && exit 1; }
    if grep -n null "$work/service.md" >&2; then exit 1; fi
}

echo '{"cpus":2,"model":"m","load_average":"0.1","versions":"v"}' >"$work/in/machine.jsonl"
expect ''
for load in crowd lone; do
    echo '{"what":"counterd","servers":"1","nodes":"3","store":"data","ack":"1","at":"node","load":"'$load'",
        "clients":4,"outstanding":64,"rate":12345.6,"p50_us":900,"p99_us":15000}'
done >"$work/in/speed.jsonl"
expect 'Adds per second and latency'
grep -q '^| counterd | 1 | 3 | node | on disk | 1 | 12k | 900 µs | 15 ms | 900 µs | 15 ms |$' "$work/service.md"
[ -s "$work/service.svg" ]
cat >"$work/in/wire.jsonl" <<'TEXT'
{"step":"adds","nodes":"3","interval":"75","names":"10000","offered":1000,"rate":999,"messages_an_add":0.04,"bytes_an_add":50}
{"step":"size","nodes":"25","rate":998.7,"idle":10.04,"loaded":123.4}
TEXT
expect $'Adds per second and latency\nMessages between nodes'
grep -q '^| 3 | 75 | 1k | 1k | 0.04 | 50 |$' "$work/service.md"
grep -q '^| 25 | 10 | 123 | 999 |$' "$work/service.md"
for step in filled memory disk start 'catch up'; do
    echo '{"names":"1000","step":"'"$step"'","rate":50000,"bytes_a_name":120.4,"seconds":1.5,"cpu_seconds":0.75}'
done >"$work/in/million.jsonl"
expect $'Adds per second and latency\nMessages between nodes\nMany names, five nodes on disk'
grep -q '^| 1000 | 50k | 120, 120 | 120 | 1.5 s, 0.75 s | 1.5 s, 0.75 s |$' "$work/service.md"
rm "$work/in/million.jsonl"
cat >"$work/in/soak.jsonl" <<'TEXT'
{"step":"load","offered":1000,"done":71,"refused":72,"failed":30,"unanswered":43,"repeated":74}
{"step":"count","node":"n1","total":75,"lost":0,"doubled":1}
{"step":"faults","minutes":76,"kill9":77,"term":78,"pauses":79,"cuts":80,"silences":81}
{"step":"memory","thirds_kb":[1024,2048,3072]}
TEXT
expect $'Adds per second and latency\nMessages between nodes\nFaults under load'
# The page has every number of the soak.
for words in 'lasts 76 minutes' 'a server (77), clean restarts (78), pauses (79)' 'reset (80) or silent (81)' \
    '74 requests were repetitions' '71 adds were answered' '73 adds had no answer' '72 adds reached no node' \
    '1, 2 and 3 MB' '| n1 | 75 | 0 | 1 |'; do
    grep -qF "$words" "$work/service.md" || { echo "not on the page: $words" >&2 && exit 1; }
done
# A part that has failed before its first result.
: >"$work/in/soak.jsonl"
expect $'Adds per second and latency\nMessages between nodes'
