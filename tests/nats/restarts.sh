#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Restarts a node without data, 10,000 times by default. Prints the memory, the longest token and the size of the state
# after each tenth, and checks that they do not grow and that no add is lost or counted twice. It takes about a second
# per restart.
#     tests/nats/restarts.sh [BUILD_FOLDER [RESTARTS]]
set -euo pipefail

build=$(cd "${1:-build}" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)
ninja -C "$build" tests/nats/nats_service examples/counterd/counterd
COUNTERD=$build/examples/counterd/counterd PERMISSIONS=$source/examples/counterd/permissions.conf \
    CRDT_RESTARTS=${2:-10000} stdbuf -oL "$build/tests/nats/nats_service" --test-case='restarts:*'
