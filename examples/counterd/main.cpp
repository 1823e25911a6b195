// SPDX-License-Identifier: MIT
//! A node of a cluster of counters. Clients reach it over NATS, or at a port of the node.
#include <exception>

#include "exit_code.hpp"
#include "flags.hpp"
#include "json_log.hpp"
#include "serve.hpp"

int main(int argc, char** argv) {
    const counterd::Flags flags(argc, argv);
    const counterd::JsonLog log(flags.log_level, flags.node);
    try {
        counterd::serve(flags, log);
        return 0;
    } catch (const std::exception& error) {
        log(crdt::system::LogLevel::error, error.what());
        return counterd::exit_code_of(error);
    }
}
