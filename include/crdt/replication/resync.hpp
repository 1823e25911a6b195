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
#include <crdt/replication/slices.hpp>

namespace crdt::replication {

/// Does a digest of type D contain everything that the state of type L contains?
template <class L, class D>
inline constexpr bool is_lossless = std::same_as<L, D>;
template <class L, class D>
    requires requires { typename L::lattice_type; }
inline constexpr bool is_lossless<L, D> = is_lossless<typename L::lattice_type, D>;
template <class K, class V, class Digest>
inline constexpr bool is_lossless<MapOf<K, V>, crdt::ColumnMap<K, Digest>> = is_lossless<V, Digest>;

/// A request of a peer. It requests everything that `digest` lacks, or all ranges in the buckets in
/// which `sketch` differs. If both are set, it requests only the ranges to which both apply.
template <DecomposableLattice L>
struct SyncRequest {
    std::optional<DigestOf<L>> digest = {};
    std::optional<Sketch> sketch = {};
};

/// The join of the pieces of a peer's full state that have arrived so far.
template <DecomposableLattice L>
struct PartialState {
    L state = {};
    std::optional<Sketch> sketch = {};
};

/// Chooses how a request summarises a state: by a digest or by a sketch. The choice depends on the
/// type and the size of the state.
template <DecomposableLattice L, class Policy>
struct ResyncStrategy {
    /// Does a digest contain everything that the state contains? If so, the digest is as large as
    /// the state.
    static constexpr bool digest_is_lossless = is_lossless<L, DigestOf<L>>;
    /// Does the policy define the cost of a digest?
    static constexpr bool has_digest_cost = requires(const DigestOf<L>& digest) {
        { Policy::digest_cost(digest) } -> std::same_as<std::size_t>;
    };
    /// Are sketches used? A sketch hashes serialized ranges, so L must have a serializer.
    static constexpr bool uses_sketches =
        Serializable<L> && (digest_is_lossless || has_digest_cost);

    /// Does the state have at most 512 ranges? O(1) if it has more than 512 keys, else O(n).
    static bool is_small(const L& state) {
        return !has_more_ranges(state, 2 * Sketch::fewest_buckets);
    }
    /// Does the state have more ranges than Policy::large_state? Costs as much as is_small().
    static bool is_large(const L& state) { return has_more_ranges(state, Policy::large_state); }

    /// Puts a digest of `state` into the message or, if the digest is too large, a sketch. If the
    /// state is not small, a lossless digest counts as too large, because the peer normally has
    /// most of it already. Precondition: `key` was not used before.
    static void put(const L& state, const Options& options, std::uint64_t key,
                    Message<L>& message) {
        const auto put_roughly = [&] {
            message.sketch =
                sketch(state, {key, Sketch::size_for(range_count(state), options.message_limit)});
        };
        if (uses_sketches && digest_is_lossless && !is_small(state)) return put_roughly();
        auto all = digest(state);
        if constexpr (uses_sketches && has_digest_cost) {
            if (Policy::digest_cost(all) > options.digest_limit) return put_roughly();
        }
        message.digest = std::move(all);
    }
    /// Returns the sketch of `state`. Precondition: uses_sketches.
    static std::optional<Sketch> sketch([[maybe_unused]] const L& state,
                                        [[maybe_unused]] const SketchKind& kind) {
        if constexpr (uses_sketches) return Sketch::of(state, kind);
        return std::nullopt;
    }
    /// Can states with equal digests differ, and can this be detected by hashes of their bytes?
    static constexpr bool has_fingerprint =
        Serializable<L> && Serializable<DigestOf<L>> && !digest_is_lossless;
    static Fingerprint fingerprint(const L& state, std::uint64_t key) requires has_fingerprint {
        return {key, keyed_hash(digest(state), key), keyed_hash(state, key)};
    }

    static bool has_more_ranges(const L& state, std::size_t count) {
        return Slices<L>::key_count(state) > count || range_count(state) > count;
    }
    /// Returns everything in `state` that `request` requests.
    static L answer(const L& state, const SyncRequest<L>& request) {
        if constexpr (uses_sketches) {
            if (request.sketch) {
                const L found = request.sketch->bucket_difference(state);
                return request.digest ? difference(found, *request.digest) : found;
            }
        }
        return difference(state, *request.digest);
    }
};

}  // namespace crdt::replication
