// SPDX-License-Identifier: MIT
//! Subscription: delivers the messages of a subject through a Mailbox.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/subscription_handle.hpp>

namespace crdt::nats {

/// A subscription to a subject, from construction to destruction. Mailbox::deliver() runs its
/// handler for each message.
///
/// Threads  construct, use and destroy a Subscription in the thread that owns the mailbox
/// Errors   the constructor throws NatsError if the subject or the queue is invalid, or if the
///          connection is closed. If the owner of the connection polls, it can also subscribe
///          during an outage. Such a subscription begins after the reconnection. If its subject is
///          invalid, an error is logged at that time
class Subscription {
  public:
    /// The C library queues at most this number of messages until the next Mailbox::deliver().
    static constexpr int max_messages = detail::SubscriptionHandle::max_messages;
    /// The C library queues at most this number of bytes until the next Mailbox::deliver().
    static constexpr int max_bytes = detail::SubscriptionHandle::max_bytes;

    /// Subscribes to `subject`, which may have wildcards, now and after each reconnection.
    /// `handler` runs for each message. If `queue` is not empty, the server sends each message to
    /// only one of the subscriptions with this queue. If `reject` is not empty, the messages are
    /// requests; see Mailbox. `connection` and `mailbox` must outlive this object.
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
    /// Unsubscribes and drops queued messages. If a thread of the C library reads the connection,
    /// waits for one round trip to the server, at most two seconds.
    ~Subscription() {
        mailbox_->remove(source_);
        connection_->remove(source_.subscription);
    }

    /// Unsubscribes. Messages that the server has already sent are still delivered.
    void drain() { source_.subscription.drain(); }
    /// Was drain() called, and has the mailbox taken all messages?
    bool is_drained() const { return source_.subscription.is_drained(); }

    /// Returns the number of messages that the C library has dropped because its queue was full.
    std::uint64_t dropped() const { return source_.subscription.dropped(); }

  private:
    Connection* connection_;
    Mailbox* mailbox_;
    Mailbox::Source source_;
};

}  // namespace crdt::nats
