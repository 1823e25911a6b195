// SPDX-License-Identifier: MIT
//! Accept: a predicate that refuses changes of peers before they are joined.
#pragma once

#include <concepts>
#include <optional>
#include <string>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// A callable `accept(state, change, from)`: none if `change`, which the member `from` has sent,
/// may be joined to `state`, otherwise the reason to refuse it. It sees the state before the
/// change.
///
/// Use it for what a correct peer may send and this replica must not join, at least not now: a
/// stamp from the far future (HLC::is_far_future), a quota, a schema. It may depend on time and may
/// change its answer. It decides for one replica: another replica may accept what this one refuses,
/// and then the two do not converge until this one accepts it, too.
template <class A, class L, class PeerId>
concept AcceptPredicate = requires(A& accept, const L& state, const L& change, const PeerId& from) {
    { accept(state, change, from) } -> std::convertible_to<std::optional<std::string>>;
};

/// Accepts every change. Takes no space and no time.
struct AcceptAll {
    /// None.
    template <class L, class PeerId>
    constexpr std::optional<std::string> operator()(const L&, const L&, const PeerId&) const {
        return std::nullopt;
    }
};

}  // namespace crdt::replication
