// SPDX-License-Identifier: MIT
//! PruningProposal and PruningPromise: the first phase of a pruning, at both ends.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <crdt/replication/message.hpp>
#include <crdt/replication/pruning_message.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::replication {

/// A proposal to prune writers, and the reports of the members that have answered. If a report is
/// still missing after `limit`, the proposal is over. It is made again later.
template <Prunable L, class PeerId>
class PruningProposal {
    using Writers = std::vector<typename L::id_type>;
    using Message = PruningMessage<L>;

    Writers writers_;
    std::uint64_t round_;
    Time until_;
    std::map<PeerId, L> reports_ = {};

  public:
    /// How long a proposal waits for reports.
    static constexpr Duration limit = std::chrono::milliseconds{10'000};

    /// Proposes to prune `writers`. `round` numbers the proposals of one member.
    PruningProposal(Writers writers, std::uint64_t round, Time now)
        : writers_(std::move(writers)), round_(round), until_(now + limit) {}

    /// The writers, in order.
    const Writers& writers() const { return writers_; }
    /// Is the proposal over at `now`, so that later reports do not count?
    bool is_over(Time now) const { return now >= until_; }
    /// Returns the message that requests a report.
    Message question(Generation generation) const {
        return {PruningKind::propose, generation, round_, writers_, {}, {}};
    }
    /// Records the report of the member `from`. Returns false if the report belongs to another
    /// proposal, or comes too late.
    bool on_report(const PeerId& from, const Message& report, Time now) {
        if (report.writers != writers_ || report.round != round_ || is_over(now)) return false;
        reports_.insert_or_assign(from, report.written);
        return true;
    }
    /// Has this member reported?
    bool has_report_of(const PeerId& id) const { return reports_.contains(id); }
    /// Joins the reports of `members` into `written`. Returns false if a report is missing.
    bool join_reports(const std::set<PeerId>& members, L& written) const {
        return std::all_of(members.begin(), members.end(), [&](const PeerId& id) {
            const auto report = reports_.find(id);
            if (report != reports_.end()) written.merge(report->second);
            return report != reports_.end();
        });
    }
};

/// The promise that a member makes with its report: it proposes nothing itself for the time
/// `limit`. A promise lasts longer than a proposal.
template <class PeerId>
class PruningPromise {
    std::optional<PeerId> to_;
    Time until_{};

  public:
    /// How long a promise lasts after the last request for a report.
    static constexpr Duration limit = std::chrono::milliseconds{20'000};

    /// Makes no promise.
    PruningPromise() = default;
    /// Makes a promise to the member `to`.
    PruningPromise(PeerId to, Time now) : to_(std::move(to)), until_(now + limit) {}

    /// Returns the member that has the promise, even if the promise has ended.
    const std::optional<PeerId>& to() const { return to_; }
    /// Returns the member that has the promise, or nothing if the promise has ended at `now`.
    std::optional<PeerId> holder(Time now) const { return now < until_ ? to_ : std::nullopt; }
};

}  // namespace crdt::replication
