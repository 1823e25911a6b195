#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Limits the number of preprocessed lines of a header: header_budget.sh INCLUDE_DIR HEADER LIMIT
set -eu
lines=$(echo "#include <$2>" | g++ -std=c++20 -E -P -I"$1" -x c++ - | wc -l)
echo "$2: $lines lines, at most $3"
[ "$lines" -le "$3" ]
