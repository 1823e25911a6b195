// SPDX-License-Identifier: MIT
//! Incarnation: the number under which a durable replica writes.
#pragma once

#include <cstdint>
#include <optional>

#include <crdt/detail/cpp20.hpp>

namespace crdt::replication {

/// A replica writes under an incarnation, and each of its writes there must be new. A file stores
/// the incarnation, but the file may be an old copy. Then peers have writes of that incarnation
/// that the file lacks. So the stored incarnation is used only after a peer has confirmed that it
/// has no such writes. Until then the replica writes under a fresh one.
class Incarnation {
    std::uint64_t current_ = 0;
    /// The stored incarnation, until it is confirmed.
    std::optional<std::uint64_t> stored_;

  public:
    /// `fresh` is a number that was never used as an incarnation.
    explicit Incarnation(std::uint64_t fresh) : current_(fresh) {}

    /// The incarnation to write under.
    std::uint64_t current() const { return current_; }
    /// The incarnation to store: the stored one, confirmed or not, or the current one if none is
    /// stored.
    std::uint64_t lasting() const { return stored_.value_or(current_); }
    /// True while a stored incarnation is not confirmed.
    bool is_pending() const { return stored_.has_value(); }

    /// Records the stored incarnation. If it is the current one, it needs no confirmation.
    void resume(std::uint64_t stored) {
        if (stored != current_) stored_ = stored;
    }
    /// Makes the stored incarnation the current one, because a peer has no more writes of it than
    /// this replica.
    void confirm() {
        current_ = lasting();
        stored_.reset();
    }
    /// Abandons the lasting incarnation, because a peer has more writes of it. If a stored one was
    /// pending, the current one stays; otherwise `fresh` becomes the current one.
    void reset(std::uint64_t fresh) {
        if (!stored_) current_ = fresh;
        stored_.reset();
    }
};

}  // namespace crdt::replication
