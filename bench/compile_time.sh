#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures the time to compile each header, and prints a page: compile_time.sh > PAGE
#
# Measures the processor time of three compilations: the header alone, the standard headers that it
# includes, and its example without optimization. Each time is the least of RUNS (7) runs.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-7}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile() {
    local compiler=$1
    shift
    "$compiler" -std=c++20 -Iinclude "$@"
}

# Prints #include lines for the standard headers that a program includes, directly or by headers of this library.
standard_headers() {
    compile "$1" -H -fsyntax-only "$2" 2>&1 | awk -v root=include/ '
        /^\.+ / {
            depth = length($1)
            ours[depth] = index($2, root) == 1
            if (!ours[depth] && (depth == 1 || ours[depth - 1])) print "#include \"" $2 "\""
        }'
}

milliseconds() {
    local TIMEFORMAT='%3U %3S'
    { time "$@" 2>/dev/null; } 2>&1 | awk '{ print 1000 * ($1 + $2) }'
}

# Prints the figures of one compiler and header: the time of the header, the ratio, the time of its example.
row() {
    local compiler=$1 name=$2 run
    echo "#include <crdt/$name.hpp>" >"$work/header.cpp"
    standard_headers "$compiler" "$work/header.cpp" >"$work/standard.cpp"
    for ((run = 0; run < runs; ++run)); do
        echo "$(milliseconds compile "$compiler" -fsyntax-only "$work/header.cpp")" \
            "$(milliseconds compile "$compiler" -fsyntax-only "$work/standard.cpp")" \
            "$(milliseconds compile "$compiler" -O0 -c "tests/examples/$name.cpp" -o "$work/example.o")"
    done | awk '
        { for (i = 1; i <= 3; ++i) if (NR == 1 || $i < least[i]) least[i] = $i }
        END { printf " %.0f ms | %.2f | %.0f ms |", least[1], least[1] / least[2], least[3] }'
}

compilers=()
for compiler in g++ clang++; do
    command -v "$compiler" >/dev/null && compilers+=("$compiler")
done

cat <<TEXT
# What the headers cost to compile

For each header and compiler the table has three figures:

- the time to compile the header alone (\`-fsyntax-only\`),
- the ratio of this time to the time for the standard headers that it includes,
- the time to compile the example of the header in \`tests/examples/\` to an object file (\`-O0 -c\`).

Times are processor times on a virtual machine with 2 cores. Each time is the least of $runs runs. The three compilations
of a header run in turns (\`bench/compile_time.sh\`). The compilers are:

TEXT
for compiler in "${compilers[@]}"; do echo "- $("$compiler" --version | head -n 1)"; done
echo
printf '| header | lines |'
for compiler in "${compilers[@]}"; do printf ' %s | ratio | example |' "$compiler"; done
printf '\n|---|--:|'
for compiler in "${compilers[@]}"; do printf -- '--:|--:|--:|'; done
echo
for example in tests/examples/*.cpp; do
    name=$(basename "$example" .cpp)
    [ -f "include/crdt/$name.hpp" ] || continue
    printf '| `%s.hpp` | %d |' "$name" "$(echo "#include <crdt/$name.hpp>" | compile g++ -E -P -x c++ - | wc -l)"
    for compiler in "${compilers[@]}"; do row "$compiler" "$name"; done
    echo
done
