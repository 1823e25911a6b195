// SPDX-License-Identifier: MIT
//! Overlays: the choice of members that exchange changes directly.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <crdt/lattice/concepts.hpp>
#include <crdt/random.hpp>

namespace crdt::replication {

/// The shapes of an overlay of n members. Each member computes its neighbours from the set of
/// members, which must be the same everywhere. This takes no messages. If A is a neighbour of B, B
/// is a neighbour of A. A path of neighbours connects any two members.
///
///                messages an update   hops to everyone   survives the loss of
///     full_mesh  n(n-1)               1                  any member
///     star       n-1                  2                  any member but the first
///     tree       n-1                  ~2 log n           leaves
///     random     ~n·degree/2          ~log n             most members
///     by_size    full_mesh up to most_in_mesh members, random beyond
///
/// If the loss of a member disconnects the overlay, the remaining members send requests to members
/// that are not neighbours (repair, see Replicator).
enum class Overlay { full_mesh, star, tree, random, by_size };

/// The parameters of an overlay. They must be the same at all members.
struct OverlayOptions {
    /// The shape, which determines the neighbours.
    Overlay shape = Overlay::full_mesh;
    /// The children of a node in a tree, or the neighbours in a random overlay (rounded up to an
    /// even number).
    std::size_t degree = 4;
    /// The seed of a random overlay. It must be the same at all members.
    std::uint64_t seed = 1;
    /// The greatest number of members for which the shape by_size is a full mesh.
    std::size_t most_in_mesh = 8;
};

namespace shapes {

/// Returns the indices of the neighbours of the member with the index `self`. `count` is the number
/// of members.
inline std::vector<std::size_t> star(std::size_t count, std::size_t self) {
    if (self != 0) return {0};
    std::vector<std::size_t> all;
    for (std::size_t other = 1; other < count; ++other) all.push_back(other);
    return all;
}

inline std::vector<std::size_t> tree(std::size_t count, std::size_t self, std::size_t arity) {
    std::vector<std::size_t> adjacent;
    if (self != 0) adjacent.push_back((self - 1) / arity);
    for (std::size_t child = self * arity + 1; child <= (self + 1) * arity && child < count;
         ++child)
        adjacent.push_back(child);
    return adjacent;
}

/// Returns the indices of the neighbours of the member with the index `self` in random rings. Each
/// ring contains all members. With two or more rings, about log(count) hops connect any two
/// members.
inline std::vector<std::size_t> rings(std::size_t count, std::size_t self, std::size_t degree,
                                      std::uint64_t seed) {
    crdt::Random random(seed);
    std::vector<std::size_t> adjacent;
    std::vector<std::size_t> ring(count);
    for (std::size_t index = 0; index < count; ++index) ring[index] = index;
    for (std::size_t rings = (degree + 1) / 2; rings > 0; --rings) {
        for (std::size_t left = count; left > 1; --left)
            std::swap(ring[left - 1], ring[random.below(left)]);
        const auto place =
            static_cast<std::size_t>(std::find(ring.begin(), ring.end(), self) - ring.begin());
        adjacent.push_back(ring[(place + 1) % count]);
        adjacent.push_back(ring[(place + count - 1) % count]);
    }
    return adjacent;
}

}  // namespace shapes

/// Returns the neighbours of `self` among `members`, in the order of their ids. `members` may
/// contain `self` or not. O(n log n).
template <Key PeerId>
std::vector<PeerId> neighbours(std::vector<PeerId> members, const PeerId& self,
                               const OverlayOptions& options) {
    members.push_back(self);
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());
    const std::size_t count = members.size();
    const auto own =
        static_cast<std::size_t>(std::find(members.begin(), members.end(), self) - members.begin());

    std::vector<PeerId> result;
    if (options.shape == Overlay::full_mesh ||
        (options.shape == Overlay::by_size && count <= options.most_in_mesh)) {
        result = members;
    } else {
        const std::size_t degree = std::max<std::size_t>(options.degree, 1);
        const auto adjacent = options.shape == Overlay::star ? shapes::star(count, own)
                              : options.shape == Overlay::tree
                                  ? shapes::tree(count, own, degree)
                                  : shapes::rings(count, own, degree, options.seed);
        for (const std::size_t index : adjacent) result.push_back(members[index]);
        std::sort(result.begin(), result.end());
        result.erase(std::unique(result.begin(), result.end()), result.end());
    }
    std::erase(result, self);
    return result;
}

}  // namespace crdt::replication
