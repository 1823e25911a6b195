// SPDX-License-Identifier: MIT
//! The command line of the set node.
#pragma once

#include "../gossip_flags.hpp"

/// What a node is told.
struct Options {
    GossipFlags gossip;
    bool follow_topology = false;

    /// Reads the command line; ends the program if it asks for help, or is wrong.
    Options(int argc, char** argv);
};
