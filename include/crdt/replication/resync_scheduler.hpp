// SPDX-License-Identifier: MIT
//! ResyncScheduler: which peer is sent a request next.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/random.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// Decides across all links. One neighbour at a time is sent a first request. The next one follows
/// when that neighbour has answered, or should have; it is then sent a request for the little
/// that the answer lacked. While a large answer arrives, no neighbour is sent a first
/// request. While a neighbour is silent, a random other member is sent a request now and then: no
/// part of an overlay is cut off while there is a way around.
class ResyncScheduler {
    Time resync_hold_until_{};
    /// Until then the neighbour that was sent a first request last may answer.
    Time awaited_until_{};
    Time repaired_at_{};

  public:
    /// In which a neighbour that was sent a first request should have answered.
    static constexpr Duration head_start = std::chrono::milliseconds{400};

    /// Until then a neighbour is sending, or prepares, what others would send as well.
    Time resync_hold_until() const { return resync_hold_until_; }
    /// Holds until `until`, instead of any other time.
    void hold(Time until) { resync_hold_until_ = until; }

    /// A neighbour is sent its first request, and should answer until then.
    void on_first_request(Time answer_due) { awaited_until_ = answer_due; }
    /// A neighbour that was sent a request has answered.
    void on_answer() { awaited_until_ = {}; }
    /// When the next neighbour may be sent a first request.
    Time next_first_request() const { return (std::max)(resync_hold_until_, awaited_until_); }

    /// Sets the request timers of the links that need one and have none: a random one is first.
    template <class Links>
    void schedule(Links& links, Random& random, Time now) const {
        std::vector<typename Links::mapped_type*> unscheduled;
        bool is_under_way = false;
        for (auto& [id, link] : links) {
            if (link.needs_request() && !link.is_request_scheduled()) unscheduled.push_back(&link);
            is_under_way |= link.is_requesting();
        }
        if (unscheduled.empty()) return;
        std::swap(unscheduled.front(), unscheduled[random.below(unscheduled.size())]);
        Time from = is_under_way ? now + head_start : now;
        for (auto* link : unscheduled) {
            link->schedule_request(from + random_below(random, head_start / 2));
            from = now + head_start;
        }
    }

    /// When a member that is no neighbour is sent a request, or nothing if no neighbour is silent.
    template <class Links>
    std::optional<Time> repair_deadline(const Links& links, const Options& options) const {
        bool has_silent = false, has_others = false;
        for (const auto& [id, link] : links) {
            has_silent |= link.is_silent();
            has_others |= !link.is_neighbour();
        }
        if (!has_silent || !has_others) return std::nullopt;
        return repaired_at_ + options.retry_limit;
    }
    /// Sends a request to such a member. Precondition: there is a repair_deadline().
    template <class Links>
    void repair(Links& links, Random& random, const Options& options, Time now) {
        std::vector<typename Links::mapped_type*> others;
        for (auto& [id, link] : links) {
            if (!link.is_neighbour()) others.push_back(&link);
        }
        others[random.below(others.size())]->begin_repair(now);
        repaired_at_ = now + random_below(random, options.retry_limit);
    }
};

}  // namespace crdt::replication
