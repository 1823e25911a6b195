// SPDX-License-Identifier: MIT
//! Outbox: messages that are sent once the changes that they report are durable.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <crdt/nats/connection.hpp>

#include "answers.hpp"
#include "request.hpp"

namespace counterd {

/// Messages to clients, and to peers on behalf of clients.
class Outbox {
    struct Item {
        std::string subject, reply, bytes;
    };

    crdt::nats::Connection* connection_;
    std::vector<Item> items_;

  public:
    explicit Outbox(crdt::nats::Connection& connection) : connection_(&connection) {}

    /// If `reply` is not empty, the message expects a reply on that subject.
    void put(std::string subject, const Json& body, std::string reply = "") {
        put_text(std::move(subject), text_of(body), std::move(reply));
    }
    /// The same for JSON text.
    void put_text(std::string subject, std::string bytes, std::string reply = "") {
        items_.push_back({std::move(subject), std::move(reply), std::move(bytes)});
    }
    void send() {
        for (const auto& [subject, reply, bytes] : std::exchange(items_, {})) {
            if (reply.empty())
                connection_->publish(subject, bytes);
            else
                connection_->request(subject, reply, bytes);
        }
    }
};

}  // namespace counterd
