// SPDX-License-Identifier: MIT
//! DuplicateIdentityDetector: detects writes under the replica's own id that the replica lacks.
#pragma once

#include <cstdint>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// Detects a second replica with the same id, and a restored old copy of the state. In both cases
/// the replica must change its id; otherwise its next write could be mistaken for an earlier write.
/// Construct the detector before on_message(), and call detects() after on_message().
///
/// In causal types, the detector looks for a new dot of `id`. In types such as ResettableCounter,
/// it also looks for a changed amount at an old dot of `id`. For other types, it checks whether the
/// growth of the state contains writes of `id`.
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
    /// Is detection possible? It is possible for types with `context()` or `has_writes_of(id)`.
    static constexpr bool can_detect = has_dots || requires(const L& growth, const Id& id) {
        growth.has_writes_of(id);
    };

    /// Records the writes of `id` in `state`.
    DuplicateIdentityDetector(const L& state, const Id& id) : id_(id), known_(last(state)) {}

    /// Returns true iff `growth`, by which `state` has just grown, contains new writes of the id.
    /// Always returns false if detection is not possible.
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
