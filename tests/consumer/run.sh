#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Takes the library as its users do, in an empty folder: run.sh ROOT WAY
set -euo pipefail
. "$(dirname "$0")/../support/snapshot.sh"
root=$1 way=$2
consumers=$root/tests/consumer
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$consumers"/*.cpp .
export CXX=${CXX:-g++}

need() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null || { echo "skipped: $tool is missing" && exit 77; }
    done
}

compile() { "$CXX" -std=c++20 -Wall -Wextra -Werror "$@"; }

# Runs programs in a folder.
run() {
    local folder=$1 program
    shift
    for program; do "$folder/$program"; done
}

# A copy that was moved after it was installed.
install_copy() {
    need meson
    meson setup "$root" build -Dprefix="$work/first" -Dtests=disabled -Dbench=disabled -Dnode=disabled
    DESTDIR='' meson install -C build
    mv first installed
    PKG_CONFIG_PATH=$(dirname "$(find "$work/installed" -name crdt.pc)")
    export PKG_CONFIG_PATH
}

# What is there to be cloned.
clone_source() {
    need git
    snapshot "$root" "$work/source"
    export CRDT=$work/source
}

cmake_build() {
    need cmake
    cp "$consumers/$1/CMakeLists.txt" .
    cmake -S . -B out
    cmake --build out
    run out core json store
}

# Does CMake stop at these words?
refuses() {
    mkdir -p "$1"
    printf 'cmake_minimum_required(VERSION 3.14)\nproject(app NONE)\n%s\n' "$2" >"$1/CMakeLists.txt"
    ! cmake -S "$1" -B "$1"
}

meson_build() {
    need meson
    cp "$consumers/meson/meson.build" .
    meson setup out
    meson compile -C out
    run out core json store
}

include() {
    compile -I"$root/include" core.cpp -o core
    run . core
}

# The header's programs name no other; two units of it can be linked together.
amalgamation() {
    "$root/tools/amalgamate" --out crdt/crdt.hpp crdt/crdt.hpp
    "$root/tools/amalgamate" crdt/crdt.hpp | cmp - crdt/crdt.hpp
    compile -I. -c core.cpp
    compile -I. -Dmain=second -c core.cpp -o second.o
    compile core.o second.o -o core

    "$root/tools/amalgamate" --out with_json/crdt/crdt.hpp crdt/crdt.hpp crdt/codec/json.hpp
    sed -i '/codec/d' json.cpp
    compile -Iwith_json json.cpp -o json
    run . core json
}

pkg_config() {
    need pkg-config
    install_copy
    local program package
    while read -r program package; do
        # Words on purpose: pkg-config prints several flags.
        # shellcheck disable=SC2046
        compile "$program.cpp" $(pkg-config --cflags --libs "$package") -o "$program"
    done <<<$'core crdt\njson crdt-json\nstore crdt-store'
    run . core json store
}

find_package() {
    install_copy
    export CMAKE_PREFIX_PATH=$work/installed
    cmake_build find_package
    local asked
    for asked in 0.0 0.2 '0.1 COMPONENTS none'; do
        refuses "$asked" "find_package(crdt $asked REQUIRED)"
    done
}

fetch_content() {
    clone_source
    cmake_build fetch_content
}

meson_installed() {
    install_copy
    meson_build
}

meson_subproject() {
    clone_source
    mkdir subprojects
    git clone -q "$CRDT" subprojects/crdt
    meson_build
}

# The port, run with stand-ins for vcpkg's functions.
vcpkg() {
    need cmake meson
    cmake -DPORTFILE="$root/packaging/vcpkg/ports/crdt/portfile.cmake" -DPORT=crdt \
        -DFEATURES='core;json;store' -DCURRENT_PACKAGES_DIR="$work/first" -P "$consumers/vcpkg/vcpkg.cmake"
    mv first installed
    export CMAKE_PREFIX_PATH=$work/installed
    cmake_build find_package
}

# The recipe, run with a stand-in for Conan.
conan() {
    need python3
    local recipe=$root/packaging/conan version
    version=$("$root/tools/version")
    describe() { python3 -B "$consumers/conan/conan.py" "$recipe/conanfile.py" "$@"; }
    diff <(describe) <(printf '%s\n' "$version" 'crdt::crdt crdt' '')
    diff <(describe store) <(printf '%s\n' "$version" 'crdt::crdt crdt' \
        'crdt::json crdt-json crdt nlohmann_json::nlohmann_json' \
        'crdt::store crdt-store json sqlite3::sqlite3' \
        'nlohmann_json/[>=3.10 <4] sqlite3/[>=3.8 <4]')
    python3 -c 'compile(open(0).read(), "", "exec")' <"$recipe/test_package/conanfile.py"
    compile -Ipackage/include core.cpp -o core
    run . core
}

"$way"
