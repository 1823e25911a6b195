#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks that macros of other libraries break no header: foreign_macros.sh INCLUDE_DIRECTORY COMPILER...
# Headers of other libraries are included first, because the macros may break them.
set -euo pipefail
macros=$(realpath "$(dirname "$0")/foreign_macros.hpp")
cd "$1"
shift

# headers_with LIBRARY: the headers that need it and are none of the core; "" is the core.
declare -A library=([crdt/codec/json/nlohmann]=nlohmann/json.hpp
    [crdt/store/file]=sqlite3.h [crdt/nats/]=nats/nats.h [crdt/fmt]=fmt/format.h)
include() { # include NAME: the lines that include it, if what it needs is there
    local name=$1 prefix
    for prefix in "${!library[@]}"; do
        [[ $name == "$prefix"* ]] || continue
        printf '#if __has_include(<%s>)\n#include <%s>\n#endif\n' "${library[$prefix]}" "$name"
        return
    done
    echo "#include <$name>"
}

{
    grep -rhoE '#include <[a-z0-9_/]+(\.h|\.hpp)?>' crdt | grep -v '<crdt/' | sort -u |
        sed -E 's/#include (<.*>)/#if __has_include(\1)\n#include \1\n#endif/'
    echo "#include \"$macros\""
    for header in $(find crdt -name '*.hpp' | sort); do include "$header"; done
    # The preprocessor expands macros in unused templates, too. So a few uses of templates are enough.
    echo 'crdt::GCounter<> counter; crdt::ORMap<int, crdt::MVRegister<int>> map;'
} | "$@" -std=c++20 -fsyntax-only -I. -x c++ -
