// SPDX-License-Identifier: MIT
//! ClientPortOptions: where a node serves clients, and what they may do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace counterd {

/// What all clients of a port share.
struct ClientRules {
    /// The name of the node.
    std::string node{};
    /// A client must send this token, unless the token is empty.
    std::string token{};
    /// A client may publish to subjects that begin with one of these texts.
    std::vector<std::string> subjects{};
};

struct ClientPortOptions {
    /// The IPv4 address and the port.
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    ClientRules rules{};
};

}  // namespace counterd
