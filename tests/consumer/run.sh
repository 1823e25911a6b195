#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the library as a section of docs/how-to/install.md describes, in an empty folder: run.sh ROOT SECTION
set -euo pipefail
here=$(realpath "$(dirname "$0")")
. "$here/../support/snapshot.sh"
root=$(realpath "$1") way=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
snapshot "$root" "$work/source"
export CRDT=$work/source PREFIX=$work/first
unset DESTDIR

section() { awk -v heading="## $1" '/^## / { within = $0 == heading; next } within' "$root/docs/how-to/install.md"; }

# Writes the files of a section, follows its commands, and runs the programs that it names.
follow() {
    local text tool program
    text=$(section "$1")
    mkdir -p "$work/app"
    cd "$work/app"
    cp "$here"/*.cpp .
    awk '
        BEGIN { name["cmake"] = "CMakeLists.txt"; name["meson"] = "meson.build"; name["sh"] = "../commands" }
        /^```/ { file = name[substr($0, 4)]; next }
        file { print >file }' <<<"$text"
    for tool in cmake meson pkg-config; do
        ! grep -q "^$tool " ../commands || command -v $tool >/dev/null || skip "$tool"
    done
    bash -eux ../commands
    for program in core json store; do
        [[ $text != *$program.cpp* ]] || ./$program
    done
}

skip() { echo "skipped: $1 is missing" && exit 77; }

# Installs a copy and then moves it.
install_copy() {
    follow Installation
    mv "$PREFIX" "$work/installed"
    PREFIX=$work/installed
    rm -r "$work/app"
}

# Checks that the single header is the same each time, and that two translation units with it can be linked. A single
# header with the codec is enough for a program that uses JSON.
check_header() {
    "$CRDT/tools/amalgamate" crdt/crdt.hpp | cmp - crdt/crdt.hpp
    strictly() { g++ -std=c++20 -Wall -Wextra -Werror "$@"; }
    strictly -I. -c core.cpp -o core.o
    strictly -I. -c -Dmain=second core.cpp -o second.o
    g++ core.o second.o -o core
    ./core

    "$CRDT/tools/amalgamate" --out with_json/crdt/crdt.hpp crdt/crdt.hpp crdt/codec/json.hpp crdt/codec/json/nlohmann.hpp
    sed -i '/codec/d' json.cpp
    strictly -Iwith_json json.cpp -o json
    ./json
}

# The package refuses incompatible versions and unknown components.
check_refusals() {
    local version
    for version in 0.0 0.2 1.1 '0.1 COMPONENTS none'; do
        mkdir "$version"
        printf '%s\n' 'cmake_minimum_required(VERSION 3.14)' 'project(app NONE)' \
            "find_package(crdt $version REQUIRED)" >"$version/CMakeLists.txt"
        if cmake -S "$version" -B "$version" -DCMAKE_PREFIX_PATH="$PREFIX"; then return 1; fi
    done
}

# Runs the port with stand-ins for vcpkg's functions.
try_port() {
    command -v cmake >/dev/null || skip cmake
    cmake -DPORTFILE="$CRDT/packaging/vcpkg/ports/crdt/portfile.cmake" -DPORT=crdt \
        -DFEATURES='core;json;store' -DCURRENT_PACKAGES_DIR="$PREFIX" -P "$here/vcpkg/vcpkg.cmake"
    follow 'CMake, installed'
}

# Runs the recipe with a stand-in for Conan.
try_recipe() {
    local recipe=$CRDT/packaging/conan version
    version=$("$CRDT/tools/version")
    describe() { python3 "$here/conan/conan.py" "$recipe/conanfile.py" "$@"; }
    diff <(describe) <(printf '%s\n' "$version" 'crdt::crdt crdt' '')
    diff <(describe store) <(printf '%s\n' "$version" 'crdt::crdt crdt' \
        'crdt::store crdt-store crdt sqlite3::sqlite3' 'sqlite3/[>=3.8 <4]')
    diff <(describe json) <(printf '%s\n' "$version" 'crdt::crdt crdt' \
        'crdt::json crdt-json crdt nlohmann_json::nlohmann_json' 'nlohmann_json/[>=3.10 <4]')
    python3 -m py_compile "$recipe/test_package/conanfile.py"
    g++ -std=c++20 -Ipackage/include "$here/core.cpp" -o core
    ./core
}

case $way in
    vcpkg) try_port ;;
    Conan) try_recipe ;;
    *)
        [[ $(section "$way") != *PREFIX* ]] || install_copy
        follow "$way"
        ;;
esac
case $way in
    'One header') check_header ;;
    'CMake, installed') check_refusals ;;
esac
