// SPDX-License-Identifier: MIT
//! Incarnation: the number that a durable replica writes under.
#pragma once

#include <cstdint>
#include <optional>

#include <crdt/detail/cpp20.hpp>

namespace crdt::replication {

/// A replica writes under an incarnation, and each of its writes there must be new. A file stores
/// the incarnation, but the file may be an old copy: peers then have writes of that incarnation
/// that the file lacks. So the stored incarnation is used only after a peer has confirmed that it
/// has no more writes of it. Until then the replica writes under a fresh one.
class Incarnation {
    std::uint64_t current_ = 0;
    /// Not confirmed yet.
    std::optional<std::uint64_t> stored_;

  public:
    /// `fresh` is a number that was never used as an incarnation.
    explicit Incarnation(std::uint64_t fresh) : current_(fresh) {}

    /// The incarnation to write under.
    std::uint64_t current() const { return current_; }
    /// The incarnation to store: the stored one, confirmed or not, otherwise the current one.
    std::uint64_t lasting() const { return stored_.value_or(current_); }
    /// True while a stored incarnation is not confirmed.
    bool is_pending() const { return stored_.has_value(); }

    /// Notes the stored incarnation. If it is the current one, it needs no confirmation.
    void resume(std::uint64_t stored) {
        if (stored != current_) stored_ = stored;
    }
    /// A peer has no more writes of the stored incarnation: it becomes the current one.
    void confirm() {
        current_ = lasting();
        stored_.reset();
    }
    /// A peer has more writes of the lasting incarnation, which is no longer used: the current one
    /// takes the place of a pending one, otherwise `fresh` does.
    void renew(std::uint64_t fresh) {
        if (!stored_) current_ = fresh;
        stored_.reset();
    }
};

}  // namespace crdt::replication
