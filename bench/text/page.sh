#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# page.sh TEXT IN OUT: runs the program TEXT, keeps its figures in IN, and writes OUT/text.md and OUT/text.svg.
set -euo pipefail
text=$1 in=$2 out=$3
here=$(dirname "$(realpath "$0")")
mkdir -p "$in" "$out"
"$text" --tsv >"$in/text.tsv"
grep -q ^automerge-paper "$in/text.tsv" || { cat "$in/text.tsv" >&2; exit 1; }

{
    cat <<'TEXT'
# Texts

`./dev bench-text` writes this page. `bench/text` replays public editing traces in a `Text`. Times are CPU time on a
shared machine of 2 cores. Each time is the median of five rounds, in which the contenders run in turns. "ns each" is
the time per edit of the trace or per delta. A delta is encoded as a value, without the header of a document. The time
to load a text includes an insert of a character in the middle. [Texts beside other libraries](text_peers.md) compares
this library with others.

The limits for local edits are a gap buffer and a rope. Both count code points, keep no history and cannot be merged. A
gap buffer is an array with a gap at the last edit. The gap buffer of this benchmark has four bytes for each code point.
The rope is a B-tree with leaves of up to 512 bytes of UTF-8. The limits run in turns with the text in each trace, in
the random and the backward inserts, and in "x100". In "x100", a trace is typed a hundred times, each time after the
existing text. "x100" has three rounds. "Live" is the memory of a text, including the index that edits need. "Peak" is
the largest live memory during the measurement. Memory that was in use before the measurement is not counted.

![For each trace, the times of a text in multiples of the time that the rope takes for the edits](text.svg)

| case | value | |
|---|--:|---|
TEXT
    awk -F '\t' '{ printf "| %s | %s %s | %s |\n", $1, ($2 >= 1e5 ? sprintf("%d", $2) : sprintf("%.4g", $2)), $3, $4 }' \
        "$in/text.tsv"
} >"$out/text.md"

awk -F '\t' '
    BEGIN { titles = "gap buffer|rope|local edits with their deltas|local edits, each delta as bytes|" \
                     "remote, deltas as bytes one by one|the same, with the order kept up to date|" \
                     "load to editable|encode" }
    { split($1, name, ": "); value[name[1], name[2]] = $2 }
    name[2] == "encode" { traces[++count] = name[1] }
    END {
        printf "case"
        for (i = 1; i <= count; ++i) printf "\t%s", traces[i]
        for (j = 1; j <= split(titles, title, "|"); ++j) {
            printf "\n%s", title[j]
            for (i = 1; i <= count; ++i) printf "\t%g", value[traces[i], title[j]] / value[traces[i], "rope"]
        }
        print ""
    }' "$in/text.tsv" >"$in/text.dat"
gnuplot -e "dir='$in'; out='$out'" "$here/text.gp"
