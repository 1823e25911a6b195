// SPDX-License-Identifier: MIT
//! Transfer: the pieces that bring a peer up to date.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/sketch.hpp>
#include <crdt/replication/slices.hpp>
#include <crdt/replication/split.hpp>

namespace crdt::replication {

/// The pieces of a transfer that a peer has not acknowledged. Each piece is sent when the piece
/// before is acknowledged.
///
/// If the state is large, its difference from a digest is computed piece by piece. Each piece is
/// computed from the current state when the piece is needed. So the first piece can be sent
/// immediately, and the state is never copied. If the state changes during the transfer, a later
/// piece may contain the change. The log contains the change in any case.
template <DecomposableLattice L, class Policy>
class Transfer {
    /// The number of keys that are compared with the digest in one step.
    static constexpr std::size_t slice_size = 64;

    /// The pieces that are not made yet.
    struct Rest {
        DigestOf<L> digest;
        std::size_t limit;
        Slices<L> slices = {};
        /// The portion of the difference that did not fit into the last piece.
        L next = {};
    };

    TransferKind kind_ = TransferKind::none;
    std::deque<L> pieces_ = {};
    std::optional<Sketch> sketch_ = {};
    std::optional<Rest> rest_ = {};
    std::size_t positions_ = 0;

  public:
    /// Can the difference of a large state be made piece by piece?
    static constexpr bool is_lazy = Slices<L>::is_lazy;

    /// Makes a transfer without pieces.
    Transfer() = default;
    /// Makes a transfer of `pieces`. For a bucket difference, `sketch` is the sender's sketch.
    Transfer(TransferKind kind, std::vector<L> pieces, std::optional<Sketch> sketch = {})
        : kind_(kind),
          pieces_(std::make_move_iterator(pieces.begin()), std::make_move_iterator(pieces.end())),
          sketch_(std::move(sketch)),
          positions_(pieces_.size()) {}
    /// Makes a transfer of everything that `state` contains and `digest` lacks, in pieces of cost
    /// `limit` or less. O(limit), plus a count of the ranges of `state`.
    Transfer(const L& state, DigestOf<L> digest, std::size_t limit)
        : kind_(TransferKind::difference),
          rest_(Rest{std::move(digest), limit}),
          positions_(2 * range_count(state) + 3) {
        refill(state);
    }

    /// Returns the number of positions to reserve for the pieces. If the pieces are made later, the
    /// state may grow meanwhile. In this case the number is twice the number of pieces that the
    /// present state can need.
    std::size_t positions() const { return positions_; }
    /// Are all pieces acknowledged?
    bool is_done() const { return pieces_.empty(); }
    /// The kind of the transfer; `none` if all pieces are acknowledged.
    TransferKind kind() const { return is_done() ? TransferKind::none : kind_; }
    /// Does another piece follow the next piece?
    bool has_more() const { return rest_ || pieces_.size() > 1; }

    /// Returns the first piece, which the peer can join at any position. The peer acknowledges it
    /// with the position `last`.
    Changes<L> opening(Sequence last) const {
        return {pieces_.front(), 0, last, kind_, has_more(), sketch_};
    }
    /// Returns the next piece, for a peer that has acknowledged `first`. The last piece ends at
    /// `end`.
    Changes<L> piece(Sequence first, Sequence end) const {
        return {pieces_.front(), first, has_more() ? first + 1 : end, kind_, has_more()};
    }
    /// Removes the piece that the peer has acknowledged. `state` is the state of the sender.
    void pop(const L& state) {
        pieces_.pop_front();
        refill(state);
    }
    /// Returns the cost of the pieces that are already made. O(pieces).
    std::size_t cost() const {
        std::size_t sum = 0;
        for (const L& piece : pieces_) sum += Policy::cost(piece);
        return sum;
    }

  private:
    /// Makes the next piece if no piece is left. If nothing is left to send, the last piece is
    /// bottom.
    void refill(const L& state) {
        if (!rest_ || !pieces_.empty()) return;
        L piece = std::exchange(rest_->next, L{});
        std::size_t cost = Policy::cost(piece);
        const std::size_t limit = rest_->limit, keys = (std::min)(slice_size, limit / 2 + 1);
        while (cost < limit) {
            const L slice = rest_->slices.next(state, keys);
            L part = difference(slice, rest_->digest);
            cost += Policy::cost(part);
            if (cost > limit && !piece.is_bottom()) {
                rest_->next = std::move(part);
                break;
            }
            piece.merge(part);
            if (!slice.is_bottom()) continue;
            rest_.reset();
            break;
        }
        for (L& part : split<Policy>(piece, limit)) pieces_.push_back(std::move(part));
    }
};

}  // namespace crdt::replication
