// SPDX-License-Identifier: MIT
//! Subscription: delivers the messages of a subject through a mailbox.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include <crdt/nats/connection.hpp>
#include <crdt/nats/handle.hpp>
#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/message.hpp>

namespace crdt::nats {

/// A subscription, which lasts from construction to destruction. `handler` runs for each message,
/// in the thread that calls Mailbox::deliver().
///
/// Threads  construct, use and destroy it in the thread that owns the mailbox
/// Errors   the constructor throws NatsError if the connection is closed
class Subscription {
  public:
    /// While the mailbox is full, the C library queues at most this number of messages.
    static constexpr int max_messages = 1 << 16;
    /// While the mailbox is full, the C library queues at most this number of bytes.
    static constexpr int max_bytes = 1 << 26;

    /// Subscribes to `subject`, which may have wildcards. With a `queue`, the server sends each
    /// message to one member of that queue. `connection` and `mailbox` must outlive this object.
    Subscription(Connection& connection, Mailbox& mailbox, const std::string& subject,
                 Mailbox::Handler handler, const std::string& queue = "")
        : mailbox_(&mailbox), handler_(std::move(handler)) {
        natsSubscription* made = nullptr;
        const natsStatus status =
            queue.empty()
                ? natsConnection_Subscribe(&made, connection.handle(), subject.c_str(), on_message,
                                           this)
                : natsConnection_QueueSubscribe(&made, connection.handle(), subject.c_str(),
                                                queue.c_str(), on_message, this);
        detail::expect_ok(status, "subscribing to " + subject);
        subscription_.reset(made);
        natsSubscription_SetPendingLimits(made, max_messages, max_bytes);
        complete_ = natsSubscription_SetOnCompleteCB(made, on_complete, this) != NATS_OK;
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    /// Unsubscribes and drops queued messages. Blocks until the C library has ended its last call.
    ~Subscription() {
        mailbox_->close(handler_, [this] {
            natsSubscription_Unsubscribe(subscription_.get());
            std::unique_lock lock(mutex_);
            completion_.wait(lock, [this] { return complete_; });
        });
    }

    /// Unsubscribes. Messages that the server has already sent are still delivered.
    void drain() { natsSubscription_Drain(subscription_.get()); }
    /// Returns whether the mailbox has received all messages after drain().
    bool is_drained() {
        const std::lock_guard lock(mutex_);
        return complete_;
    }

    /// The number of messages that the C library has dropped because the mailbox was full.
    std::uint64_t dropped() const {
        std::int64_t count = 0;
        natsSubscription_GetDropped(subscription_.get(), &count);
        return static_cast<std::uint64_t>(count);
    }

  private:
    Mailbox* mailbox_;
    Mailbox::Handler handler_;
    std::mutex mutex_;
    std::condition_variable completion_;
    bool complete_ = false;
    detail::Handle<natsSubscription, natsSubscription_Destroy> subscription_;

    static void on_message(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
        Subscription& me = *static_cast<Subscription*>(closure);
        me.mailbox_->put(me.handler_, NatsMessage(message));
    }
    /// The C library calls this last for this subscription.
    static void on_complete(void* closure) {
        Subscription& me = *static_cast<Subscription*>(closure);
        const std::lock_guard lock(me.mutex_);
        me.complete_ = true;
        me.completion_.notify_all();
    }
};

}  // namespace crdt::nats
