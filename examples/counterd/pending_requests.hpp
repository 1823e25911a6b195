// SPDX-License-Identifier: MIT
//! PendingRequests: requests that wait for acks of peers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <crdt/replication/time.hpp>

#include "errors.hpp"
#include "request.hpp"

namespace counterd {

/// Returns the size of a pending request: the number of bytes that the client sent and the node
/// keeps.
inline std::size_t waiting_bytes(const std::string& name, const std::string& session,
                                 const std::string& reply) {
    return name.size() + session.size() + reply.size();
}

/// The pending requests. Each has a deadline.
class PendingRequests {
    using Time = crdt::replication::Time;
    using Duration = crdt::replication::Duration;

    struct Pending {
        Time until;
        std::size_t bytes;
        std::function<bool()> try_answer;
        std::function<void()> give_up;
    };

    std::vector<Pending> pending_;
    std::size_t bytes_ = 0;
    bool is_notified_ = false;

  public:
    static constexpr std::size_t max_size = 4096;
    /// The limit of the total size of all requests, in bytes.
    static constexpr std::size_t max_bytes = std::size_t{1} << 24U;

    /// Throws Error if there are too many requests, or if `bytes` more bytes would exceed the
    /// limit.
    void expect_room(std::size_t bytes = 0) const {
        if (pending_.size() >= max_size || bytes > max_bytes - bytes_)
            throw Error(ErrorCode::temporarily_unavailable,
                        "too many pending requests at this node");
    }
    /// Adds a request of `bytes` bytes. `try_answer` is called now, and at each poll() after
    /// notify(). It must answer the request and return true, or return false. `give_up` is called
    /// at the deadline. Throws Error if too many requests wait, or if they are too large together.
    void enter(Time until, std::function<bool()> try_answer, std::function<void()> give_up,
               std::size_t bytes = 0) {
        if (try_answer()) return;
        expect_room(bytes);
        pending_.push_back({until, bytes, std::move(try_answer), std::move(give_up)});
        bytes_ += bytes;
    }
    /// Makes the next poll() try all requests again.
    void notify() { is_notified_ = true; }

    std::optional<Time> next_deadline() const {
        const auto first =
            std::min_element(pending_.begin(), pending_.end(),
                             [](const Pending& a, const Pending& b) { return a.until < b.until; });
        return first == pending_.end() ? std::nullopt : std::optional(first->until);
    }
    void poll(Time now) {
        const bool was_notified = std::exchange(is_notified_, false);
        std::erase_if(pending_, [&](const Pending& pending) {
            bool is_done = false;
            const auto error = error_of([&] {
                is_done = was_notified && pending.try_answer();
                if (is_done || pending.until > now) return;
                is_done = true;
                pending.give_up();
            });
            // If there is no memory for an answer, the request ends unanswered.
            if (!is_done && !error) return false;
            bytes_ -= pending.bytes;
            return true;
        });
    }
};

}  // namespace counterd
