// SPDX-License-Identifier: MIT
//! Runs the tests if nats-server is installed.
#define DOCTEST_CONFIG_IMPLEMENT
#include <iostream>

#include <doctest/doctest.h>

#include "server.hpp"
#include <nats/nats.h>

/// The C library frees neither a message that was cut off at the end of a connection nor its line.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT: the name that sanitizers look up
    return "leak:natsBuf_Create\n";
}

int main(int argc, char** argv) {
    if (support::nats_server().empty()) {
        std::cout << "skipped: there is no nats-server (Debian's package has that name)\n";
        return 77;
    }
    if (nats_Open(-1) != NATS_OK) return 1;  // for test cases without a connection
    return doctest::Context(argc, argv).run();
}
