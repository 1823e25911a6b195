// SPDX-License-Identifier: MIT
//! Subscription: messages on a subject, handed over by a mailbox.
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

/// While it lives, `handler` is run for each message, in the thread that calls the mailbox's
/// deliver().
///
/// Errors  throws Error if the connection is closed
class Subscription {
  public:
    /// So many messages the library holds at most while the mailbox is full ...
    static constexpr int most_messages = 1 << 16;
    /// ... and so many bytes.
    static constexpr int most_bytes = 1 << 26;

    /// To `subject`, which may have wildcards; in a `queue`, each message goes to one of its
    /// members alone. `connection` and `mailbox` must outlive this.
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
        natsSubscription_SetPendingLimits(made, most_messages, most_bytes);
        complete_ = natsSubscription_SetOnCompleteCB(made, on_complete, this) != NATS_OK;
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription() {
        mailbox_->close(handler_, [this] {
            natsSubscription_Unsubscribe(subscription_.get());
            std::unique_lock lock(mutex_);
            completion_.wait(lock, [this] { return complete_; });
        });
    }

    /// Has the server send no more; what it has sent is handed over yet.
    void drain() { natsSubscription_Drain(subscription_.get()); }
    /// Has all been handed to the mailbox, after drain()?
    bool is_drained() {
        const std::lock_guard lock(mutex_);
        return complete_;
    }

    /// Messages that were lost here, as the mailbox was full for too long.
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
        me.mailbox_->put(me.handler_, Message(message));
    }
    /// No message comes any more.
    static void on_complete(void* closure) {
        Subscription& me = *static_cast<Subscription*>(closure);
        const std::lock_guard lock(me.mutex_);
        me.complete_ = true;
        me.completion_.notify_all();
    }
};

}  // namespace crdt::nats
