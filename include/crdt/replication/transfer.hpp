// SPDX-License-Identifier: MIT
//! Transfer: the pieces that bring a peer up to date.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt::replication {

/// The pieces that a peer has not acknowledged. Each is sent when the one before is acknowledged.
template <DecomposableLattice L>
class Transfer {
    TransferKind kind_ = TransferKind::none;
    std::vector<L> reversed_ = {};
    std::optional<Sketch> sketch_ = {};

  public:
    /// Has no pieces.
    Transfer() = default;
    /// Has these pieces. `sketch` is the sender's, of a bucket difference.
    Transfer(TransferKind kind, std::vector<L> pieces, std::optional<Sketch> sketch = {})
        : kind_(kind), reversed_(std::move(pieces)), sketch_(std::move(sketch)) {
        std::reverse(reversed_.begin(), reversed_.end());
    }

    /// The number of pieces that are not acknowledged.
    std::size_t size() const { return reversed_.size(); }
    /// Are all pieces acknowledged?
    bool is_done() const { return reversed_.empty(); }
    /// What the pieces are; `none` if all are acknowledged.
    TransferKind kind() const { return is_done() ? TransferKind::none : kind_; }

    /// The first piece, for whatever position the peer has, under the position `last`.
    Changes<L> opening(Sequence last) const {
        return {reversed_.back(), 0, last, kind_, size() > 1, sketch_};
    }
    /// The next piece, for a peer that has acknowledged `first`.
    Changes<L> piece(Sequence first) const {
        return {reversed_.back(), first, first + 1, kind_, size() > 1};
    }
    /// The peer has acknowledged the piece.
    void pop() { reversed_.pop_back(); }
    /// The cost of the pieces. O(pieces).
    template <class Policy>
    std::size_t cost() const {
        std::size_t sum = 0;
        for (const L& piece : reversed_) sum += Policy::cost(piece);
        return sum;
    }
};

}  // namespace crdt::replication
