#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# prints.sh PROGRAM FILE: the program succeeds, and prints what stands in the file.
set -euo pipefail
"$1" | diff -u "$2" -
