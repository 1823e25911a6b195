# SPDX-License-Identifier: MIT
# snapshot ROOT FOLDER: makes a separate repository of a checkout's present files. Exits with 77 if ROOT is not a
# checkout.
snapshot() {
    git -C "$1" rev-parse 2>/dev/null || { echo 'skipped: not a Git checkout' && exit 77; }
    git init -q -b main "$2"
    GIT_INDEX_FILE=$2/.git/theirs git -C "$1" add -A
    git -C "$1" archive "$(GIT_INDEX_FILE=$2/.git/theirs git -C "$1" write-tree)" | tar -C "$2" -x
    git -C "$2" config user.name tester
    git -C "$2" config user.email tester@localhost
    git -C "$2" add -A
    git -C "$2" commit -q -m snapshot
}
