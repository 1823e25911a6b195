#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh TEXT IN OUT: compares the program TEXT, which is bench/text, with npm packages that it installs in IN. Writes
# OUT/text_peers.md and OUT/text_peers.svg.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
text=$(realpath "$1")
mkdir -p "$2" "$3"
in=$(realpath "$2") out=$(realpath "$3")
export CRDT_TRACES=${CRDT_TRACES:-$here/../../../shared/data/traces}
[ -d "$CRDT_TRACES" ] || { echo "no traces in $CRDT_TRACES: set CRDT_TRACES to their folder" >&2; exit 1; }
CRDT_TRACES=$(realpath "$CRDT_TRACES")

cp "$here"/*.mjs "$in"
if ! cmp -s "$here/package.json" "$in/package.json" || [ ! -d "$in/node_modules" ]; then
    rm -rf "$in/node_modules" "$in/package.json"
    cp "$here/package.json" "$in"
    (cd "$in" && npm install --no-package-lock --no-audit --no-fund) || { rm "$in/package.json"; exit 1; }
fi
node "$in/main.mjs" "$text" "$out"
gnuplot -e "dir='$in'; out='$out'" "$here/ratios.gp"
