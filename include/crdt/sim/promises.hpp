// SPDX-License-Identifier: MIT
//! Promises: what an ack says that its sender has.
#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>

namespace crdt::sim {

/// Keeps what was sent and is not acknowledged, to hold each ack against it.
template <DecomposableLattice L>
class Promises {
    using Message = replication::Message<L>;

    /// And the lives it is about.
    struct Sent {
        replication::Epoch from_epoch, to_epoch;
        replication::Sequence last;
        L delta;
    };

    std::map<std::pair<std::size_t, std::size_t>, std::vector<Sent>> sent_;

  public:
    void note(std::size_t from, std::size_t to, const Message& message) {
        if (!message.changes || message.changes->last == 0) return;
        const auto& changes = *message.changes;
        std::vector<Sent>& sent = sent_[{from, to}];
        // From an opening on, the sender counts anew.
        if (changes.first == 0) sent.clear();
        sent.push_back({message.from_epoch, message.to_epoch, changes.last, changes.delta});
    }

    /// Has the sender of this ack, whose state is `state`, all that was sent to this life of it, up
    /// to there, by the life that the ack is for?
    bool holds(std::size_t from, std::size_t to, const Message& message, const L& state) {
        if (!message.ack) return true;
        bool kept = true;
        std::erase_if(sent_[{to, from}], [&](const Sent& sent) {
            const bool about_sender =
                sent.to_epoch == message.from_epoch || sent.to_epoch == replication::unknown_epoch;
            if (sent.from_epoch != message.to_epoch || !about_sender || sent.last > *message.ack)
                return false;
            kept &= sent.delta.leq(state);
            return true;
        });
        return kept;
    }

    /// A life is over.
    void forget(std::size_t replica) {
        std::erase_if(sent_, [&](const auto& entry) {
            return entry.first.first == replica || entry.first.second == replica;
        });
    }
};

}  // namespace crdt::sim
