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

#include "request.hpp"

namespace counterd {

/// Requests that can not be answered yet, each with the time when it is given up.
class WaitingRoom {
    using Time = crdt::replication::Time;

    struct Visitor {
        Time until;
        std::function<bool()> try_answer;
        std::function<void()> give_up;
    };

    std::vector<Visitor> visitors_;
    bool news_ = false;

  public:
    static constexpr std::size_t most = 4096;

    /// Throws Error if too many wait.
    void expect_room() const {
        if (visitors_.size() >= most)
            throw Error(ErrorCode::temporarily_unavailable, "too many requests wait here");
    }
    /// `try_answer` answers and returns true, now or after some news; else `give_up` is run when
    /// the time has come. Throws Error if too many wait.
    void enter(Time until, std::function<bool()> try_answer, std::function<void()> give_up) {
        if (try_answer()) return;
        expect_room();
        visitors_.push_back({until, std::move(try_answer), std::move(give_up)});
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
            if (news && visitor.try_answer()) return true;
            if (visitor.until > now) return false;
            visitor.give_up();
            return true;
        });
    }
};

}  // namespace counterd
