// SPDX-License-Identifier: MIT
//! Session: what one client may rely on, whichever replica it turns to.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/dominates.hpp>

namespace crdt::replication {

/// A token that a client carries from replica to replica: what it has written and what it has been
/// shown. A replica that serves it only if is_served_by(its state) gives it its own writes to read
/// and never shows it less than before; no quorum is asked. One that may not yet serve it can wait
/// for gossip, or send the client elsewhere.
///
/// State   digests, none of which covers another: one, unless the client wrote where it was not
///         served
/// Cost    is_served_by, note: those of a digest of the state
/// Source  Terry, Demers, Petersen, Spreitzer, Theimer, Welch: Session guarantees for weakly
///         consistent replicated data (PDIS 1994)
template <DecomposableLattice L>
class Session {
    std::vector<DigestOf<L>> seen_;

  public:
    Session() = default;
    /// What seen() gave, after a journey.
    explicit Session(std::vector<DigestOf<L>> seen) : seen_(std::move(seen)) {}
    /// To be written into a token.
    const std::vector<DigestOf<L>>& seen() const { return seen_; }

    /// Does `state` hold all that the client has written and has been shown?
    bool is_served_by(const L& state) const {
        const DigestOf<L> offered = digest(state);
        return std::all_of(seen_.begin(), seen_.end(),
                           [&](const DigestOf<L>& each) { return dominates(offered, each); });
    }

    /// The client has been shown `state`, or has written to it.
    void note(const L& state) {
        DigestOf<L> latest = digest(state);
        std::erase_if(seen_, [&](const DigestOf<L>& each) { return dominates(latest, each); });
        seen_.push_back(std::move(latest));
    }

    /// Are both sessions equal?
    friend bool operator==(const Session&, const Session&) = default;
};

}  // namespace crdt::replication
