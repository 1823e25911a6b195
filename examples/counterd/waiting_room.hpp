// SPDX-License-Identifier: MIT
//! WaitingRoom: requests that wait for news of peers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/replication/options.hpp>

#include "errors.hpp"
#include "request.hpp"

namespace counterd {

/// Requests that cannot be answered yet, each with the time when it is given up.
class WaitingRoom {
    using Time = crdt::replication::Time;
    using Duration = crdt::replication::Duration;

    struct Visitor {
        Time until;
        std::size_t bytes;
        std::function<bool()> try_answer;
        std::function<void()> give_up;
    };

    std::vector<Visitor> visitors_;
    std::size_t bytes_ = 0;
    bool news_ = false;

  public:
    static constexpr std::size_t most = 4096;
    /// In sum.
    static constexpr std::size_t most_bytes = std::size_t{1} << 24U;

    /// Throws Error if too many wait, or too much with so many bytes more.
    void expect_room(std::size_t bytes = 0) const {
        if (visitors_.size() >= most || bytes > most_bytes - bytes_)
            throw Error(ErrorCode::temporarily_unavailable, "too many requests wait here");
    }
    /// `try_answer` answers and returns true, now or after some news; else `give_up` is run when
    /// the time has come. Throws Error if too many wait, or too much: `bytes` are held meanwhile.
    void enter(Time until, std::function<bool()> try_answer, std::function<void()> give_up,
               std::size_t bytes = 0) {
        if (try_answer()) return;
        expect_room(bytes);
        visitors_.push_back({until, bytes, std::move(try_answer), std::move(give_up)});
        bytes_ += bytes;
    }
    /// What they wait for may have come.
    void tell_news() { news_ = true; }

    std::optional<Time> next_deadline() const {
        const auto first =
            std::min_element(visitors_.begin(), visitors_.end(),
                             [](const Visitor& a, const Visitor& b) { return a.until < b.until; });
        return first == visitors_.end() ? std::nullopt : std::optional(first->until);
    }
    void attend(Time now) {
        const bool news = std::exchange(news_, false);
        std::erase_if(visitors_, [&](const Visitor& visitor) {
            bool is_done = false;
            const auto error = error_of([&] {
                is_done = news && visitor.try_answer();
                if (is_done || visitor.until > now) return;
                is_done = true;
                visitor.give_up();
            });
            // Without memory for an answer there is none.
            if (!is_done && !error) return false;
            bytes_ -= visitor.bytes;
            return true;
        });
    }
};

}  // namespace counterd
