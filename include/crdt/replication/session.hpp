// SPDX-License-Identifier: MIT
//! Session: guarantees of one client across replicas.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/dominates.hpp>

namespace crdt::replication {

/// A token that a client carries from replica to replica: what it has written and read so far. If
/// each replica serves it only when is_served_by(state) holds, the client reads its own writes and
/// never reads an older state. No quorum is needed. A replica that may not serve it yet waits for
/// gossip or redirects the client.
///
/// State   digests, none of which dominates another: one, unless the client wrote to a replica that
///         did not yet serve it
/// Cost    is_served_by, note: those of a digest of the state
/// Source  Terry, Demers, Petersen, Spreitzer, Theimer, Welch: Session guarantees for weakly
///         consistent replicated data (PDIS 1994)
template <DecomposableLattice L>
class Session {
    std::vector<DigestOf<L>> seen_;

  public:
    Session() = default;
    /// Restores a session from what seen() returned.
    explicit Session(std::vector<DigestOf<L>> seen) : seen_(std::move(seen)) {}
    /// The digests, to be serialized into a token.
    const std::vector<DigestOf<L>>& seen() const { return seen_; }

    /// True iff `state` contains all that the client has written and read.
    bool is_served_by(const L& state) const {
        const DigestOf<L> offered = digest(state);
        return std::all_of(seen_.begin(), seen_.end(),
                           [&](const DigestOf<L>& each) { return dominates(offered, each); });
    }

    /// Records that the client has read `state` or written to it.
    void note(const L& state) {
        DigestOf<L> latest = digest(state);
        std::erase_if(seen_, [&](const DigestOf<L>& each) { return dominates(latest, each); });
        seen_.push_back(std::move(latest));
    }

    /// Are both sessions equal?
    friend bool operator==(const Session&, const Session&) = default;
};

}  // namespace crdt::replication
