// SPDX-License-Identifier: MIT
//! Outbox: messages that are sent once the changes that they report are durable.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <crdt/nats/connection.hpp>

namespace counterd {

/// Collects messages to clients and peers. Call send() after the commit of the changes that they
/// report.
class Outbox {
    struct Item {
        std::string subject, bytes;
    };

    crdt::nats::Connection* connection_;
    std::vector<Item> items_;

  public:
    explicit Outbox(crdt::nats::Connection& connection) : connection_(&connection) {}

    void put(std::string subject, std::string bytes) {
        items_.push_back({std::move(subject), std::move(bytes)});
    }
    void send() {
        for (const Item& item : std::exchange(items_, {}))
            connection_->publish(item.subject, item.bytes);
    }
};

}  // namespace counterd
