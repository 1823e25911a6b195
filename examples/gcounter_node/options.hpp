// SPDX-License-Identifier: MIT
//! The command line of the counter node.
#pragma once

#include <string>

#include "../gossip_flags.hpp"

/// What a node is told.
struct Options {
    std::string counter = "g";
    std::string store = "memory";
    std::string data;
    GossipFlags gossip;

    /// Reads the command line; ends the program if it asks for help, or is wrong.
    Options(int argc, char** argv);
};
