#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes a release of a copy of this checkout, first with --dry-run: release.sh ROOT
set -euo pipefail
. "$(dirname "$0")/support/snapshot.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
snapshot "$1" "$work/source"
cd "$work/source"

release() { tools/release --check true "$@"; }

# Are the files there, of this version, and do their checksums match?
made() {
    (cd build/release && sha256sum -c SHA256SUMS)
    tar -xzf build/release/crdt-9.8.7.tar.gz -C "$work"
    [ "$("$work/crdt-9.8.7/tools/version")" = 9.8.7 ]
    grep "version: '9.8.7'" "$work/crdt-9.8.7/meson.build"
    grep '"version": "9.8.7"' "$work/crdt-9.8.7/packaging/vcpkg/ports/crdt/vcpkg.json"
    grep 'find_package(crdt 9.8 ' "$work/crdt-9.8.7/docs/how-to/install.md"
    grep 'crdt 9.8.7' build/release/crdt.hpp
    rm -r "$work/crdt-9.8.7"
}

expect_refusal() {
    local words=$1
    shift
    if release "$@" 2>"$work/refusal"; then return 1; fi
    grep "$words" "$work/refusal"
}

expect_refusal 'tools/release' 9.8
expect_refusal 'no entries under 9.8.7' 9.8.7
sed -i '0,/^## /s//## 9.8.7\n\nNew\n- A release.\n\n&/' CHANGELOG.md
expect_refusal 'not clean' 9.8.7
git commit -q -a -m 'Say what is new'
expect_refusal 'false failed' --check false 9.8.7

release --dry-run 9.8.7
made
[ -z "$(git status --porcelain)" ]
[ -z "$(git tag)" ]

release 9.8.7
made
[ -z "$(git status --porcelain)" ]
[ "$(git log -1 --format=%s)" = 'Release 9.8.7' ]
[ "$(git rev-parse 'v9.8.7^{commit}')" = "$(git rev-parse HEAD)" ]
git for-each-ref --format='%(contents)' refs/tags/v9.8.7 | grep 'A release.'
expect_refusal 'tagged already' 9.8.7
