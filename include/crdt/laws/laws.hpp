// SPDX-License-Identifier: MIT
//! The checks of the laws. list.hpp contains the names of the laws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/lattice/dominates.hpp>
#include <crdt/laws/history.hpp>
#include <crdt/random.hpp>

namespace crdt::laws {

// Each function here calls `expect` once or more for each of its laws, in one of three ways:
//     expect(name, holds)    expect(name, holds, describe)    expect(name, got, expected)

template <Lattice L>
L join_all(const std::vector<L>& states) {
    L result;
    for (const L& state : states) result.merge(state);
    return result;
}

template <DecomposableLattice L>
std::vector<L> parts_of(const L& state) {
    std::vector<L> parts;
    decompose(state, [&](const L& part) { parts.push_back(part); });
    return parts;
}

template <DecomposableLattice L>
std::vector<L> ranges_of(const L& state) {
    std::vector<L> ranges;
    decompose_by_ranges(state, [&](const L& range) { ranges.push_back(range); });
    return ranges;
}

namespace detail {

using crdt::detail::hash_of;
using crdt::detail::in_conflict;

/// Returns a number n for a state with `parts` parts. Some checks visit only every n-th part of a
/// state, because visits of all parts of a large state would take quadratic time.
inline std::size_t step_through(std::size_t parts) { return 1 + parts / 32; }

/// Returns a text that names states: named_states("a", a, "b", b).
template <class T, class... Rest>
std::string named_states(const char* name, const T& value, const Rest&... rest) {
    std::string result = std::string(name) + " = " + value_text(value);
    if constexpr (sizeof...(Rest) > 0) result += ", " + named_states(rest...);
    return result;
}

}  // namespace detail

/// Checks the laws of any state. `parts` is parts_of(a).
template <DecomposableLattice L, class Expect>
void state_laws(const L& a, const std::vector<L>& parts, Expect&& expect) {
    expect("merge is idempotent", join(a, a), a);
    expect("bottom is the identity of merge", join(a, L{}), a);
    expect("bottom is the identity of merge", join(L{}, a), a);
    expect("is_bottom is true exactly for bottom", L{}.is_bottom(), true);
    expect("is_bottom is true exactly for bottom", a.is_bottom(), a == L{});
    expect("leq is reflexive and antisymmetric", a.leq(a), true);
    expect("no state is in conflict with itself or with bottom", !detail::in_conflict(a, a) &&
                                                                     !detail::in_conflict(a, L{}) &&
                                                                     !detail::in_conflict(L{}, a));

    expect("the parts join to the state", join_all(parts), a);
    const L reversed = join_all(std::vector<L>(parts.rbegin(), parts.rend()));
    expect("the parts join to the same state in any order", reversed, a);
    expect("the parts join to the same state in any order", detail::hash_of(reversed),
           detail::hash_of(a));
    expect("part_count counts the parts", part_count(a), parts.size());
    expect("bottom has no parts", parts_of(L{}).size(), std::size_t{0});
    for (std::size_t i = 0; i < parts.size(); i += detail::step_through(parts.size())) {
        L others;
        for (std::size_t j = 0; j < parts.size(); ++j) {
            if (j != i) others.merge(parts[j]);
        }
        const auto describe = [&] {
            return detail::named_states("part", parts[i], "others", others);
        };
        expect("no part is redundant", !(others == a) && others.leq(a), describe);
        expect("every part is irreducible", parts_of(parts[i]), std::vector<L>{parts[i]});
    }
    expect("difference(a, a) is bottom", difference(a, a), L{});
}

/// Checks the laws of any two states.
template <DecomposableLattice L, class Expect>
void pair_laws(const L& a, const std::vector<L>& parts, const L& b, Expect&& expect) {
    const L ab = join(a, b);
    expect("merge is commutative", ab, join(b, a));
    expect("merge is idempotent", join(ab, b), ab);
    expect("a.leq(b) iff a joined with b is b", a.leq(b), ab == b);
    expect("leq is reflexive and antisymmetric", a.leq(b) && b.leq(a), a == b);
    expect("a join is an upper bound", a.leq(ab) && b.leq(ab),
           [&] { return "got " + value_text(ab) + ", expected a state above both"; });
    L grown = a;
    const bool grew = grown.merge(b);
    expect("merge returns whether the state grew", grew, !(grown == a));
    expect("equal states have equal ranges", ranges_of(ab) == ranges_of(join(b, a)),
           [&] { return "got other ranges, expected the same"; });
    expect("equal states have equal hashes", detail::hash_of(ab), detail::hash_of(join(b, a)));
    expect("unequal states have unequal hashes", detail::hash_of(a) == detail::hash_of(b), a == b);
    expect("conflicts is symmetric", detail::in_conflict(b, a), detail::in_conflict(a, b));

    L lacked_by_b;
    for (const L& part : parts) {
        if (!part.leq(b)) lacked_by_b.merge(part);
    }
    const L delta = difference(a, b);
    expect("difference(a, b) joined with b is a joined with b", join(delta, b), ab);
    expect("a difference is minimal", delta, lacked_by_b);
    expect("difference(a, digest(b)) is difference(a, b)", difference(a, digest(b)), delta);
    expect("digests are ordered as their states are", dominates(digest(b), digest(a)), a.leq(b));
    L absorbed = b;
    const L novel = absorbed.absorb(a);
    expect("absorb joins as merge does", absorbed, join(b, a));
    expect("absorb returns the difference", novel, delta);
}

/// Of the states `b` and `c`, joins those that are strictly below `part`. Returns false if their
/// join is `part`.
template <Lattice L>
bool is_irreducible(const L& part, const L& b, const L& c) {
    L below;
    for (const L* state : {&b, &c}) {
        if (state->leq(part) && !(*state == part)) below.merge(*state);
    }
    return !(below == part);
}

/// Checks the laws of any three states.
template <DecomposableLattice L, class Expect>
void triple_laws(const L& a, const std::vector<L>& parts, const L& b, const L& c, Expect&& expect) {
    const L ab = join(a, b), cb = join(c, b);
    expect("merge is associative", join(ab, c), join(a, cb));
    if (cb == ab) {
        const L delta = difference(a, b);
        expect("a difference is minimal", delta.leq(c),
               [&] { return "got " + value_text(delta) + ", expected nothing that c lacks"; });
    }
    for (std::size_t i = 0; i < parts.size(); i += detail::step_through(parts.size())) {
        expect("every part is irreducible", is_irreducible(parts[i], b, c), [&] {
            return "got the part " + value_text(parts[i]) + ", which is a join of smaller states";
        });
    }
}

/// Checks the laws of mutators: inflation, optimal deltas, and no change after a failure.
template <DecomposableLattice L, class Expect>
void mutator_laws(const Outcome<L>& outcome, Expect&& expect) {
    for (const Mutation<L>& mutation : outcome.mutations) {
        const auto& [before, after, delta] = mutation;
        expect("a mutator inflates", before.leq(after), [&mutation] {
            return detail::named_states("before", mutation.before, "after", mutation.after);
        });
        expect("a delta makes the change", join(before, delta), after);
        expect("a delta is optimal", delta, difference(after, before));
    }
    for (const Failure<L>& failure : outcome.failures) {
        expect("a failed mutator changes nothing", failure.after, failure.before);
        expect("a failed mutator changes nothing", detail::hash_of(failure.after),
               detail::hash_of(failure.before));
    }
}

/// Checks that the states of replicas are not in conflict if each replica writes under its own id.
template <DecomposableLattice L, class Expect>
void conflict_laws(const Outcome<L>& outcome, Expect&& expect) {
    const auto expect_none = [&](const L& a, const L& b) {
        expect("states of one history are not in conflict", !detail::in_conflict(a, b),
               [&] { return "got a conflict of " + value_text(a) + " and " + value_text(b); });
    };
    for (const L& a : outcome.replicas) {
        for (const L& b : outcome.replicas) expect_none(a, b);
        for (const Mutation<L>& mutation : outcome.mutations) expect_none(a, mutation.delta);
    }
    for (const Mutation<L>& mutation : outcome.mutations)
        expect_none(mutation.before, mutation.after);
}

/// Checks the laws of delivery. Deltas may arrive in any order, several times and joined in groups.
/// Sometimes only some parts of a delta arrive.
template <DecomposableLattice L, class Expect>
void delivery_laws(const Outcome<L>& outcome, crdt::Random random, Expect&& expect) {
    if (outcome.mutations.empty()) return;
    std::vector<L> deltas;
    for (const Mutation<L>& mutation : outcome.mutations) deltas.push_back(mutation.delta);
    const L all = join_all(deltas);

    std::vector<L> shuffled = deltas;
    for (const L& delta : deltas) {
        if (random.below(2) == 0) shuffled.push_back(delta);
    }
    for (std::size_t i = shuffled.size(); i > 1; --i) {
        std::swap(shuffled[i - 1], shuffled[random.below(i)]);
    }
    L group, grouped;
    for (const L& delta : shuffled) {
        group.merge(delta);
        if (random.below(2) == 0) grouped.merge(std::exchange(group, L{}));
    }
    grouped.merge(group);
    expect("deltas join in any order, number and grouping", grouped, all);

    const L& state = outcome.replicas[0];
    L partly = state;
    decompose(all, [&](const L& part) {
        if (random.below(2) == 0) partly.merge(part);
    });
    const L whole = join(state, all);
    expect("any parts of a state are a safe delta", state.leq(partly) && partly.leq(whole),
           [&] { return detail::named_states("before", state, "with some parts", partly); });
    expect("any parts of a state are a safe delta", join(partly, all), whole);
}

}  // namespace crdt::laws
