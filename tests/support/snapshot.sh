# SPDX-License-Identifier: MIT
# snapshot ROOT FOLDER: a repository of its own, of a checkout's files as they are; 77 if there are none.
snapshot() {
    git -C "$1" rev-parse 2>/dev/null || { echo 'skipped: not a Git checkout' && exit 77; }
    mkdir "$2"
    git -C "$1" ls-files -z -co --exclude-standard | tar -C "$1" --null -T - -c | tar -C "$2" -x
    git init -q -b main "$2"
    git -C "$2" config user.name tester
    git -C "$2" config user.email tester@localhost
    git -C "$2" add -A
    git -C "$2" commit -q -m snapshot
}
