# SPDX-License-Identifier: MIT
# Sourced by the scripts of this folder. Each sets these and calls core:
#   name      of its entry in the table of packages in ./dev
#   compiler  the command that compiles, as an array
#   link      further arguments to link
#   program   its name, if the platform wants another than core
#   runner    the command that runs a program of the platform; none if it runs by itself
#   skip      test cases that are left out, as doctest's -tce
#
# All headers of the core must compile without a warning. Then all sources of the unit tests and the
# simulator with its pinned traces are compiled and run. They need no processes, NATS or SQLite.
# docs.cpp reads the pages, which are the same everywhere.
#
# FILES="codec/golden.cpp sim/simulator.cpp" compiles only these, JOBS (1) files at a time.
set -uo pipefail
platform=$(basename "$0")
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
# Each of these takes minutes under an emulator.
# shellcheck disable=SC2034
slow='menu:*,sim: runs of faults*,sim: without any one*,sim: a counter is what*,sim: frames that were*'
name='' compiler=() link=() program=core runner=() skip=''

sources() {
    sed -n '/^unit_sources = files(/,/^)/p' tests/meson.build | grep -oE '[a-z_0-9/]+\.cpp' | grep -vx docs.cpp
    echo sim/simulator.cpp
}

# A number that is narrower here shows as a warning.
headers() {  # OUT
    (cd include && git ls-files 'crdt/*.hpp') | grep -vE '^crdt/(fmt\.hpp|(nats|store|maelstrom|system)/)' |
        sed 's/.*/#include <&>/' >"$1/headers.cpp"
    nice "${compiler[@]}" -fsyntax-only -Iinclude -isystem "$1/include" -Wall -Wextra -Wpedantic -Wconversion \
        -Wsign-conversion -Wshadow -Wold-style-cast -Werror "$1/headers.cpp"
}

compile() {  # OUT SOURCE
    local wrap=()
    ! command -v ccache >/dev/null || wrap=(ccache)
    nice "${wrap[@]}" "${compiler[@]}" -O1 -w -Iinclude -Itests -Iexamples -Itools/pictures -I. -isystem "$1/include" \
        "-DGOLDEN_DIR=\"$PWD/tests/golden\"" "-DPROJECT_ROOT=\"$PWD\"" -c "tests/$2" -o "$1/$(tr / - <<<"$2").o"
}

core() {
    ./dev need "$name" || exit
    local out=$PWD/build/platforms/$platform file files running=0
    rm -rf "$out" && mkdir -p "$out/include" || exit
    # Headers alone: all of /usr/include would hide the headers of the platform.
    ln -s /usr/include/doctest /usr/include/nlohmann "$out/include/"
    # shellcheck disable=SC2046,SC2086
    mapfile -t files < <(printf '%s\n' ${FILES:-$(sources)} main.cpp support/failing_new.cpp | sort -u)
    headers "$out" || exit
    for file in "${files[@]}"; do
        [ "$running" -lt "${JOBS:-1}" ] || { wait -n && running=$((running - 1)); } || exit
        compile "$out" "$file" &
        running=$((running + 1))
    done
    while [ "$running" -gt 0 ]; do wait -n || exit; running=$((running - 1)); done
    "${compiler[@]}" "$out"/*.o "${link[@]}" -o "$out/$program" || exit
    (cd "$out" && nice "${runner[@]}" "./$program" -tce="$skip") || exit
    echo "$platform: ${#files[@]} files: passed"
}
