// SPDX-License-Identifier: MIT
//! RequestWindow: decides how long a node keeps the records of requests.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <crdt/replication/time.hpp>

namespace counterd {

/// The requests of which a node keeps records, in the order of arrival. A node erases its own
/// records after the time `length`, or earlier if they are too many or too large. A record of
/// another node is normally erased by that node. In case the other node no longer exists, this node
/// erases the record after twice that time, or earlier if they are too many.
class RequestWindow {
    using Time = crdt::replication::Time;
    using Duration = crdt::replication::Duration;

    struct Entry {
        Time until;
        std::string request;
        std::size_t bytes;
    };
    std::deque<Entry> own_, others_;
    std::size_t own_bytes_ = 0;

  public:
    /// The time for which a node keeps its records.
    static constexpr Duration length = std::chrono::seconds{120};
    /// The limits of a node's own records.
    static constexpr std::size_t max_size = std::size_t{1} << 16U,
                                 max_bytes = std::size_t{1} << 24U;
    /// The limit of the records of all other nodes together.
    static constexpr std::size_t max_others = 8 * max_size;

    /// Returns the number of records in the window.
    std::size_t size() const { return own_.size() + others_.size(); }

    /// Adds a record of `bytes` bytes. `is_own` is true if this node wrote the record.
    void enter(std::string request, bool is_own, std::size_t bytes, Time now) {
        if (is_own) own_bytes_ += bytes;
        (is_own ? own_ : others_)
            .push_back({now + (is_own ? length : 2 * length), std::move(request), bytes});
    }
    /// Removes from the window the requests with records that must be erased, and returns them, at
    /// most `limit`.
    std::vector<std::string> leave(Time now, std::size_t limit) {
        std::vector<std::string> left;
        while (left.size() < limit && !own_.empty() &&
               (own_.front().until <= now || own_.size() > max_size || own_bytes_ > max_bytes)) {
            own_bytes_ -= own_.front().bytes;
            left.push_back(std::move(own_.front().request));
            own_.pop_front();
        }
        while (left.size() < limit && !others_.empty() &&
               (others_.front().until <= now || others_.size() > max_others)) {
            left.push_back(std::move(others_.front().request));
            others_.pop_front();
        }
        return left;
    }
};

}  // namespace counterd
