// SPDX-License-Identifier: MIT
//! The laws themselves, each with the name under which a violation is reported.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <crdt/detail/random.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/conflicts.hpp>
#include <crdt/lattice/covers.hpp>
#include <crdt/laws/history.hpp>

namespace crdt::laws {

// Every function here calls expect(name, holds) once or more for each of its laws.

template <Lattice L>
L join(L a, const L& b) {
    a.merge(b);
    return a;
}

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

/// Join, order, bottom and hash of any three states.
template <Lattice L, class Expect>
void semilattice_laws(const L& a, const L& b, const L& c, Expect&& expect) {
    const L ab = join(a, b);
    expect("merge is associative", join(ab, c) == join(a, join(b, c)));
    expect("merge is commutative", ab == join(b, a));
    expect("merge is idempotent", join(a, a) == a && join(ab, b) == ab);
    expect("bottom is the identity of merge", join(a, L{}) == a && join(L{}, a) == a);
    expect("only the bottom is_bottom", L{}.is_bottom() && a.is_bottom() == (a == L{}));
    expect("a.leq(b) iff a joined with b is b", a.leq(b) == (ab == b));
    expect("leq is reflexive and antisymmetric", a.leq(a) && (a.leq(b) && b.leq(a)) == (a == b));
    expect("a join is an upper bound", a.leq(ab) && b.leq(ab));
    L grown = a;
    expect("merge returns whether the state grew", grown.merge(b) == !(grown == a));
    expect("equal states have equal hashes", detail::hash_of(ab) == detail::hash_of(join(b, a)));
}

/// Whether `part` is not the join of those of the two states that are strictly below it.
template <Lattice L>
bool is_irreducible(const L& part, const L& b, const L& c) {
    L below;
    for (const L* state : {&b, &c}) {
        if (state->leq(part) && !(*state == part)) below.merge(*state);
    }
    return !(below == part);
}

/// Parts, differences and digests of any three states.
template <DecomposableLattice L, class Expect>
void decomposition_laws(const L& a, const L& b, const L& c, Expect&& expect) {
    const std::vector<L> parts = parts_of(a);
    expect("the parts join to the state", join_all(parts) == a);
    const L reversed = join_all(std::vector<L>(parts.rbegin(), parts.rend()));
    expect("however its parts come, a state is as compact",
           reversed == a && detail::hash_of(reversed) == detail::hash_of(a));
    expect("part_count counts the parts", part_count(a) == parts.size());
    expect("bottom has no parts", parts_of(L{}).empty());

    L lacked_by_b;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        L others;
        for (std::size_t j = 0; j < parts.size(); ++j) {
            if (j != i) others.merge(parts[j]);
        }
        expect("no part is redundant", !(others == a) && others.leq(a));
        expect("every part is irreducible",
               parts_of(parts[i]) == std::vector<L>{parts[i]} && is_irreducible(parts[i], b, c));
        if (!parts[i].leq(b)) lacked_by_b.merge(parts[i]);
    }

    const L delta = difference(a, b);
    expect("a difference makes up for what is lacking", join(delta, b) == join(a, b));
    expect("a difference is the least",
           delta == lacked_by_b && (!(join(c, b) == join(a, b)) || delta.leq(c)));
    expect("nothing differs from itself", difference(a, a).is_bottom());
    expect("a difference by digest is the difference", difference(a, digest(b)) == delta);
    if (!detail::conflicting(a, b))
        expect("digests have the order of states", covers(digest(b), digest(a)) == a.leq(b));

    L absorbed = b;
    const L novel = absorbed.absorb(a);
    expect("absorb joins as merge does", absorbed == join(b, a));
    expect("absorb returns the difference", novel == delta);
}

/// What mutators promise: inflation, exact deltas, and no trace of a failure.
template <DecomposableLattice L, class Expect>
void mutator_laws(const Outcome<L>& outcome, Expect&& expect) {
    for (const Mutation<L>& mutation : outcome.mutations) {
        expect("a mutator inflates", mutation.before.leq(mutation.after));
        expect("a delta makes the change", join(mutation.before, mutation.delta) == mutation.after);
        expect("a delta is optimal", mutation.delta == difference(mutation.after, mutation.before));
    }
    for (const Failure<L>& failure : outcome.failures) {
        expect("a failed mutator changes nothing",
               failure.before == failure.after &&
                   detail::hash_of(failure.before) == detail::hash_of(failure.after));
    }
}

/// What delivery may do to deltas: any order, repetition, grouping, and loss of parts.
template <DecomposableLattice L, class Expect>
void delivery_laws(const Outcome<L>& outcome, detail::Random random, Expect&& expect) {
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
    expect("deltas join in any order, number and grouping", grouped == all);

    const L& state = outcome.replicas[0];
    L partly = state;
    decompose(all, [&](const L& part) {
        if (random.below(2) == 0) partly.merge(part);
    });
    expect("any parts of a state are a safe delta", state.leq(partly) &&
                                                        partly.leq(join(state, all)) &&
                                                        join(partly, all) == join(state, all));
}

}  // namespace crdt::laws
