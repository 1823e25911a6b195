// SPDX-License-Identifier: MIT
#include "support/menu.hpp"

#include <doctest/doctest.h>

TEST_CASE("menu: every type keeps every law") {
    for (const support::Entry& entry : support::menu()) {
        CAPTURE(entry.name);
        entry.laws();
    }
}

TEST_CASE("menu: every type agrees with its oracle in 10,000 histories") {
    for (const support::Entry& entry : support::menu()) {
        CAPTURE(entry.name);
        if (entry.oracle) entry.oracle();
    }
}
