// SPDX-License-Identifier: MIT
//! SubscriptionHandle: a subscription of the C library, which is made again on each new connection.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <crdt/nats/handle.hpp>

namespace crdt::nats::detail {

/// A subscription to one subject. The owner takes its messages by next(). The subscription is open
/// while there is a connection.
///
/// Threads  one thread
class SubscriptionHandle {
    std::string subject_, queue_;
    Handle<natsSubscription, natsSubscription_Destroy> open_;
    /// The numbers of messages that were dropped on earlier connections, and on this connection.
    /// The C library returns the second number only for an open subscription, so it is read often.
    std::uint64_t dropped_before_ = 0;
    mutable std::uint64_t dropped_now_ = 0;
    bool drains_ = false;

    void update_dropped() const {
        std::int64_t count = 0;
        if (open_ && natsSubscription_GetDropped(open_.get(), &count) == NATS_OK)
            dropped_now_ = static_cast<std::uint64_t>(count);
    }

  public:
    /// The C library queues at most this number of messages for the owner.
    static constexpr int max_messages = 1 << 16;
    /// The C library queues at most this number of bytes for the owner.
    static constexpr int max_bytes = 1 << 26;

    SubscriptionHandle(std::string subject, std::string queue)
        : subject_(std::move(subject)), queue_(std::move(queue)) {}

    /// Subscribes on `connection`. After drain(), does nothing. Throws NatsError if the connection
    /// is closed, or if the subject or the queue is invalid.
    void open(natsConnection* connection) {
        if (drains_) return;
        natsSubscription* made = nullptr;
        expect_ok(queue_.empty() ? natsConnection_SubscribeSync(&made, connection, subject_.c_str())
                                 : natsConnection_QueueSubscribeSync(
                                       &made, connection, subject_.c_str(), queue_.c_str()),
                  "subscribing to " + subject_);
        open_.reset(made);
        natsSubscription_SetPendingLimits(made, max_messages, max_bytes);
    }
    /// Waits until no thread of the C library uses the subscription any more; see detail::stop().
    void stop(natsConnection* connection) {
        if (open_) detail::stop(connection, open_.get());
    }
    /// Closes the subscription. The messages in the queue are lost.
    void close() {
        dropped_before_ += std::exchange(dropped_now_, 0);
        open_.reset();
    }

    /// Unsubscribes. next() still returns the messages that the server has already sent.
    void drain() {
        drains_ = true;
        if (open_) natsSubscription_Drain(open_.get());
    }
    /// Was drain() called, and were all messages taken?
    bool is_drained() const {
        return drains_ && (!open_ || natsSubscription_DrainCompletionStatus(open_.get()) !=
                                         NATS_ILLEGAL_STATE);
    }

    /// Returns the number of messages in the queue.
    std::uint64_t queued() const {
        std::uint64_t count = 0;
        if (open_) natsSubscription_QueuedMsgs(open_.get(), &count);
        if (count > 0) update_dropped();
        return count;
    }
    /// Takes a message from the queue. Returns null if there is none.
    natsMsg* next() const {
        natsMsg* message = nullptr;
        // After messages were dropped, the first call reports this and returns no message.
        if (open_ && natsSubscription_NextMsg(&message, open_.get(), 0) == NATS_SLOW_CONSUMER)
            natsSubscription_NextMsg(&message, open_.get(), 0);
        return message;
    }
    /// Returns the number of messages that the C library has dropped because its queue was full.
    /// Messages dropped shortly before a connection was lost may be missing in this number.
    std::uint64_t dropped() const {
        update_dropped();
        return dropped_before_ + dropped_now_;
    }
};

}  // namespace crdt::nats::detail
