// SPDX-License-Identifier: MIT
//! Message: Maelstrom's envelope, and the ids in it.
#pragma once

#include <string>
#include <string_view>

#include <crdt/maelstrom/body.hpp>

namespace crdt::maelstrom {

/// A message as Maelstrom carries it.
struct Message {
    /// The id of the node or client that sent it.
    std::string src;
    /// The id of whom it is for.
    std::string dest;
    /// What it says.
    Body body;
};

/// A client's id: c and digits. Nothing else may be answered: a reply to an id that the network
/// does not know mutes the node.
constexpr bool is_client_id(std::string_view id) {
    if (id.size() < 2 || id.front() != 'c') return false;
    for (const char letter : id.substr(1)) {
        if (letter < '0' || letter > '9') return false;
    }
    return true;
}

/// Maelstrom's built-in services.
constexpr bool is_service_id(std::string_view id) {
    return id == "seq-kv" || id == "lin-kv" || id == "lww-kv" || id == "lin-tso";
}

}  // namespace crdt::maelstrom
