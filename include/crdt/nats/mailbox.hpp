// SPDX-License-Identifier: MIT
//! Mailbox: moves messages from the threads of the C library to the thread that owns the state.
#pragma once

#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#include <crdt/nats/message.hpp>

namespace crdt::nats {

/// A bounded queue of messages. While it is full, put() blocks. The C library then queues messages
/// up to the limits of the subscription, and drops further ones.
///
/// Threads  put() is for any thread, all other members are for the owner's
/// Errors   deliver() passes the exception of a handler to `on_error` of the constructor and
///          continues with the next message, unless on_error throws
class Mailbox {
  public:
    /// Processes a message.
    using Handler = std::function<void(const NatsMessage&)>;
    /// Handles an exception of a handler. It runs inside the catch block, so `throw;` passes the
    /// exception to the caller of deliver(). In that case the messages after this one are lost.
    using OnError = std::function<void(const NatsMessage&, const std::exception&)>;
    /// The mailbox is full if it has this number of messages.
    static constexpr std::size_t max_messages = std::size_t{1} << 13U;
    /// The mailbox is also full if its messages have this number of bytes.
    static constexpr std::size_t max_bytes = std::size_t{1} << 24U;

    /// Without `on_error`, deliver() throws what a handler throws. The constructor throws
    /// std::system_error if it cannot create an eventfd.
    explicit Mailbox(OnError on_error = {})
        : on_error_(std::move(on_error)), file_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (file_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    /// All subscriptions of this mailbox must have been destroyed.
    ~Mailbox() { ::close(file_); }

    /// A file descriptor for poll(2). It is readable while messages are queued.
    int file() const { return file_; }

    /// Queues a message. Blocks while the mailbox is full. Drops the message if close() runs for
    /// `handler`.
    void put(const Handler& handler, NatsMessage message) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return has_room() || closed_ == &handler; });
        if (closed_ == &handler) return;
        bytes_ += message.data().size();
        waiting_.push_back({&handler, std::move(message)});
        if (waiting_.size() == 1) signal();
    }

    /// Runs the handlers of all queued messages. Returns the number of messages.
    std::size_t deliver() {
        std::vector<Item> items;
        {
            const std::lock_guard lock(mutex_);
            std::uint64_t ignored = 0;
            [[maybe_unused]] const auto size = ::read(file_, &ignored, sizeof ignored);
            items.swap(waiting_);
            bytes_ = 0;
        }
        room_.notify_all();
        for (const Item& item : items) run(item);
        return items.size();
    }
    /// The number of exceptions of handlers.
    std::uint64_t errors() const { return errors_; }

    /// Drops all messages for `handler`: the messages in the queue, and the messages that put()
    /// receives while `stop` runs. After `stop` has returned, no thread may call put() for
    /// `handler`.
    void close(const Handler& handler, const std::function<void()>& stop) {
        {
            const std::lock_guard lock(mutex_);
            closed_ = &handler;
        }
        room_.notify_all();
        stop();
        const std::lock_guard lock(mutex_);
        std::erase_if(waiting_, [&](const Item& item) { return item.handler == &handler; });
        closed_ = nullptr;
    }

  private:
    struct Item {
        const Handler* handler;
        NatsMessage message;
    };

    OnError on_error_;
    std::uint64_t errors_ = 0;
    int file_;
    std::mutex mutex_;
    std::condition_variable room_;
    std::vector<Item> waiting_;
    std::size_t bytes_ = 0;
    const Handler* closed_ = nullptr;

    void run(const Item& item) {
        try {
            (*item.handler)(item.message);
        } catch (const std::exception& error) {
            ++errors_;
            if (!on_error_) throw;
            on_error_(item.message, error);
        }
    }
    bool has_room() const { return waiting_.size() < max_messages && bytes_ < max_bytes; }
    void signal() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto size = ::write(file_, &one, sizeof one);
    }
};

}  // namespace crdt::nats
