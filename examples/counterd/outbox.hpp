// SPDX-License-Identifier: MIT
//! Outbox: messages that are sent once the changes that they report are durable.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <crdt/nats/connection.hpp>

#include "client_port.hpp"

namespace counterd {

/// Collects messages to clients and peers. Call send() after the commit of the changes that they
/// report.
class Outbox {
    struct Item {
        std::string subject, bytes;
    };

    crdt::nats::Connection* connection_;
    ClientPort* port_;
    std::vector<Item> items_;

  public:
    /// `port` may be null.
    Outbox(crdt::nats::Connection& connection, ClientPort* port)
        : connection_(&connection), port_(port) {}

    void put(std::string subject, std::string bytes) {
        items_.push_back({std::move(subject), std::move(bytes)});
    }
    void send() {
        for (const Item& item : std::exchange(items_, {})) {
            if (ClientPort::is_address(item.subject))
                port_->publish(item.subject, item.bytes);
            else
                connection_->publish(item.subject, item.bytes);
        }
    }
};

}  // namespace counterd
