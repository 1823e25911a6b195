// SPDX-License-Identifier: MIT
#include <chrono>
#include <doctest/doctest.h>

#include "support/menu.hpp"

TEST_CASE("menu: every type keeps every law") {
    for (const support::Entry& entry : support::menu()) {
        CAPTURE(entry.name);
        auto t=std::chrono::steady_clock::now();
        entry.laws();
        std::printf("laws %s %ld ms\n", entry.name.c_str(), (long)std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now()-t).count());
    }
}

TEST_CASE("menu: every type agrees with its oracle") {
    for (const support::Entry& entry : support::menu()) {
        if (!entry.oracle) continue;
        CAPTURE(entry.name);
        auto t=std::chrono::steady_clock::now();
        entry.oracle();
        std::printf("oracle %s %ld ms\n", entry.name.c_str(), (long)std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now()-t).count());
    }
}
