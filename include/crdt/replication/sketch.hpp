// SPDX-License-Identifier: MIT
//! Sketch: a summary of bounded size that shows roughly where two states differ.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <crdt/codec/keyed_hash.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/lattice/concepts.hpp>

namespace crdt::replication {

/// The key and the size of a sketch. Two sketches can be compared only if their keys and their
/// sizes are equal.
struct SketchKind {
    /// The key of the hashes.
    std::uint64_t key = 0;
    /// The number of buckets.
    std::size_t buckets = 256;
};

/// A summary of a state. The ranges of the state (see decompose_by_ranges) are put into buckets by
/// their hashes. The sketch contains the sum of the hashes in each bucket. If two sketches under
/// one key have equal sums for a bucket, the two states have the same ranges in this bucket, except
/// with a probability of 2^-64. The hashes are computed from the serialized ranges and the key. So
/// nobody can choose different states with equal sums without knowing the key.
class Sketch {
  public:
    /// The least number of buckets. The number is a power of two.
    static constexpr std::size_t fewest_buckets = 256;
    /// The greatest number of buckets.
    static constexpr std::size_t most_buckets = 8192;
    /// The sum of the hashes in each bucket.
    using Sums = std::vector<std::uint64_t>;

    /// Makes the sketch of bottom, under key 0.
    Sketch() = default;
    /// Makes a sketch of these sums. Precondition: is_size(sums.size()).
    Sketch(std::uint64_t key, Sums sums) : key_(key), sums_(std::move(sums)) {}

    /// The key of the hashes.
    std::uint64_t key() const { return key_; }
    /// The key and the number of buckets. Only sketches of one kind are compared.
    SketchKind kind() const { return {key_, sums_.size()}; }
    /// The sums.
    const Sums& sums() const { return sums_; }

    /// Can a sketch have this many buckets?
    static constexpr bool is_size(std::size_t buckets) {
        return std::has_single_bit(buckets) && buckets >= fewest_buckets && buckets <= most_buckets;
    }
    /// Returns the number of buckets for a state of `ranges` ranges. It is about one bucket for 128
    /// ranges, so a sketch costs about a hundredth of the state. If `message_limit` is small, the
    /// number is smaller.
    static constexpr std::size_t size_for(std::size_t ranges, std::size_t message_limit) {
        const std::size_t wanted = std::bit_ceil((std::min)(ranges / 128 + 1, most_buckets));
        const std::size_t room = std::bit_floor(message_limit / 16);
        return std::clamp((std::min)(wanted, room), fewest_buckets, most_buckets);
    }

    /// Returns the sketch of `state`. Precondition: the key of `kind` was not used before, or
    /// `kind` is that of another sketch with which the result is compared. O(n).
    template <DecomposableLattice L>
        requires Serializable<L>
    static Sketch of(const L& state, const SketchKind& kind) {
        Sketch sketch(kind.key, Sums(kind.buckets));
        decompose_by_ranges(state, [&](const L& range) {
            const std::uint64_t hash = keyed_hash(range, kind.key);
            sketch.sums_[sketch.bucket(hash)] += hash;
        });
        return sketch;
    }

    /// Returns the ranges of `state` in all buckets in which the sketch of `state` differs from
    /// this sketch. These ranges contain everything that the state of this sketch lacks, and more.
    /// O(n).
    template <DecomposableLattice L>
        requires Serializable<L> L bucket_difference(const L& state)
    const {
        const Sketch own = of(state, kind());
        L result;
        decompose_by_ranges(state, [&](const L& range) {
            const std::size_t index = bucket(keyed_hash(range, key_));
            if (own.sums_[index] != sums_[index]) result.merge(range);
        });
        return result;
    }

    /// Whether both have the same key and equal sums.
    friend bool operator==(const Sketch&, const Sketch&) = default;

  private:
    std::uint64_t key_ = 0;
    Sums sums_ = Sums(fewest_buckets);

    /// Returns the bucket of a hash, which the topmost bits of the hash determine.
    std::size_t bucket(std::uint64_t hash) const {
        return static_cast<std::size_t>(hash >> (65 - std::bit_width(sums_.size())));
    }
};

}  // namespace crdt::replication
