// SPDX-License-Identifier: MIT
//! Accept: a predicate that refuses changes of peers before they are joined.
#pragma once

#include <concepts>
#include <optional>
#include <string>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// A callable `accept(state, change, from)`. It returns none if `change`, which the member `from`
/// has sent, may be joined to `state`, otherwise the reason to refuse it. `state` does not contain
/// the change yet.
///
/// Use it for changes that a correct peer may send and this replica must not join, at least not
/// now: a stamp from the far future (HLC::is_far_future), a quota, a schema. The answer may depend
/// on time and may change. The predicate decides for one replica. If another replica accepts what
/// this one refuses, the two do not converge until this one also accepts it.
template <class A, class L, class PeerId>
concept AcceptPredicate = requires(A& accept, const L& state, const L& change, const PeerId& from) {
    { accept(state, change, from) } -> std::convertible_to<std::optional<std::string>>;
};

/// A predicate that accepts every change. It takes no space and no time.
struct AcceptAll {
    /// Returns none.
    template <class L, class PeerId>
    constexpr std::optional<std::string> operator()(const L&, const L&, const PeerId&) const {
        return std::nullopt;
    }
};

}  // namespace crdt::replication
