// SPDX-License-Identifier: MIT
//! Resynchronisation: requests for what a replica lacks, and the answers to them.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/codec/forms/sequence.hpp>
#include <crdt/codec/keyed_hash.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/replication/message.hpp>
#include <crdt/replication/options.hpp>
#include <crdt/replication/sketch.hpp>

namespace crdt::replication {

/// Does the digest D of an L contain all that the state contains?
template <class L, class D>
inline constexpr bool is_lossless = std::same_as<L, D>;
template <class L, class D>
    requires requires { typename L::lattice_type; }
inline constexpr bool is_lossless<L, D> = is_lossless<typename L::lattice_type, D>;
template <class K, class V, class Digest>
inline constexpr bool is_lossless<MapOf<K, V>, crdt::ColumnMap<K, Digest>> = is_lossless<V, Digest>;

/// A request of a peer: for all that its digest lacks, or for all buckets where its sketch
/// differs.
template <DecomposableLattice L>
struct SyncRequest {
    std::optional<DigestOf<L>> digest = {};
    std::optional<Sketch> sketch = {};
};

/// What has arrived so far of a full state that a peer sends in pieces.
template <DecomposableLattice L>
struct PartialState {
    L state = {};
    std::optional<Sketch> sketch = {};
};

/// How a state is summarised for a request: by digest or by sketch, by its type and size.
template <DecomposableLattice L, class Policy>
struct ResyncStrategy {
    /// A digest is as large as the state and contains all of it.
    static constexpr bool digest_is_lossless = is_lossless<L, DigestOf<L>>;
    /// Does the policy define the cost of a digest?
    static constexpr bool has_digest_cost = requires(const DigestOf<L>& digest) {
        { Policy::digest_cost(digest) } -> std::same_as<std::size_t>;
    };
    /// Are sketches used? They hash the bytes of a serializer.
    static constexpr bool uses_sketches =
        Serializable<L> && (digest_is_lossless || has_digest_cost);
    /// To compare a state of more ranges than these takes a noticeable part of a second.
    static constexpr std::size_t large_size = std::size_t{1} << 16U;

    /// O(n), as all of these.
    static bool is_small(const L& state) {
        return range_count(state) <= 2 * Sketch::fewest_buckets;
    }
    static bool is_large(const L& state) { return range_count(state) > large_size; }

    /// Puts a digest of `state` into the message or, if that is too large, a sketch. A lossless
    /// digest of a state that is not small is too large: it is not sent before it is known what
    /// differs. `key` was not used before.
    static void put(const L& state, const Options& options, std::uint64_t key,
                    Message<L>& message) {
        const auto put_roughly = [&] {
            put_sketch(state, {key, Sketch::size_for(range_count(state), options.message_limit)},
                       message);
        };
        if (uses_sketches && digest_is_lossless && !is_small(state)) return put_roughly();
        auto all = digest(state);
        if constexpr (uses_sketches && has_digest_cost) {
            if (Policy::digest_cost(all) > options.digest_limit) return put_roughly();
        }
        message.digest = std::move(all);
    }
    /// Puts a sketch of `state` into the message.
    static void put_sketch(const L& state, const SketchKind& kind, Message<L>& message) {
        if constexpr (uses_sketches) message.sketch = Sketch::of(state, kind);
    }
    /// Can states of equal digests differ, and do hashes of their bytes show it?
    static constexpr bool has_fingerprint =
        Serializable<L> && Serializable<DigestOf<L>> && !digest_is_lossless;
    static Fingerprint fingerprint(const L& state, std::uint64_t key) requires has_fingerprint {
        return {key, keyed_hash(digest(state), key), keyed_hash(state, key)};
    }

    /// All of `state` that the request asks for.
    static L answer(const L& state, const SyncRequest<L>& request) {
        if constexpr (uses_sketches) {
            if (request.sketch) {
                const L differing = request.sketch->differing(state);
                return request.digest ? difference(differing, *request.digest) : differing;
            }
        }
        return difference(state, *request.digest);
    }
};

}  // namespace crdt::replication
