#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Limits the number of preprocessed lines of a file: header_budget.sh INCLUDE_DIR FILE LIMIT
# FILE is the path of a header below INCLUDE_DIR, or the full path of any file.
set -euo pipefail
lines=$(echo "#include <$2>" | g++ -std=c++20 -E -P -I"$1" -x c++ - | wc -l)
echo "$2: $lines lines, at most $3"
[ "$lines" -le "$3" ]
