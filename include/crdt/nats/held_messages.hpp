// SPDX-License-Identifier: MIT
//! HeldMessages: messages that are published later.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/detail/cpp20.hpp>

namespace crdt::nats::detail {

/// Messages in their order. Their size is that of all subjects and payloads, and of the memory that
/// they need besides.
class HeldMessages {
    struct Message {
        std::string subject, reply, bytes;
    };
    std::vector<Message> messages_;
    std::size_t bytes_ = 0;

  public:
    /// Stores a message. If the size would exceed `limit`, returns false.
    bool hold(const std::string& subject, const std::string& reply, std::string_view bytes,
              std::size_t limit) {
        const std::size_t size = sizeof(Message) + subject.size() + reply.size() + bytes.size();
        if (size > limit - bytes_) return false;
        messages_.push_back({subject, reply, std::string(bytes)});
        bytes_ += size;
        return true;
    }
    std::size_t size_in_bytes() const { return bytes_; }
    /// Removes all messages, and calls publish(subject, reply, bytes) for each.
    template <class Publish>
    void publish_all(Publish&& publish) {
        for (Message& each : messages_) {
            const Message message = std::move(each);  // freed before the next is copied
            publish(message.subject, message.reply, message.bytes);
        }
        constexpr std::size_t many = 4096;  // the memory for these is kept
        if (messages_.size() > many)
            messages_ = {};
        else
            messages_.clear();
        bytes_ = 0;
    }
};

}  // namespace crdt::nats::detail
