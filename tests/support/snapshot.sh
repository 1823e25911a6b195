# SPDX-License-Identifier: MIT
# snapshot ROOT FOLDER: a repository of its own, of a checkout's files as they are; 77 if it is none.
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
