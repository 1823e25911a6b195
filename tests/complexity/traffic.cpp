// SPDX-License-Identifier: MIT
//! If replicas never stop writing, gossip costs the same after minutes as after seconds.
#include <cstddef>

#include <doctest/doctest.h>

#include "spent.hpp"
#include "support/clusters.hpp"

namespace traffic_tests {

using namespace support;

TEST_CASE("complexity: data of a peer is dropped, even if some delta is always pending") {
    Pair net;
    int element = 0;
    const auto bytes_of_a_while = [&] {
        const std::size_t before = spent.bytes;
        net.run(10 * second, [&] {
            net.insert(0, ++element);
            net.insert(1, ++element);
        });
        net.log.clear();
        return spent.bytes - before;
    };
    bytes_of_a_while();
    const std::size_t early = bytes_of_a_while();
    for (int i = 0; i < 10; ++i) bytes_of_a_while();
    const std::size_t late = bytes_of_a_while();
    CHECK(late < early + early / 4);
}

}  // namespace traffic_tests
