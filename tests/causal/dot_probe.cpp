// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include <crdt/causal/dot_probe.hpp>
#include <crdt/causal/interval.hpp>

#include "support/dots.hpp"

namespace dot_probe_tests {

using crdt::DotRange;
using crdt::DotSet;
using crdt::Overlap;
using crdt::Random;

TEST_CASE("DotProbe: it agrees with a plain set, whatever was compared before") {
    for (const support::Corner& corner : support::corners) {
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            CAPTURE(corner.first);
            CAPTURE(seed);
            Random random(seed);
            const DotSet<> set = support::set_of(corner.draw_dots(random));
            crdt::detail::DotProbe<std::string> probe(set);
            for (int question = 0; question < 30; ++question) {
                const DotRange<> range = corner.draw(random);
                std::size_t inside = 0;
                const auto dots = support::dots_in(range);
                for (const crdt::Dot<>& dot : dots) inside += set.contains(dot) ? 1U : 0U;
                REQUIRE(probe.overlap(range) == (inside == dots.size() ? Overlap::all
                                                 : inside == 0         ? Overlap::none
                                                                       : Overlap::some));
            }
        }
    }
}

}  // namespace dot_probe_tests
