// SPDX-License-Identifier: MIT
//! Questions: how a replica says what it has, to be answered with what that lacks.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/keyed_hash.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt::replication {

/// Does the digest D of an L say all that the state does?
template <class L, class D>
inline constexpr bool says_all = std::same_as<L, D>;
template <class L, class D>
    requires requires { typename L::lattice_type; }
inline constexpr bool says_all<L, D> = says_all<typename L::lattice_type, D>;
template <class K, class V, class Digest>
inline constexpr bool says_all<MapOf<K, V>, crdt::ColumnMap<K, Digest>> = says_all<V, Digest>;

/// What a peer lacks: all that its digest does, where its sketch differs.
template <DecomposableLattice L>
struct Question {
    std::optional<DigestOf<L>> digest = {};
    std::optional<Sketch> sketch = {};
};

/// What a peer has said so far of all that it has.
template <DecomposableLattice L>
struct Offer {
    L state = {};
    std::optional<Sketch> sketch = {};
};

/// How a state is told of, by its type and its size.
template <DecomposableLattice L, class Policy>
struct Questions {
    /// A digest of these says all that the state does.
    static constexpr bool digest_says_all = says_all<L, DigestOf<L>>;
    /// Does the policy say what a digest weighs?
    static constexpr bool weighs_digests = requires(const DigestOf<L>& digest) {
        { Policy::digest_cost(digest) } -> std::same_as<std::size_t>;
    };
    /// Is it ever asked by sketch? A type without a form has nothing to be hashed.
    static constexpr bool asks_by_sketch = Serializable<L> && (digest_says_all || weighs_digests);
    /// To compare a state of more ranges than these takes a noticeable part of a second.
    static constexpr std::size_t heavy = std::size_t{1} << 16U;

    /// O(n), as all of these.
    static bool is_small(const L& state) {
        return range_count(state) <= 2 * Sketch::fewest_buckets;
    }
    static bool is_heavy(const L& state) { return range_count(state) > heavy; }

    /// By digest, unless that is too large for a message: where it says all that the state does, a
    /// large one is not sent before it is known what differs. `key` was not used before.
    static void put(const L& state, const Options& options, std::uint64_t key,
                    Message<L>& message) {
        const auto roughly = [&] {
            put_sketch(state, {key, Sketch::size_for(range_count(state), options.message_limit)},
                       message);
        };
        if (asks_by_sketch && digest_says_all && !is_small(state)) return roughly();
        auto all = digest(state);
        if constexpr (asks_by_sketch && weighs_digests) {
            if (Policy::digest_cost(all) > options.digest_limit) return roughly();
        }
        message.digest = std::move(all);
    }
    /// Says roughly what there is.
    static void put_sketch(const L& state, const SketchKind& kind, Message<L>& message) {
        if constexpr (asks_by_sketch) message.sketch = Sketch::of(state, kind);
    }
    /// Can states of equal digests differ, and be told apart by hashes of their forms?
    static constexpr bool has_fingerprint =
        Serializable<L> && Serializable<DigestOf<L>> && !digest_says_all;
    static Fingerprint fingerprint(const L& state, std::uint64_t key) requires has_fingerprint {
        return {key, keyed_hash(digest(state), key), keyed_hash(state, key)};
    }

    /// What `state` has for who asks.
    static L answer(const L& state, const Question<L>& question) {
        if constexpr (asks_by_sketch) {
            if (question.sketch) {
                const L differing = question.sketch->differing(state);
                return question.digest ? difference(differing, *question.digest) : differing;
            }
        }
        return difference(state, *question.digest);
    }
};

}  // namespace crdt::replication
