// SPDX-License-Identifier: MIT
//! Incarnation: the number under which a durable replica writes.
#pragma once

#include <cstdint>
#include <optional>

#include <crdt/detail/cpp20.hpp>

namespace crdt::replication {

/// A replica writes under an incarnation, which is part of its id. Under one incarnation, the
/// replica must never give two writes the same sequence number. A durable replica stores its
/// incarnation in its file. If this file is an old copy, peers have writes of the incarnation that
/// the file lacks. So the replica uses the stored incarnation only after it is confirmed that a
/// peer has no such writes. Until then the replica writes under a fresh incarnation.
class Incarnation {
    std::uint64_t current_ = 0;
    /// The stored incarnation, until it is confirmed.
    std::optional<std::uint64_t> stored_;

  public:
    /// `fresh` is a number that was never used as an incarnation.
    explicit Incarnation(std::uint64_t fresh) : current_(fresh) {}

    /// The incarnation to write under.
    std::uint64_t current() const { return current_; }
    /// Returns the incarnation to write to the file: the pending one if there is one, otherwise the
    /// current one.
    std::uint64_t lasting() const { return stored_.value_or(current_); }
    /// True while a stored incarnation is not confirmed.
    bool is_pending() const { return stored_.has_value(); }

    /// Records `stored`, which is the incarnation in the file. If it equals the current
    /// incarnation, it needs no confirmation. Otherwise it is pending until it is confirmed.
    void resume(std::uint64_t stored) {
        if (stored != current_) stored_ = stored;
    }
    /// Makes the pending incarnation the current one. Call this when a peer has no writes of the
    /// pending incarnation that this replica lacks.
    void confirm() {
        current_ = lasting();
        stored_.reset();
    }
    /// Abandons the incarnation lasting(), because a peer has writes of it that this replica lacks.
    /// If lasting() is the pending incarnation, the current incarnation stays. Otherwise `fresh`
    /// becomes the current incarnation.
    void reset(std::uint64_t fresh) {
        if (!stored_) current_ = fresh;
        stored_.reset();
    }
};

}  // namespace crdt::replication
