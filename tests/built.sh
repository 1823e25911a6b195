#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks what tasks of ./dev compile in a fresh clone, and which packages they require: built.sh ROOT
# Nothing is compiled or installed. Stand-ins for ninja and for Debian's tools record the requests.
set -euo pipefail
. "$(dirname "$0")/support/snapshot.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
snapshot "$1" "$work/source"
cd "$work/source"

mkdir "$work/bin"
ninja=$(type -P ninja || type -P ninja-build)
cat >"$work/bin/ninja" <<TEXT
[ "\$1" != -C ] || $ninja -C "\$2" build.ninja
exec $ninja -n "\$@"
TEXT
echo "echo \"\${@: -1}\" >>$work/packages; printf installed" >"$work/bin/dpkg-query"
echo 'exit 1' >"$work/bin/apt-get"
for program in "$work"/bin/*; do sed -i '1i#!/usr/bin/env bash' "$program" && chmod +x "$program"; done
PATH=$work/bin:$PATH
unset DESTDIR

dev() { ./dev "$@" >"$work/log" 2>&1 || { cat "$work/log" && return 1; }; }
objects() { grep -c '\] Compiling' "$work/log" || true; }
configured() { grep -c 'Build targets in project' "$work/log" || true; }
requires_not() { ! grep -E "$1" "$work/packages"; }

expect() {  # WHAT BOUND FOUND
    [ "$3" -ge 1 ] && [ "$3" -le "$2" ] && return
    echo "$1: expected 1 to $2, found $3"
    cat "$work/log"
    return 1
}
fresh() { rm -rf build "$work/packages"; }

# A task builds every program that its scripts run.
for program in $(grep -ohE '\$build/[a-z_/]+' bench/service/*.sh | tr -d '$' | sort -u); do
    grep -qF "$program" dev || { echo "./dev bench-service does not build $program" && exit 1; }
done

fresh
dev compile demo
expect 'objects of the demo' 45 "$(objects)"
requires_not 'doctest|benchmark|sqlite|nats|microhttpd'

# A second run configures nothing again. Another task adds the options that it needs.
dev compile demo
[ "$(configured)" = 0 ]
if pkg-config --exists libnats libmicrohttpd sqlite3; then
    dev compile service
    expect 'objects of the service' 20 "$(objects)"
    requires_not 'doctest|benchmark'
fi

# A directory that was configured with other options.
fresh
meson setup build -Djson=disabled -Dnode=disabled -Dtests=disabled -Dbench=disabled >/dev/null
dev compile demo
expect 'objects of the demo, in a directory of other options' 45 "$(objects)"
expect 'configurations' 1 "$(configured)"

# One test builds only its program. The program cannot run, because nothing was compiled.
fresh
./dev test 'example hello' >"$work/log" 2>&1 || true
expect 'objects of one test' 1 "$(objects)"
requires_not benchmark
