// SPDX-License-Identifier: MIT
#include <compare>

#include <crdt/causal/version_vector.hpp>

int main() {
    crdt::VersionVector<> a, b;
    a.advance("a");
    b.advance("b");
    compare(a, b);  // std::partial_ordering::unordered
    b.merge(a);
    compare(a, b);  // std::partial_ordering::less
    return compare(a, b) == std::partial_ordering::less ? 0 : 1;
}
