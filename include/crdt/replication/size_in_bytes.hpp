// SPDX-License-Identifier: MIT
//! SizeInBytes: a replication policy that weighs states by the bytes they take.
#pragma once

#include <cstddef>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/replication/policy.hpp>

namespace crdt {

/// The limits of a replicator's Options are bytes of the binary codec. In JSON a state takes some
/// two to four times as much, and more where many dots bear a long name, which binary writes once.
struct SizeInBytes : replication::Policy {
    /// The bytes of the binary form.
    template <Serializable L>
    static std::size_t cost(const L& state) {
        return binary::size(state);
    }
    /// The same of a digest.
    template <Serializable Digest>
    static std::size_t digest_cost(const Digest& digest) {
        return binary::size(digest);
    }
};

}  // namespace crdt
