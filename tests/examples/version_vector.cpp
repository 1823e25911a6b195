// SPDX-License-Identifier: MIT
#include <compare>

#include <crdt/causal/version_vector.hpp>

int main() {
    crdt::VersionVector<> a, b;
    a.advance("a");
    b.advance("b");
    auto order = a <=> b;  // std::partial_ordering::unordered: concurrent
    b.merge(a);
    order = a <=> b;  // std::partial_ordering::less
    return order == std::partial_ordering::less ? 0 : 1;
}
