// SPDX-License-Identifier: MIT
//! Mailbox: runs the handlers of messages, and rejects requests that have waited too long.
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

/// The messages of the subscriptions of one thread. If a subscription has no `reject` handler, the
/// next deliver() handles all its messages. If a subscription has a `reject` handler, its messages
/// are requests. They wait in a queue. Each deliver() spends a limited time on this queue. The
/// mailbox passes a request to `reject` if the queue is full, or if the request expects a reply and
/// has waited for max_wait. So under overload all requests are answered early, some with an error.
///
/// Threads  one thread, that of the owner
/// Errors   deliver() and put() pass an exception of a handler to `on_error` of the constructor. If
///          on_error returns, they continue with the next message
class Mailbox {
  public:
    /// A function that processes a message.
    using Handler = std::function<void(const NatsMessage&)>;
    /// A function that handles an exception of a handler. It runs inside the catch block, so
    /// `throw;` passes the exception on to the caller of deliver().
    using OnError = std::function<void(const NatsMessage&, const std::exception&)>;
    /// A subscription with its handlers.
    struct Source {
        /// The subscription in the C library. It may stay closed if all messages come from put().
        detail::SubscriptionHandle subscription;
        Handler handle;  ///< processes a message
        Handler reject;  ///< answers a request that is not handled; may be empty
    };

    /// The queue is full if it contains this number of requests.
    static constexpr std::size_t max_messages = std::size_t{1} << 16U;
    /// The queue is also full if a further request would make it larger than this number of bytes.
    static constexpr std::size_t max_bytes = std::size_t{1} << 26U;
    /// How long one deliver() may take before it begins no further request, unless its caller
    /// chooses another time.
    static constexpr replication::Duration max_turn = std::chrono::milliseconds{8};
    /// One deliver() handles this number of requests even if they take longer than that.
    static constexpr std::size_t min_batch = 64;
    /// After this time one deliver() begins no further request, even if there were fewer than
    /// min_batch. The owner must receive the replies to its pings every few seconds, even if
    /// requests take long.
    static constexpr replication::Duration longest_turn = std::chrono::milliseconds{200};
    /// A request that expects a reply is rejected if it has waited for this time.
    static constexpr replication::Duration max_wait = std::chrono::milliseconds{250};

    /// Makes an empty mailbox. If `on_error` is empty, deliver() throws the exceptions of handlers.
    explicit Mailbox(OnError on_error = {}) : on_error_(std::move(on_error)) {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Makes deliver() handle the messages of `source`, which must stay valid until remove().
    void add(const Source& source) { sources_.push_back(&source); }
    /// Removes `source` and drops its requests in the queue.
    void remove(const Source& source) {
        std::erase(sources_, &source);
        std::erase_if(queue_, [&](const Item& item) {
            if (item.source != &source) return false;
            bytes_ -= item.message.data().size();
            return true;
        });
    }

    /// Queues a request that has arrived at `now` by another way than a subscription. deliver()
    /// handles it like a request of `source`. But if the queue is full, this function rejects it.
    /// Precondition: `source` has a `reject` handler, and stays valid until remove().
    void put(const Source& source, NatsMessage message, replication::Time now) {
        arrived_ = now;
        receive(source, std::move(message));
    }
    /// Runs the handlers of all messages that were received so far, but handles requests only for
    /// about `turn`. Returns the number of messages that were handled or rejected. Precondition: no
    /// handler adds or removes a source.
    std::size_t deliver(replication::Duration turn = max_turn) {
        release();
        arrived_ = system::monotonic_now();
        std::size_t count = 0;
        for (const Source* source : sources_) {
            // Counts the messages first, because next() without a message would need a system call.
            for (std::uint64_t queued = source->subscription.queued(); queued > 0; --queued) {
                natsMsg* const message = source->subscription.next();
                if (message == nullptr) break;
                count += receive(*source, NatsMessage(message));
            }
        }
        return count + serve(turn);
    }
    /// Frees the messages that were handled. The C library frees messages in a thread of its own,
    /// which wakes for the first of them. So call release() once, when the owner is about to wait.
    /// The thread of the library then wakes only once.
    void release() { handled_.clear(); }
    /// Returns the arrival time of the message that a handler processes now.
    replication::Time arrived() const { return arrived_; }
    /// Do requests wait for the next deliver()?
    bool has_waiting() const { return !queue_.empty(); }
    /// Returns the number of exceptions that handlers have thrown.
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

    /// If `message` is a request and the queue has room, queues it and returns false. Otherwise
    /// handles or rejects it and returns true.
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
    /// Handles requests in the queue, the oldest first. Returns the number of handled and rejected
    /// requests.
    std::size_t serve(replication::Duration turn) {
        replication::Time now = system::monotonic_now();
        const replication::Time end = arrived_ + turn, last_end = now + longest_turn;
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
