// SPDX-License-Identifier: MIT
//! ByBytes: a replication policy that weighs states by the bytes they take.
#pragma once

#include <cstddef>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/form.hpp>
#include <crdt/replication/policy.hpp>

namespace crdt {

/// The limits of a replicator's Options are bytes of the binary codec. In JSON a state takes some
/// two to four times as much, and more where many dots bear a long name, which binary writes once.
struct ByBytes : replication::Policy {
    /// The bytes of the binary form.
    template <HasForm L>
    static std::size_t weigh(const L& state) {
        return binary::size(state);
    }
    /// The same of a digest.
    template <HasForm Digest>
    static std::size_t weigh_digest(const Digest& digest) {
        return binary::size(digest);
    }
};

}  // namespace crdt
