// SPDX-License-Identifier: MIT
//! The test runner's main.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
