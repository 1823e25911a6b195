// SPDX-License-Identifier: MIT
//! LinkChecker: what simulated replicas may assume of one another, and keep for one another.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/replication/message.hpp>

namespace crdt::sim {

/// Looks at both ends of each link between two replicas, at every step. `Replicator` is theirs.
///
/// A position in a log, that of the receiver as the sender sees it, or that of the sender as the
/// receiver does, means that the receiver has all that the sender had when its log ended there. A
/// change is not sent back to where it came from. An entry of the log does not reach across a
/// position that one of the last acks to come may name. What was received since the last send is
/// dropped with the next one, or when there is nothing to send.
///
/// A check returns what is wrong, or null.
template <DecomposableLattice L, class Replicator, class Policy>
class LinkChecker {
    using Message = replication::Message<L>;
    using Sequence = replication::Sequence;

    /// So many acks in a row may be on their way, and each spares what it names.
    static constexpr std::size_t most_announced = 16;

    /// What one replica knows of another, between two changes of the other's epoch.
    struct Link {
        replication::Epoch epoch = replication::unknown_epoch;
        /// Those that were held against the states.
        Sequence acknowledged = 0, received = 0;
        /// Ends of what was sent and may be acknowledged.
        std::vector<Sequence> announced = {};
        /// The hashes of parts that came from there first, in order.
        std::vector<std::uint64_t> learnt = {};
    };

    /// Of one replica.
    struct Life {
        /// Its state when its log ended at a position.
        std::map<Sequence, L> states = {};
        /// Ends of what was sent in a message behind which there is more.
        std::set<Sequence> partial = {};
        /// To the others.
        std::vector<Link> links = {};
    };

    std::vector<Life> lives_;

    Link& link(std::size_t replica, std::size_t peer, replication::Epoch epoch) {
        std::vector<Link>& links = lives_[replica].links;
        if (links.size() <= peer) links.resize(peer + 1);
        if (links[peer].epoch != epoch) links[peer] = {epoch};
        return links[peer];
    }

    /// Does `state` have all that the replica had when its log ended at `position`?
    bool has(const L& state, std::size_t replica, Sequence position) const {
        const Life& life = lives_[replica];
        const auto after = life.states.upper_bound(position);
        return life.partial.contains(position) || after == life.states.begin() ||
               std::prev(after)->second.leq(state);
    }

    static std::vector<std::uint64_t> hashes(const L& delta) {
        std::vector<std::uint64_t> result;
        decompose(delta, [&](const L& part) { result.push_back(crdt::detail::hash_of(part)); });
        return result;
    }

  public:
    /// The life of `replica` is over.
    void forget(std::size_t replica) {
        if (replica < lives_.size()) lives_[replica] = {};
        for (Life& life : lives_) {
            if (replica < life.links.size()) life.links[replica] = {};
        }
    }

    /// To be called after each change of the engine of `replica`; has the state grown?
    void note(std::size_t replica, const Replicator& engine, bool has_grown) {
        if (lives_.size() <= replica) lives_.resize(replica + 1);
        std::map<Sequence, L>& states = lives_[replica].states;
        const Sequence end = engine.log().end();
        if (states.empty() || states.rbegin()->first != end)
            states.emplace_hint(states.end(), end, engine.state());
        else if (has_grown && !engine.log().is_sealed())
            states.rbegin()->second = engine.state();
    }

    /// `novel` is what was new to `replica` of what `from` has sent.
    void note_received(std::size_t replica, const Replicator& engine, std::size_t from,
                       const L& novel) {
        const auto* peer = engine.link(from);
        if (peer == nullptr || novel.is_bottom()) return;
        std::vector<std::uint64_t>& learnt = link(replica, from, peer->epoch()).learnt;
        for (const std::uint64_t hash : hashes(novel))
            learnt.insert(std::lower_bound(learnt.begin(), learnt.end(), hash), hash);
    }

    /// A message that `replica` sends, after its engine has composed it.
    const char* check_sent(std::size_t replica, const Replicator& engine, std::size_t to,
                           const Message& message) {
        const auto* peer = engine.link(to);
        if (peer == nullptr || !message.changes) return nullptr;
        if (message.changes->more_pieces) lives_[replica].partial.insert(message.changes->last);
        if (peer->sending().is_probing()) return nullptr;
        Link& link = this->link(replica, to, peer->epoch());
        const auto& changes = *message.changes;
        auto& announced = link.announced;
        if (!announced.empty() && changes.first != announced.back()) announced.clear();
        if (changes.first == 0) return nullptr;
        announced.push_back(changes.last);
        if (announced.size() > most_announced) announced.erase(announced.begin());
        if (peer->sending().is_transferring()) return nullptr;
        if (!message.changes->more_pieces && !peer->sending().received_since_send().is_bottom())
            return "keeps what it received before a send";
        if (!Policy::removes_redundancy || !Policy::avoids_back_propagation) return nullptr;
        for (const std::uint64_t hash : hashes(changes.delta)) {
            if (std::binary_search(link.learnt.begin(), link.learnt.end(), hash))
                return "sends a change back to where it came from";
        }
        return nullptr;
    }

    /// What `replica` knows of `other`, whose engine may be null.
    const char* violation(std::size_t replica, const Replicator& engine, std::size_t other,
                          const Replicator* other_engine) {
        const auto* peer = engine.link(other);
        if (peer == nullptr) return nullptr;
        Link& link = this->link(replica, other, peer->epoch());
        if (peer->sending().is_probing()) link.announced.clear();
        if (!peer->sending().is_probing()) {
            if (const char* wrong = check_kept(engine, other, peer->sending(), link)) return wrong;
        }
        if (other_engine == nullptr || other_engine->epoch() != peer->epoch()) return nullptr;
        if (peer->receiving().position() && *peer->receiving().position() != link.received) {
            link.received = *peer->receiving().position();
            if (link.received > other_engine->log().end() ||
                !has(engine.state(), other, link.received))
                return "assumes to have what it does not";
        }
        if (peer->sending().is_confirmed() && !peer->sending().is_transferring() &&
            peer->sending().position() != link.acknowledged) {
            link.acknowledged = peer->sending().position();
            if (link.acknowledged > engine.log().end() ||
                !has(other_engine->state(), replica, link.acknowledged))
                return "assumes a peer to have what it does not";
        }
        return nullptr;
    }

    /// A link on which nobody has more to say.
    static const char* check_idle(const Replicator& engine, std::size_t other) {
        const auto* peer = engine.link(other);
        if (peer == nullptr) return nullptr;
        if (peer->has_request()) return "silent, but a question is open";
        if (peer->sending().is_probing()) return nullptr;
        if (peer->sending().is_transferring()) return "silent, but pieces are kept for a peer";
        if (!peer->sending().received_since_send().is_bottom())
            return "silent, but what was received is kept";
        return nullptr;
    }

  private:
    template <class SendProgress>
    static const char* check_kept(const Replicator& engine, std::size_t other,
                                  const SendProgress& sending, Link& link) {
        if (sending.unacknowledged().announced().size() > most_announced)
            return "too many announced changes";
        if (!sending.received_since_send().is_bottom() &&
            !engine.log().has_pending(sending.position(), other))
            return "keeps what it received, and has nothing to send";
        // What was given up, too, is waited for no longer.
        if (!sending.in_flight()) link.announced.clear();
        std::erase_if(link.announced, [&](Sequence label) { return label <= sending.position(); });
        for (const Sequence label : link.announced) {
            if (!engine.log().is_boundary(label)) return "joins changes across an announced one";
        }
        return nullptr;
    }
};

}  // namespace crdt::sim
