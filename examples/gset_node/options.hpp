// SPDX-License-Identifier: MIT
//! The command line of the set node.
#pragma once

#include "../gossip_flags.hpp"

/// The settings of a node.
struct Options {
    GossipFlags gossip;
    bool follow_topology = false;

    /// Reads the command line. Ends the program after printing help or an error.
    Options(int argc, char** argv);
};
