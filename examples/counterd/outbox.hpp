// SPDX-License-Identifier: MIT
//! Outbox: messages that are sent once the changes that they report are durable.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <crdt/nats/connection.hpp>

#include "client_port.hpp"

namespace counterd {

/// Collects all messages of this node: those to clients, and everything that is published on the
/// connection. close() ends a batch of messages when the commit of the changes that they report
/// begins. send() sends this batch when the commit has ended.
class Outbox {
    struct Item {
        std::string address, bytes;
    };

    crdt::nats::Connection* connection_;
    ClientPort* port_;
    /// The messages to clients at the port.
    std::vector<Item> items_, closed_items_;
    std::size_t size_ = 0;
    crdt::nats::Connection::Collected closed_{};

  public:
    /// If the messages of one batch exceed this number of bytes, is_full() is true.
    static constexpr std::size_t max_size = std::size_t{1} << 24U;

    /// `port` may be null.
    Outbox(crdt::nats::Connection& connection, ClientPort* port)
        : connection_(&connection), port_(port) {
        connection.collect();
    }

    void put(std::string subject, std::string bytes) {
        if (!ClientPort::is_address(subject)) return void(connection_->publish(subject, bytes));
        size_ += sizeof(Item) + subject.size() + bytes.size();
        items_.push_back({std::move(subject), std::move(bytes)});
    }
    bool is_full() const { return size_ + connection_->size_of_collected() > max_size; }
    /// Ends the batch. Precondition: the last batch was sent.
    void close() {
        connection_->take_collected(closed_);
        std::swap(items_, closed_items_);
        size_ = 0;
    }
    /// Sends the batch that close() has ended, if it was not sent before. What the sockets have no
    /// room for is sent later.
    void send() {
        connection_->publish_collected(closed_);
        connection_->send();
        if (port_ == nullptr) return;
        for (const Item& item : closed_items_) port_->publish(item.address, item.bytes);
        closed_items_.clear();
        port_->send();
    }
};

}  // namespace counterd
