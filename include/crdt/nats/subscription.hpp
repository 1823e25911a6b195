// SPDX-License-Identifier: MIT
//! Subscription: delivers the messages of a subject through a mailbox.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/handle.hpp>
#include <crdt/nats/mailbox.hpp>

namespace crdt::nats {

/// A subscription, which lasts from construction to destruction. `handler` runs for each message,
/// in Mailbox::deliver().
///
/// Threads  construct, use and destroy it in the thread that owns the mailbox
/// Errors   the constructor throws NatsError if the connection is closed
class Subscription {
  public:
    /// Until Mailbox::deliver(), the C library queues at most this number of messages.
    static constexpr int max_messages = 1 << 16;
    /// Until Mailbox::deliver(), the C library queues at most this number of bytes.
    static constexpr int max_bytes = 1 << 26;

    /// Subscribes to `subject`, which may have wildcards. With a `queue`, the server sends each
    /// message to one member of that queue. With `reject`, the messages are requests; see Mailbox.
    /// `connection` and `mailbox` must outlive this object.
    Subscription(Connection& connection, Mailbox& mailbox, const std::string& subject,
                 Mailbox::Handler handler, const std::string& queue = "",
                 Mailbox::Handler reject = {})
        : mailbox_(&mailbox), source_{nullptr, std::move(handler), std::move(reject)} {
        natsConnection* const handle = connection.handle();
        const natsStatus status =
            queue.empty()
                ? natsConnection_SubscribeSync(&source_.subscription, handle, subject.c_str())
                : natsConnection_QueueSubscribeSync(&source_.subscription, handle, subject.c_str(),
                                                    queue.c_str());
        detail::expect_ok(status, "subscribing to " + subject);
        subscription_.reset(source_.subscription);
        natsSubscription_SetPendingLimits(source_.subscription, max_messages, max_bytes);
        mailbox_->add(source_);
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    /// Unsubscribes and drops queued messages.
    ~Subscription() { mailbox_->remove(source_); }

    /// Unsubscribes. Messages that the server has already sent are still delivered.
    void drain() { natsSubscription_Drain(source_.subscription); }
    /// Returns whether the mailbox has received all messages after drain().
    bool is_drained() const {
        return natsSubscription_DrainCompletionStatus(source_.subscription) != NATS_ILLEGAL_STATE;
    }

    /// The number of messages that the C library has dropped because its queue was full.
    std::uint64_t dropped() const {
        std::int64_t count = 0;
        natsSubscription_GetDropped(source_.subscription, &count);
        return static_cast<std::uint64_t>(count);
    }

  private:
    Mailbox* mailbox_;
    Mailbox::Source source_;
    detail::Handle<natsSubscription, natsSubscription_Destroy> subscription_;
};

}  // namespace crdt::nats
