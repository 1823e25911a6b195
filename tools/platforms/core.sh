# SPDX-License-Identifier: MIT
# Sourced by the scripts of this folder. Each sets these and calls core:
#   name      of its entry in the table of packages in ./dev
#   compiler  the command that compiles, as an array
#   link      further arguments to link
#   program   its name, if the platform wants another than core
#   runner    the command that runs a program of the platform; none if it runs by itself
#   level     of optimisation: -O0 unless the program then runs for longer than the compiler
#   skip      test cases that are left out, as doctest's -tce
#
# All headers of the core must compile without a warning. Then all sources of the unit tests, the
# simulator with its pinned traces, and two files of seeded tests are compiled and run. They need no
# processes, NATS or SQLite. docs.cpp reads the pages, which are the same everywhere.
#
# FILES="codec/golden.cpp sim/simulator.cpp" compiles only these. JOBS (the number of processors) is how many compilers
# run at the same time. A compiler needs up to 6 GB.
set -uo pipefail
platform=$(basename "$0")
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
# Each of these takes minutes under an emulator.
# shellcheck disable=SC2034
slow='menu:*,sim: runs of faults*,sim: without any one*,sim: a counter is what*,sim: frames that were*'
name='' compiler=() link=() program=core runner=() level=-O0 skip=''

sources() {
    sed -n '/^unit_sources = files(/,/^)/p' tests/meson.build | grep -oE '[a-z_0-9/]+\.cpp' | grep -vx docs.cpp
    printf '%s\n' causal/many_keys.cpp sequence_engine.cpp sim/simulator.cpp
}

# A number that is narrower here shows as a warning.
headers() {  # OUT
    (cd include && git ls-files 'crdt/*.hpp') | grep -vE '^crdt/(fmt\.hpp|(nats|store|maelstrom|system)/)' |
        sed 's/.*/#include <&>/' >"$1/headers.cpp"
    nice "${compiler[@]}" -fsyntax-only -Iinclude -isystem "$1/include" -Wall -Wextra -Wpedantic -Wconversion \
        -Wsign-conversion -Wshadow -Wold-style-cast -Werror "$1/headers.cpp"
}

# Files are compiled together, in JOBS units: templates that they share are then instantiated once.
compile() {  # OUT SOURCE
    local wrap=()
    ! command -v ccache >/dev/null || wrap=(ccache)
    nice "${wrap[@]}" "${compiler[@]}" "$level" -w -Iinclude -Itests -Iexamples -Itools/pictures -I. -isystem "$1/include" \
        "-DGOLDEN_DIR=\"$PWD/tests/golden\"" "-DTRANSCRIPT_DIR=\"$PWD/tests/replication/transcripts\"" \
        "-DPROJECT_ROOT=\"$PWD\"" -c "$2" -o "$1/$(basename "$2").o"
}

core() {
    ./dev need "$name" || exit
    local out=$PWD/build/platforms/$platform jobs=${JOBS:-$(nproc)} files unit
    rm -rf "$out" && mkdir -p "$out/include" || exit
    # Headers alone: all of /usr/include would hide the headers of the platform.
    ln -s /usr/include/doctest /usr/include/nlohmann "$out/include/"
    headers "$out" || exit
    # shellcheck disable=SC2046,SC2086
    mapfile -t files < <(printf '%s\n' ${FILES:-$(sources)} | grep -vx main.cpp | sort -u)
    for ((unit = 0; unit < jobs; unit++)); do
        printf '%s\n' "${files[@]}" | awk -v n="$jobs" -v all="${#files[@]}" -v k="$unit" \
            'int((NR - 1) * n / all) == k { print "#include \"" $0 "\"" }' >"$out/unit$unit.cpp"
        compile "$out" "$out/unit$unit.cpp" &
    done
    # Units of their own: the implementation of doctest, and what replaces operator new.
    compile "$out" tests/main.cpp && compile "$out" tests/support/failing_new.cpp || exit
    for ((unit = 0; unit < jobs; unit++)); do wait -n || exit; done
    "${compiler[@]}" "$out"/*.o "${link[@]}" -o "$out/$program" || exit
    (cd "$out" && nice "${runner[@]}" "./$program" -tce="$skip") || exit
    echo "$platform: ${#files[@]} files: passed"
}
