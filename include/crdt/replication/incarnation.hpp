// SPDX-License-Identifier: MIT
//! Incarnation: the number that a durable replica writes under.
#pragma once

#include <cstdint>
#include <optional>

#include <crdt/detail/cpp20.hpp>

namespace crdt::replication {

/// A replica writes under an incarnation, and what it writes there next must be new to all. A file
/// says which incarnation the replica had, but the file may be an old copy: then peers know writes
/// of that incarnation that the file lacks. So the stored one is used no earlier than a peer has
/// confirmed that it knows no more of it; until then the replica writes under a fresh one.
class Incarnation {
    std::uint64_t current_ = 0;
    /// Not confirmed yet.
    std::optional<std::uint64_t> stored_;

  public:
    /// `fresh` is a number that no incarnation ever was.
    explicit Incarnation(std::uint64_t fresh) : current_(fresh) {}

    /// What is written is written under this one.
    std::uint64_t current() const { return current_; }
    /// The one that the replica keeps: the stored one, confirmed or not, or else the current one.
    std::uint64_t lasting() const { return stored_.value_or(current_); }
    /// Is a stored one not confirmed yet?
    bool is_pending() const { return stored_.has_value(); }

    /// There is a stored one. One that was stored as the fresh one needs no confirmation.
    void resume(std::uint64_t stored) {
        if (stored != current_) stored_ = stored;
    }
    /// A peer knows no more of the stored one than the file: from now on it is the current one.
    void confirm() {
        current_ = lasting();
        stored_.reset();
    }
    /// Somebody knows more of the lasting one: it is not used any more. A pending one leaves its
    /// place to the current one, otherwise `fresh` is the next.
    void renew(std::uint64_t fresh) {
        if (!stored_) current_ = fresh;
        stored_.reset();
    }
};

}  // namespace crdt::replication
