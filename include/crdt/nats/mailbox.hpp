// SPDX-License-Identifier: MIT
//! Mailbox: runs the handlers of received messages, and rejects requests that have waited too long.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include <crdt/nats/message.hpp>
#include <crdt/nats/subscription_handle.hpp>
#include <crdt/replication/time.hpp>
#include <crdt/system/clock.hpp>

namespace crdt::nats {

/// The messages of the subscriptions of one thread. There are two classes of subscriptions. A
/// message for a subscription without a `reject` handler is handled by the next deliver().
/// Requests, which have one, queue up: each deliver() handles them for max_turn. A request is
/// passed to `reject` if the queue is full, or if it expects a reply and has waited for max_wait.
/// So under overload all requests are answered early, some with an error.
///
/// Threads  one thread, the owner's
/// Errors   deliver() passes the exception of a handler to `on_error` of the constructor and
///          continues with the next message, unless on_error throws
class Mailbox {
  public:
    /// Processes a message.
    using Handler = std::function<void(const NatsMessage&)>;
    /// Handles an exception of a handler. It runs inside the catch block, so `throw;` passes the
    /// exception to the caller of deliver().
    using OnError = std::function<void(const NatsMessage&, const std::exception&)>;
    /// A subscription, and its handlers.
    struct Source {
        detail::SubscriptionHandle subscription;  ///< the C library's side
        Handler handle;                           ///< processes a message
        Handler reject;  ///< answers a request that is not handled; may be empty
    };

    /// The queue is full if it has this number of requests.
    static constexpr std::size_t max_messages = std::size_t{1} << 16U;
    /// The queue is also full if its requests have this number of bytes.
    static constexpr std::size_t max_bytes = std::size_t{1} << 26U;
    /// The time for requests in one deliver().
    static constexpr replication::Duration max_turn = std::chrono::milliseconds{8};
    /// The number of requests that one deliver() handles even if they take longer than max_turn.
    static constexpr std::size_t min_batch = 64;
    /// After this time one deliver() begins no further request. The owner must receive the replies
    /// to its pings every few seconds, however long its requests take.
    static constexpr replication::Duration longest_turn = std::chrono::milliseconds{200};
    /// A request that expects a reply is handled within this time, or rejected.
    static constexpr replication::Duration max_wait = std::chrono::milliseconds{250};

    /// Without `on_error`, deliver() throws what a handler throws.
    explicit Mailbox(OnError on_error = {}) : on_error_(std::move(on_error)) {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Begins to take the messages of `source`, which must stay valid until remove().
    void add(const Source& source) { sources_.push_back(&source); }
    /// Drops the messages of `source`.
    void remove(const Source& source) {
        std::erase(sources_, &source);
        std::erase_if(queue_, [&](const Item& item) {
            if (item.source != &source) return false;
            bytes_ -= item.message.data().size();
            return true;
        });
    }

    /// Runs the handlers of the messages that were received by now, but requests only for max_turn.
    /// Returns the number of messages. Precondition: no handler adds or removes a source.
    std::size_t deliver() {
        release();
        arrived_ = system::monotonic_now();
        std::size_t count = 0;
        for (const Source* source : sources_) {
            // The C library calls the system to find out that there is no next message.
            for (std::uint64_t queued = source->subscription.queued(); queued > 0; --queued) {
                natsMsg* const message = source->subscription.next();
                if (message == nullptr) break;
                count += receive(*source, NatsMessage(message));
            }
        }
        return count + serve();
    }
    /// Frees the messages that were handled. The C library does that in a thread of its own, which
    /// it wakes for a message if that thread is idle. So call this at the end of a turn, and the
    /// thread wakes once, while this one waits.
    void release() { handled_.clear(); }
    /// When the message arrived that is being handled.
    replication::Time arrived() const { return arrived_; }
    /// Whether requests wait for the next deliver().
    bool has_waiting() const { return !queue_.empty(); }
    /// The number of exceptions of handlers.
    std::uint64_t errors() const { return errors_; }

  private:
    struct Item {
        const Source* source;
        NatsMessage message;
        replication::Time arrived;
    };

    OnError on_error_;
    std::uint64_t errors_ = 0;
    std::vector<const Source*> sources_;
    std::deque<Item> queue_;
    std::vector<NatsMessage> handled_;
    std::size_t bytes_ = 0;
    replication::Time arrived_{};

    /// Returns whether the message was handled or rejected.
    bool receive(const Source& source, NatsMessage message) {
        const std::size_t size = message.data().size();
        const bool is_full = queue_.size() >= max_messages || size > max_bytes - bytes_;
        if (!source.reject || is_full) {
            run(source.reject ? source.reject : source.handle, std::move(message));
            return true;
        }
        queue_.push_back({&source, std::move(message), arrived_});
        bytes_ += size;
        return false;
    }
    /// Handles requests, the oldest first.
    std::size_t serve() {
        replication::Time now = system::monotonic_now();
        const replication::Time end = arrived_ + max_turn, last_end = now + longest_turn;
        std::size_t count = 0;
        for (; !queue_.empty() && now < (count < min_batch ? last_end : end); ++count) {
            Item item = std::move(queue_.front());
            queue_.pop_front();
            bytes_ -= item.message.data().size();
            arrived_ = item.arrived;
            const bool is_late = now - arrived_ >= max_wait && !item.message.reply().empty();
            run(is_late ? item.source->reject : item.source->handle, std::move(item.message));
            now = system::monotonic_now();
        }
        return count;
    }
    void run(const Handler& handler, NatsMessage received) {
        const NatsMessage& message = handled_.emplace_back(std::move(received));
        try {
            handler(message);
        } catch (const std::exception& error) {
            ++errors_;
            if (!on_error_) throw;
            on_error_(message, error);
        }
    }
};

}  // namespace crdt::nats
