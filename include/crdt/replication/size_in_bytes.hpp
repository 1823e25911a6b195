// SPDX-License-Identifier: MIT
//! SizeInBytes: a replication policy that weighs states by the bytes they take.
#pragma once

#include <cstddef>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/replication/policy.hpp>

namespace crdt {

/// The limits of a replicator's Options are bytes of the binary codec. In JSON a state takes about
/// two to four times as many bytes. It takes more if many dots contain a long name, because the
/// binary form writes the name only once.
struct SizeInBytes : replication::Policy {
    /// Returns the size in the binary form.
    template <Serializable L>
    static std::size_t cost(const L& state) {
        return binary::size(state);
    }
    /// Returns the size of a digest in the binary form.
    template <Serializable Digest>
    static std::size_t digest_cost(const Digest& digest) {
        return binary::size(digest);
    }
};

}  // namespace crdt
