#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two people write notes off line and synchronise. A broken file is refused and stays as it is.
set -euo pipefail
notes=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cd "$folder"

fail() { echo "FAILED: $*" >&2 && exit 1; }
expect() {  # FILE NOTES: what `list` shows of the file
    diff <("$notes" "$1" list) <(printf "$2") || fail "$1 does not hold these"
}
refused() {  # WORDS REASON: the command fails with this reason
    local reason
    if reason=$(eval "$notes $1" 2>&1); then fail "$1 was not refused"; fi
    [[ $reason == *"$2"* ]] || fail "$1 was refused with: $reason"
}

"$notes" ann add 'buy milk'
"$notes" ann add 'call bob'
"$notes" ann sync bob
expect bob '1 buy milk\n2 call bob\n'

# Off line: ann removes what bob writes down again, bob removes what ann keeps.
"$notes" ann remove 1
"$notes" bob add 'buy milk'
"$notes" bob remove 2
"$notes" bob add 'visit ann'
expect ann '1 call bob\n'
"$notes" bob sync ann
expect ann '1 buy milk\n2 visit ann\n'
expect bob '1 buy milk\n2 visit ann\n'
"$notes" ann sync bob
expect ann '1 buy milk\n2 visit ann\n'

refused 'ann remove 3' 'no note 3'
refused 'ann remove 1x' 'no note 1x'
refused 'ann' 'notes FILE add TEXT'

# One byte of a file has changed. Another file is a copy, so two files would share one replica.
cp bob broken
printf '\377' | dd of=broken bs=1 seek=20 conv=notrunc status=none
cp broken before
refused 'ann sync broken' 'broken: frame checksum mismatch'
refused 'broken add more' 'broken: frame checksum mismatch'
cmp broken before
expect ann '1 buy milk\n2 visit ann\n'
cp ann copy
refused 'ann sync copy' 'copies of one file'

# Nowhere to write: the file stays as it was.
mkdir ann.new
refused 'ann add more' 'ann.new: cannot be written'
rmdir ann.new
expect ann '1 buy milk\n2 visit ann\n'
