#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# drawn.sh PROGRAM PROJECT: checks that the pictures of the documentation are those that the program draws.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
"$1" "$2" "$folder"
cd "$folder"
for picture in $(find . -name '*.svg'); do
    cmp "$picture" "$2/docs/pictures/$picture" || {
        echo 'A picture differs from docs/pictures: run ./dev pictures' >&2
        exit 1
    }
done
