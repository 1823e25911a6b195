// SPDX-License-Identifier: MIT
//! Pruning: collapses the slots of departed replicas into one slot, in two phases.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/replicator.hpp>

namespace crdt::replication {

/// A counter with one slot per writer. Several slots can be collapsed into one.
template <class L>
concept Prunable = DecomposableLattice<L> &&
    requires(const L& state, const typename L::id_type& id) {
    { state.collapsed_into(id) } -> std::same_as<L>;
    { L::from_lattice(state.lattice()) } -> std::same_as<L>;
    state.lattice().begin()->first == id;
};

/// The kind of a pruning message.
enum class PruningKind : std::uint8_t {
    propose,  ///< requests the writes of these writers; a receiver that answers proposes nothing
              ///< itself until the commit
    report,   ///< the answer
    commit,   ///< replaces the slots of the writers by one slot
    done      ///< acknowledges the commit
};

/// A message between two members that prune.
template <Prunable L>
struct PruningMessage {
    /// The kind of the message.
    PruningKind kind = PruningKind::propose;
    /// The generation that begins with the commit.
    Generation generation = 0;
    /// The departed writers.
    std::vector<typename L::id_type> writers = {};
    /// The writes of these writers, or the one slot that replaces their slots.
    L written = {};

    /// Whether both messages are equal.
    friend bool operator==(const PruningMessage&, const PruningMessage&) = default;
};

/// Executes pruning at one member. In phase one, the first member requests from all others what
/// they have of the slots of departed writers. Together the members have every write that is left
/// in the cluster. The first member adds the writes up in one surviving slot. In phase two, each
/// member replaces the departed slots by the surviving one, each at a different time. This begins a
/// generation. Messages of another generation are not joined, so no late message brings a slot
/// back. Every member with the commit passes it on until all members have it, so any member may
/// fail meanwhile. A replica that was not a member when slots were pruned must rejoin with an empty
/// state.
///
/// Use     as a Replicator: retire(), set_members(), on_message(), and at next_deadline(),
///         on_tick(); the same view of the members as the replicator has, and the same everywhere
/// Cost    four messages to each member, and a resynchronisation of each pair
/// Errors  if the total would overflow a slot, nothing is pruned
/// Source  two-phase commit (Gray: Notes on data base operating systems, 1978), with the members
///         themselves to finish it; of counters: Almeida, Baquero: Scalable eventually consistent
///         counters over unreliable networks (Distributed Computing 2019)
template <Prunable L, Key PeerId = std::string, class Policy = replication::Policy,
          AcceptPredicate<L, PeerId> Accept = AcceptAll>
class Pruner {
    using Writer = typename L::id_type;
    using Writers = std::vector<Writer>;

  public:
    /// The messages that it sends and receives.
    using Message = PruningMessage<L>;
    /// A message and its receiver.
    struct Outgoing {
        /// The receiver.
        PeerId to;
        /// The message.
        Message message;
    };

    /// `replicator` must outlive this. `successor` is the id of the surviving slot. It must be the
    /// same at all members, and no replica may write under it.
    Pruner(Replicator<L, PeerId, Policy, Accept>& replicator, PeerId self, Writer successor)
        : replicator_(&replicator), self_(std::move(self)), successor_(std::move(successor)) {}

    /// Sets the members, without this replica.
    void set_members(const std::vector<PeerId>& members, Time now) {
        const std::set<PeerId> before = std::exchange(members_, {members.begin(), members.end()});
        if (promised_to_ && !members_.contains(*promised_to_)) promised_to_.reset();
        std::erase_if(behind_, [&](const PeerId& id) { return !members_.contains(id); });
        for (const PeerId& id : members_) {
            if (commit_ && !before.contains(id)) behind_.insert(id);
        }
        retry_at_ = now;
    }

    /// Declares that these writers have departed. Messages from them that are still in transit must
    /// not be joined here. Call it at each member, because a member reports only for writers that
    /// it has retired.
    void retire(Writers writers, Time now) {
        std::sort(writers.begin(), writers.end());
        std::erase(writers, successor_);
        retired_ = std::move(writers);
        retry_at_ = now;
    }

    /// Processes a received message. Returns the answers. Throws as on_tick() does.
    std::vector<Outgoing> on_message(const PeerId& from, const Message& message, Time now) {
        if (!members_.contains(from)) return {};
        const Generation mine = replicator_->generation();
        if (message.kind == PruningKind::commit && message.generation > mine) begin(message, now);
        if (message.generation <= mine && message.kind != PruningKind::commit &&
            message.kind != PruningKind::done)
            return reply(from, commit_);
        switch (message.kind) {
            case PruningKind::propose: return report(from, message);
            case PruningKind::report: return take_report(from, message, now);
            case PruningKind::commit: return acknowledge(from, message);
            case PruningKind::done:
                if (message.generation == mine) behind_.erase(from);
        }
        return {};
    }

    /// Returns all messages that are due. Throws std::overflow_error if the total does not fit a
    /// slot.
    std::vector<Outgoing> on_tick(Time now) {
        std::vector<Outgoing> outgoing;
        if (const auto due = next_deadline(); !due || *due > now) return outgoing;
        retry_at_ = now + retry;
        if (may_propose()) propose(outgoing, now);
        for (const PeerId& id : behind_) outgoing.push_back({id, *commit_});
        return outgoing;
    }
    /// Returns none if there is nothing to prune and no member lacks the last commit.
    std::optional<Time> next_deadline() const {
        if (!may_propose() && behind_.empty()) return std::nullopt;
        return retry_at_;
    }

  private:
    static constexpr Duration retry = std::chrono::milliseconds{500};

    struct Proposal {
        Writers writers;
        std::map<PeerId, L> reports = {};
    };

    Replicator<L, PeerId, Policy, Accept>* replicator_;
    PeerId self_;
    Writer successor_;
    std::set<PeerId> members_;
    Writers retired_;
    std::optional<Proposal> proposal_;
    /// The member that has received this member's report. This member proposes nothing meanwhile.
    std::optional<PeerId> promised_to_;
    /// The commit that began the current generation, and the members that may lack it.
    std::optional<Message> commit_;
    std::set<PeerId> behind_;
    Time retry_at_{};

    /// Returns the slots of `writers` if `theirs`, otherwise all others.
    static L select(const L& state, const Writers& writers, bool theirs) {
        using Slots = typename L::lattice_type;
        Slots selected;
        for (const auto& [writer, slot] : state.lattice()) {
            if (std::binary_search(writers.begin(), writers.end(), writer) == theirs)
                selected.merge(Slots{{writer, slot}});
        }
        return L::from_lattice(std::move(selected));
    }

    std::vector<Outgoing> reply(const PeerId& to, const std::optional<Message>& message) const {
        if (!message) return {};
        return {{to, *message}};
    }

    bool is_first() const { return members_.empty() || self_ < *members_.begin(); }
    bool may_propose() const {
        return is_first() && !promised_to_ &&
               !select(replicator_->state(), retired_, true).is_bottom();
    }

    void propose(std::vector<Outgoing>& outgoing, Time now) {
        if (!proposal_ || proposal_->writers != retired_) proposal_ = Proposal{retired_};
        const Message question{PruningKind::propose, replicator_->generation() + 1, retired_, {}};
        for (const PeerId& id : members_) {
            if (!proposal_->reports.contains(id)) outgoing.push_back({id, question});
        }
        commit_if_complete(now);
    }

    std::vector<Outgoing> report(const PeerId& from, const Message& message) {
        const bool later = (promised_to_ && *promised_to_ < from) || (proposal_ && self_ < from);
        const bool early = !std::includes(retired_.begin(), retired_.end(), message.writers.begin(),
                                          message.writers.end());
        if (message.generation != replicator_->generation() + 1 || later || early) return {};
        proposal_.reset();
        promised_to_ = from;
        return reply(from, Message{PruningKind::report, message.generation, message.writers,
                                   select(replicator_->state(), message.writers, true)});
    }

    std::vector<Outgoing> take_report(const PeerId& from, const Message& message, Time now) {
        if (!proposal_ || message.writers != proposal_->writers) return {};
        proposal_->reports.insert_or_assign(from, message.written);
        commit_if_complete(now);
        return {};
    }

    void commit_if_complete(Time now) {
        L written = select(replicator_->state(), proposal_->writers, true);
        for (const PeerId& id : members_) {
            const auto reported = proposal_->reports.find(id);
            if (reported == proposal_->reports.end()) return;
            written.merge(reported->second);
        }
        written.merge(select(replicator_->state(), {successor_}, true));
        begin({PruningKind::commit, replicator_->generation() + 1, proposal_->writers,
               written.collapsed_into(successor_)},
              now);
    }

    void begin(const Message& commit, Time now) {
        L state = select(replicator_->state(), commit.writers, false);
        state.merge(commit.written);
        replicator_->begin_generation(commit.generation, std::move(state), now);
        commit_ = commit;
        behind_ = members_;
        proposal_.reset();
        promised_to_.reset();
        retry_at_ = now;
    }

    std::vector<Outgoing> acknowledge(const PeerId& from, const Message& commit) {
        if (commit.generation < replicator_->generation()) return reply(from, commit_);
        behind_.erase(from);
        return reply(from, Message{PruningKind::done, commit.generation, {}, {}});
    }
};

}  // namespace crdt::replication
