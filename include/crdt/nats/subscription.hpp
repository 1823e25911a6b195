// SPDX-License-Identifier: MIT
//! Subscription: delivers the messages of a subject through a mailbox.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/subscription_handle.hpp>

namespace crdt::nats {

/// A subscription, which lasts from construction to destruction. `handler` runs for each message,
/// in Mailbox::deliver().
///
/// Threads  construct, use and destroy it in the thread that owns the mailbox
/// Errors   the constructor throws NatsError if the subject or the queue is invalid, or if the
///          connection is closed. If the owner of the connection polls, a subscription of an outage
///          begins later; if it is invalid, that is logged then
class Subscription {
  public:
    /// Until Mailbox::deliver(), the C library queues at most this number of messages.
    static constexpr int max_messages = detail::SubscriptionHandle::max_messages;
    /// Until Mailbox::deliver(), the C library queues at most this number of bytes.
    static constexpr int max_bytes = detail::SubscriptionHandle::max_bytes;

    /// Subscribes to `subject`, which may have wildcards, now and after each reconnection. With a
    /// `queue`, the server sends each message to one member of that queue. With `reject`, the
    /// messages are requests; see Mailbox. `connection` and `mailbox` must outlive this object.
    Subscription(Connection& connection, Mailbox& mailbox, const std::string& subject,
                 Mailbox::Handler handler, const std::string& queue = "",
                 Mailbox::Handler reject = {})
        : connection_(&connection),
          mailbox_(&mailbox),
          source_{{subject, queue}, std::move(handler), std::move(reject)} {
        mailbox_->add(source_);
        try {
            connection_->add(source_.subscription);
        } catch (...) {
            mailbox_->remove(source_);
            throw;
        }
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    /// Unsubscribes and drops queued messages.
    ~Subscription() {
        mailbox_->remove(source_);
        connection_->remove(source_.subscription);
    }

    /// Unsubscribes. Messages that the server has already sent are still delivered.
    void drain() { source_.subscription.drain(); }
    /// Returns whether the mailbox has received all messages after drain().
    bool is_drained() const { return source_.subscription.is_drained(); }

    /// The number of messages that the C library has dropped because its queue was full.
    std::uint64_t dropped() const { return source_.subscription.dropped(); }

  private:
    Connection* connection_;
    Mailbox* mailbox_;
    Mailbox::Source source_;
};

}  // namespace crdt::nats
