// SPDX-License-Identifier: MIT
//! ClientPortOptions: where a node serves clients.
#pragma once

#include <cstdint>
#include <string>

namespace counterd {

struct ClientPortOptions {
    /// The IPv4 address and the port.
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    /// The name of the node.
    std::string node{};
    /// A client must send this token, unless the token is empty.
    std::string token{};
};

}  // namespace counterd
