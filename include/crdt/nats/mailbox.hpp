// SPDX-License-Identifier: MIT
//! Mailbox: what the library's threads have received, for the one thread that owns the state.
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

/// A bounded queue. Who puts into a full one waits: behind it the library queues up to the limits
/// of the subscription, and drops what is beyond.
///
/// Errors  deliver() hands what a handler throws to the function that the mailbox was made with,
///         and goes on with the next message, unless that function throws, too
class Mailbox {
  public:
    /// What is done with a message.
    using Handler = std::function<void(const Message&)>;
    /// What is done with an exception of a handler. It runs while the exception is handled: with
    /// `throw;` it lets it through, and the messages behind are lost.
    using OnError = std::function<void(const Message&, const std::exception&)>;
    /// It is full with so many messages ...
    static constexpr std::size_t most_messages = std::size_t{1} << 13U;
    /// ... or with so many bytes.
    static constexpr std::size_t most_bytes = std::size_t{1} << 24U;

    /// Without `on_error`, exceptions of handlers are let through.
    explicit Mailbox(OnError on_error = {})
        : on_error_(std::move(on_error)), file_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (file_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    ~Mailbox() { ::close(file_); }

    /// Readable while there is something to deliver: for poll(2).
    int file() const { return file_; }

    /// Of any thread: waits for room, and puts. Drops the message if `handler` takes no more.
    void put(const Handler& handler, Message message) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return has_room() || closed_ == &handler; });
        if (closed_ == &handler) return;
        bytes_ += message.data().size();
        waiting_.push_back({&handler, std::move(message)});
        if (waiting_.size() == 1) signal();
    }

    /// Of the owner's thread: hands over what there is. Returns how much that was.
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
    /// How many messages had a handler that threw.
    std::uint64_t errors() const { return errors_; }

    /// Of the owner's thread: from now on nothing is taken for `handler`, while `stop`, which ends
    /// those who put, runs. What there is for it is dropped.
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
        Message message;
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
    bool has_room() const { return waiting_.size() < most_messages && bytes_ < most_bytes; }
    void signal() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto size = ::write(file_, &one, sizeof one);
    }
};

}  // namespace crdt::nats
