// SPDX-License-Identifier: MIT
//! Session: consistency guarantees for one client that uses several replicas.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/dominates.hpp>

namespace crdt::replication {

/// A token that a client carries from replica to replica. The token records which states the client
/// has written and read so far. If each replica answers the client only when is_served_by(state) is
/// true, the client reads its own writes, and never reads an older state than before. No quorum is
/// needed. While is_served_by(state) is false, a replica waits for changes of its peers, or
/// redirects the client.
///
/// State   one digest or several digests, none of which dominates another. There are several if
///         the client wrote to a replica while is_served_by(state) was false there
/// Cost    is_served_by, note: those of a digest of the state
/// Source  Terry, Demers, Petersen, Spreitzer, Theimer, Welch: Session guarantees for weakly
///         consistent replicated data (PDIS 1994)
template <DecomposableLattice L>
class Session {
    std::vector<DigestOf<L>> seen_;

  public:
    Session() = default;
    /// Restores a session from the result of seen().
    explicit Session(std::vector<DigestOf<L>> seen) : seen_(std::move(seen)) {}
    /// The digests, which can be serialized into a token.
    const std::vector<DigestOf<L>>& seen() const { return seen_; }

    /// Returns true iff `state` contains everything that the client has written and read.
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

    /// Whether both sessions are equal.
    friend bool operator==(const Session&, const Session&) = default;
};

}  // namespace crdt::replication
