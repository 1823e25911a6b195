// SPDX-License-Identifier: MIT
//! SizeInBytes: a replication policy that measures the cost of states in bytes.
#pragma once

#include <cstddef>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/replication/policy.hpp>

namespace crdt {

/// A policy under which the limits in Options are numbers of bytes in the binary codec. In JSON a
/// state takes about two to four times as many bytes. It takes more if many dots contain a long
/// replica id, because the binary form writes each id only once.
struct SizeInBytes : replication::Policy {
    /// Returns the size of `state` in the binary form, in bytes.
    template <Serializable L>
    static std::size_t cost(const L& state) {
        return binary::size(state);
    }
    /// Returns the size of `digest` in the binary form, in bytes.
    template <Serializable Digest>
    static std::size_t digest_cost(const Digest& digest) {
        return binary::size(digest);
    }
};

}  // namespace crdt
