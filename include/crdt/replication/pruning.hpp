// SPDX-License-Identifier: MIT
//! Pruning: collapses the slots of departed replicas into one slot, in two phases.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/pruning_history.hpp>
#include <crdt/replication/pruning_host.hpp>
#include <crdt/replication/pruning_message.hpp>
#include <crdt/replication/pruning_proposal.hpp>

namespace crdt::replication {

/// Prunes departed writers at one member. In phase one, the member with the smallest id (the first
/// member) requests the slots of the departed writers from all other members. Together the members
/// have every write that is left in the cluster. The first member adds these writes up in one
/// surviving slot. In phase two, the other members receive its commit, one after the other. Each
/// member then replaces the departed slots by the surviving slot, and begins a new generation.
/// Messages of another generation are not joined, so no late message brings a departed slot back.
/// Each member that has the commit sends it until all members have it, so any member may fail.
///
/// A commit contains its history: the writers that were pruned lately. So a replica that has missed
/// several prunings needs only the last commit. If the replica has missed more than the history
/// contains, its host starts over. If the replica's own writer was pruned, its writes are replaced
/// by those that the members had received, and the replica must continue under another id.
///
/// While is_collecting() is true, the member must not change the slots of other writers, for
/// example by a reset. If it has already sent its slots to the first member, these lack the change.
///
/// Use     set_members(), retire(), on_message(), and on_tick() at next_deadline(). The members
///         must be those of the replicator, and the same everywhere. Call on_generation() for each
///         message that the replicator has ignored
/// Cost    four messages to each member, and a resynchronisation of each pair
/// Errors  if the total would overflow a slot, nothing is pruned
/// Source  two-phase commit (Gray: Notes on data base operating systems, 1978), which here any
///         member can complete. Pruning of counters: Almeida, Baquero: Scalable eventually
///         consistent counters over unreliable networks (Distributed Computing 2019)
template <Prunable L, PruningHost<L> Host, Key PeerId = std::string>
class Pruner {
    using Writer = typename L::id_type;
    using Writers = std::vector<Writer>;

  public:
    /// The messages that a Pruner sends and receives.
    using Message = PruningMessage<L>;
    /// The generations in which writers were pruned.
    using History = typename Message::History;
    /// A message and its receiver.
    struct Outgoing {
        PeerId to;        ///< the receiver
        Message message;  ///< the message
    };

    /// The most writers in a history.
    static constexpr std::size_t max_history = 1024;
    /// `host` must outlive this. `successor` is the id of the surviving slot. It must be the same
    /// at all members, and no replica may write under it. `nonce` is a random number, so that
    /// separated parts of a cluster begin different generations.
    Pruner(Host& host, PeerId self, Writer successor, std::uint64_t nonce)
        : host_(&host), self_(std::move(self)), successor_(std::move(successor)), nonce_(nonce) {}

    /// Restores the history of the host's generation, which a durable host has stored.
    void resume(History history) { history_ = std::move(history); }
    const History& history() const { return history_; }  ///< the writers that were pruned lately

    /// Sets the members, without this replica.
    void set_members(const std::vector<PeerId>& members, Time now) {
        const std::set<PeerId> before = std::exchange(members_, {members.begin(), members.end()});
        if (promise_.to() && !members_.contains(*promise_.to())) promise_ = {};
        std::erase_if(behind_, [&](const PeerId& id) { return !members_.contains(id); });
        for (const PeerId& id : members_) {
            if (!before.contains(id)) inform(id, now);
        }
        retry_at_ = now;
    }
    /// `from` has sent a message of `generation`. If this is an earlier generation, sends the last
    /// commit to `from`.
    void on_generation(const PeerId& from, Generation generation, Time now) {
        if (members_.contains(from) && generation < host_->generation()) inform(from, now);
    }

    /// Declares that `writers` have departed. Messages from them must not be joined here any more.
    /// Call this at each member, because a member reports only on writers that it has retired.
    void retire(Writers writers, Time now) {
        std::sort(writers.begin(), writers.end());
        std::erase_if(writers, [&](const Writer& writer) {
            return writer == successor_ || history_.contains(writer);
        });
        if (writers == retired_) return;
        retired_ = std::move(writers);
        if (retired_.empty()) proposal_.reset();
        retry_at_ = is_first() ? now : now + second_delay;
    }
    /// The writers that were retired and are not pruned yet, in order.
    const Writers& retired() const { return retired_; }

    /// Has this member sent or requested a report, and has no commit followed yet?
    bool is_collecting(Time now) const {
        return proposal_.has_value() || promise_.holder(now).has_value();
    }

    /// Processes a received message. Returns the answers. Throws as on_tick() does.
    std::vector<Outgoing> on_message(const PeerId& from, const Message& message, Time now) {
        if (!members_.contains(from)) return {};
        if (!message.is_consistent()) return {};
        const Generation mine = host_->generation();
        if (message.kind == PruningKind::commit && message.generation > mine) begin(message, now);
        const bool is_done = message.kind == PruningKind::done;
        if (message.generation < mine && !is_done) return {{from, last_commit()}};
        if (message.generation != host_->generation()) return {};
        switch (message.kind) {
            case PruningKind::propose: return report(from, message, now);
            case PruningKind::report: return on_report(from, message, now);
            case PruningKind::commit:
                behind_.erase(from);
                return {{from, {PruningKind::done, message.generation, 0, {}, {}, {}}}};
            case PruningKind::done: behind_.erase(from);
        }
        return {};
    }

    /// Returns all messages that are due. Throws std::overflow_error if the sum of the writes does
    /// not fit into a slot; the proposal is then withdrawn.
    std::vector<Outgoing> on_tick(Time now) {
        std::vector<Outgoing> outgoing;
        if (const auto due = next_deadline(); !due || *due > now) return outgoing;
        retry_at_ = now + retry;
        if (!promise_.holder(now) && !retired_.empty()) propose(outgoing, now);
        if (!behind_.empty()) {
            const Message commit = last_commit();
            for (const PeerId& id : behind_) outgoing.push_back({id, commit});
        }
        return outgoing;
    }
    /// Returns when on_tick() is due, or nothing if there is nothing to prune or to send.
    std::optional<Time> next_deadline() const {
        if (retired_.empty() && behind_.empty()) return std::nullopt;
        return retry_at_;
    }

  private:
    static constexpr Duration retry = std::chrono::milliseconds{500};
    /// How long the other members wait for a proposal of the first member before they propose.
    static constexpr Duration second_delay = std::chrono::milliseconds{5000};

    Host* host_;
    PeerId self_;
    Writer successor_;
    std::uint64_t nonce_;
    std::set<PeerId> members_;
    Writers retired_;
    History history_;
    std::uint64_t rounds_ = 0;
    std::optional<PruningProposal<L, PeerId>> proposal_;
    /// The promise to the member that has received this member's report.
    PruningPromise<PeerId> promise_;
    /// The members that may lack the commit that began this generation.
    std::set<PeerId> behind_;
    Time retry_at_{};

    bool is_first() const { return members_.empty() || self_ < *members_.begin(); }
    void inform(const PeerId& id, Time now) {
        if (!history_.empty() && behind_.insert(id).second) retry_at_ = now;
    }
    Writers with_successor(Writers writers) const {
        writers.insert(std::lower_bound(writers.begin(), writers.end(), successor_), successor_);
        return writers;
    }
    L written_by(const Writers& writers) const {
        return detail::select(host_->state(), with_successor(writers), true);
    }
    /// Returns the commit that began this generation, with the surviving slot as it is now.
    Message last_commit() const {
        return {PruningKind::commit, host_->generation(), 0, {}, written_by({}), history_};
    }

    void propose(std::vector<Outgoing>& outgoing, Time now) {
        if (proposal_ && proposal_->is_over(now)) {
            proposal_.reset();
            retry_at_ = now + second_delay;
            return;
        }
        if (!proposal_ || proposal_->writers() != retired_)
            proposal_.emplace(retired_, ++rounds_, now);
        const Message question = proposal_->question(host_->generation());
        for (const PeerId& id : members_) {
            if (!proposal_->has_report_of(id)) outgoing.push_back({id, question});
        }
        commit_if_complete(now);
    }

    std::vector<Outgoing> report(const PeerId& from, const Message& message, Time now) {
        const auto promised_to = promise_.holder(now);
        const bool later = (promised_to && *promised_to < from) || (proposal_ && self_ < from);
        const bool early = !std::includes(retired_.begin(), retired_.end(), message.writers.begin(),
                                          message.writers.end());
        if (later || early) return {};
        proposal_.reset();
        promise_ = PruningPromise<PeerId>(from, now);
        return {{from, message.report(written_by(message.writers))}};
    }
    std::vector<Outgoing> on_report(const PeerId& from, const Message& message, Time now) {
        if (proposal_ && proposal_->on_report(from, message, now)) commit_if_complete(now);
        return {};
    }

    void commit_if_complete(Time now) {
        L written;
        if (!proposal_->join_reports(members_, written)) return;
        const Writers writers = std::exchange(proposal_, std::nullopt)->writers();
        retry_at_ = now + second_delay;  // if the total does not fit
        written.merge(written_by(writers));
        written = host_->collapse(written, writers);
        const Generation generation = next_generation(host_->generation(), nonce_);
        History history = extended<Writer>(history_, writers, generation, max_history);
        begin({PruningKind::commit, generation, 0, {}, std::move(written), std::move(history)},
              now);
    }

    void begin(const Message& commit, Time now) {
        Writers departed;
        for (const auto& [writer, generation] : commit.history) departed.push_back(writer);
        departed = with_successor(std::move(departed));
        std::optional<L> kept;
        if (!covers<Writer>(commit.history, host_->generation())) kept = host_->start_over();
        const auto change = [&](L& state) {
            detail::replace(kept ? *kept : state, departed, commit.written);
            if (kept) state = std::move(*kept);
        };
        host_->begin(commit, change, now);
        history_ = commit.history;
        std::erase_if(retired_, [&](const Writer& writer) { return history_.contains(writer); });
        behind_ = members_;
        proposal_.reset();
        promise_ = {};
        retry_at_ = now;
    }
};

}  // namespace crdt::replication
