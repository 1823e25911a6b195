// SPDX-License-Identifier: MIT
//! Accept: a predicate that refuses changes of peers before they are joined.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// A callable `accept(state, change, from)`, which is called before `change` of the member `from`
/// is joined to `state`. It returns std::nullopt if the change may be joined. Otherwise it returns
/// the reason to refuse the change.
///
/// Use it to refuse changes that a correct peer may send, but that this replica must not join, at
/// least not now. Examples are a stamp from the far future (HLC::is_far_future), a value above a
/// quota, and a value that violates a schema. The result may depend on the time, so the same change
/// may be accepted later. The predicate decides for one replica. If another replica accepts a
/// change that this replica refuses, the two do not converge until this replica accepts the change,
/// too.
template <class A, class L, class PeerId>
concept AcceptPredicate = requires(A& accept, const L& state, const L& change, const PeerId& from) {
    { accept(state, change, from) } -> std::convertible_to<std::optional<std::string>>;
};

/// A predicate that accepts every change. It takes no space and no time.
struct AcceptAll {
    /// Returns std::nullopt.
    template <class L, class PeerId>
    constexpr std::optional<std::string> operator()(const L&, const L&, const PeerId&) const {
        return std::nullopt;
    }
};

/// The refusal of a change or of some of its ranges.
template <class PeerId>
struct Refusal {
    /// The member that sent the change.
    PeerId from;
    /// The reason that Accept returned.
    std::string reason;
};

/// Joins the changes of peers, except for the ranges that Accept refuses.
template <DecomposableLattice L, class PeerId, class Accept>
class Admission {
    [[no_unique_address]] Accept accept_;
    std::optional<Refusal<PeerId>> last_refusal_ = {};

  public:
    /// Makes an Admission that calls `accept` for each change of a peer.
    explicit Admission(Accept accept) : accept_(std::move(accept)) {}

    /// The last refusal, or nothing if no change was refused.
    const std::optional<Refusal<PeerId>>& last_refusal() const { return last_refusal_; }

    /// Joins `delta` to `state`. If Accept refuses `delta`, calls Accept for each range of `delta`
    /// that is new, and joins only the accepted ranges. In this case, sets `accepted` to the join
    /// of all ranges that were not refused, and adds the number of refused ranges to `refused`.
    /// Returns what was new.
    L absorb(L& state, const L& delta, [[maybe_unused]] const PeerId& from,
             [[maybe_unused]] std::optional<L>& accepted, [[maybe_unused]] std::uint64_t& refused) {
        if constexpr (!std::same_as<Accept, AcceptAll>) {
            if (!delta.is_bottom() && accept_(std::as_const(state), delta, from))
                return absorb_accepted(state, delta, from, accepted.emplace(), refused);
        }
        return state.absorb(delta);
    }

  private:
    L absorb_accepted(L& state, const L& delta, const PeerId& from, L& accepted,
                      std::uint64_t& refused) {
        L novel;
        decompose_by_ranges(delta, [&](const L& range) {
            if (!range.leq(state)) {
                std::optional<std::string> reason = accept_(std::as_const(state), range, from);
                if (reason) {
                    ++refused;
                    last_refusal_ = Refusal<PeerId>{from, std::move(*reason)};
                    return;
                }
                novel.merge(state.absorb(range));
            }
            accepted.merge(range);
        });
        return novel;
    }
};

}  // namespace crdt::replication
