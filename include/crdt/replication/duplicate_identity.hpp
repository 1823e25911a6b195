// SPDX-License-Identifier: MIT
//! DuplicateIdentityDetector: finds writes under a replica's own name that the replica did not
//! make.
#pragma once

#include <cstdint>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// Made before a message is taken in, asked afterwards. Then there is a twin, or an old copy of the
/// state was put back: whatever the replica writes next could be taken for what it wrote before.
///
/// Where writes have dots, new dots of its own tell, since a peer may well remove what the replica
/// has written, and so do amounts that have grown at dots that it knows; elsewhere, what the state
/// grew by shows it.
template <Lattice L, class Id>
class DuplicateIdentityDetector {
    static constexpr bool has_dots = requires(const L& state, const Id& id) {
        state.context().last(id);
    };

    Id id_;
    std::uint64_t known_ = 0;

    std::uint64_t last(const L& state) const {
        if constexpr (has_dots) return state.context().last(id_);
        return 0;
    }

  public:
    /// Can they be detected? Not for a type of your own that says neither `context()` nor
    /// `has_writes_of(id)`, nor where writes have no names.
    static constexpr bool can_detect = has_dots || requires(const L& growth, const Id& id) {
        growth.has_writes_of(id);
    };

    /// Those of `id` in `state`.
    DuplicateIdentityDetector(const L& state, const Id& id) : id_(id), known_(last(state)) {}

    /// Has `state` come to hold others, having grown by `growth`? No, where writes have no names.
    bool detects(const L& state, const L& growth) const {
        if constexpr (has_dots) {
            if (last(state) > known_) return true;
            if constexpr (requires { L::has_amounts_of(growth.lattice().store(), id_); })
                return L::has_amounts_of(growth.lattice().store(), id_);
        } else if constexpr (requires { growth.has_writes_of(id_); }) {
            return growth.has_writes_of(id_);
        }
        return false;
    }
};

}  // namespace crdt::replication
