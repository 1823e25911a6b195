// SPDX-License-Identifier: MIT
//! ResyncScheduler: decides which peer is sent a request next.
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

/// Decides for all links when requests are sent. First requests are sent to one neighbour at a
/// time. The next neighbour is sent its first request when the neighbour before has answered, or
/// should have answered. By then this replica lacks little, so the next answer is small. While a
/// large answer arrives, no first request is sent. While a neighbour is silent, a random member
/// that is not a neighbour is sent a request now and then. So changes can arrive by another path.
class ResyncScheduler {
    Time resync_hold_until_{};
    /// The neighbour to which the last first request was sent may answer until this time.
    Time awaited_until_{};
    Time repaired_at_{};

  public:
    /// The time in which a neighbour should answer its first request.
    static constexpr Duration head_start = std::chrono::milliseconds{400};

    /// Returns the time until which requests wait, because a neighbour is sending or preparing a
    /// large answer. Other neighbours would send the same data.
    Time resync_hold_until() const { return resync_hold_until_; }
    /// Makes requests wait until `until`. Replaces an earlier setting.
    void hold(Time until) { resync_hold_until_ = until; }

    /// A neighbour is sent its first request, and should answer before `answer_due`.
    void on_first_request(Time answer_due) { awaited_until_ = answer_due; }
    /// A neighbour has answered a request.
    void on_answer() { awaited_until_ = {}; }
    /// Returns when the next neighbour may be sent a first request.
    Time next_first_request() const { return (std::max)(resync_hold_until_, awaited_until_); }

    /// Schedules a request on each link that needs a request and has none scheduled. A random link
    /// is first.
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

    /// Returns when a member that is not a neighbour is sent a request, or nothing if no neighbour
    /// is silent.
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
    /// Schedules a request at `now` to a random member that is not a neighbour. Precondition:
    /// repair_deadline() returns a time.
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
