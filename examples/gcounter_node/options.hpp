// SPDX-License-Identifier: MIT
//! The command line of the counter node.
#pragma once

#include <string>

#include "../gossip_flags.hpp"

/// The settings of a node.
struct Options {
    std::string counter = "g";
    std::string store = "memory";
    std::string data;
    GossipFlags gossip;

    /// Reads the command line. Ends the program after printing help or an error.
    Options(int argc, char** argv);
};
