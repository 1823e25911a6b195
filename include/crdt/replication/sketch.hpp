// SPDX-License-Identifier: MIT
//! Sketch: a digest of two thousand bytes, of any state, that tells roughly where two differ.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <crdt/lattice/concepts.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/lattice/map_of.hpp>

namespace crdt::replication {

/// Does the digest D of an L say all that the state does?
template <class L, class D>
inline constexpr bool says_all = std::same_as<L, D>;
template <class L, class D>
    requires requires { typename L::lattice_type; }
inline constexpr bool says_all<L, D> = says_all<typename L::lattice_type, D>;
template <class K, class V, class Digest>
inline constexpr bool says_all<MapOf<K, V>, crdt::detail::ColumnMap<K, Digest>> =
    says_all<V, Digest>;

/// The irreducible parts of a state, in buckets by their hashes; of each bucket, the sum of its
/// hashes. Where that is the same in two sketches, the states have the same parts (but for one
/// chance in 2^64).
class Sketch {
  public:
    static constexpr std::size_t bucket_count = 256;
    using Sums = std::array<std::uint64_t, bucket_count>;

    Sketch() = default;
    explicit Sketch(const Sums& sums) : sums_(sums) {}
    const Sums& sums() const { return sums_; }

    /// O(parts).
    template <DecomposableLattice L>
    static Sketch of(const L& state) {
        Sketch sketch;
        decompose(state, [&](const L& part) {
            const std::uint64_t hash = crdt::detail::hash_of(part);
            sketch.sums_[bucket(hash)] += hash;
        });
        return sketch;
    }

    /// The parts of `state` in buckets where it differs from the state of this sketch: all that
    /// that one lacks, and more. O(parts).
    template <DecomposableLattice L>
    L differing(const L& state) const {
        const Sketch own = of(state);
        L result;
        decompose(state, [&](const L& part) {
            const std::size_t index = bucket(crdt::detail::hash_of(part));
            if (own.sums_[index] != sums_[index]) result.merge(part);
        });
        return result;
    }

    friend bool operator==(const Sketch&, const Sketch&) = default;

  private:
    Sums sums_{};

    /// The topmost bits.
    static std::size_t bucket(std::uint64_t hash) { return static_cast<std::size_t>(hash >> 56U); }
};

}  // namespace crdt::replication
