// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/replication/overlay.hpp>

namespace overlay_tests {

using namespace crdt::replication;

namespace {

std::vector<std::string> members(std::size_t count) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back("n" + std::to_string(i));
    return all;
}

/// How many hops the farthest member is from the first; count if some are not reached.
std::size_t reach(const std::vector<std::string>& all, const OverlayOptions& options) {
    std::set<std::string> reached{all.front()};
    std::vector<std::string> last{all.front()};  // the members that the last hop reached
    for (std::size_t hops = 0; hops < all.size(); ++hops) {
        if (reached.size() == all.size()) return hops;
        std::vector<std::string> next;
        for (const std::string& id : last)
            for (const std::string& other : neighbours(all, id, options))
                if (reached.insert(other).second) next.push_back(other);
        last = std::move(next);
    }
    return all.size();
}

}  // namespace

TEST_CASE("overlays are mutual and connected, without oneself and without repetition") {
    for (const auto shape :
         {Overlay::full_mesh, Overlay::star, Overlay::tree, Overlay::random, Overlay::by_size}) {
        for (const std::size_t count : {1U, 2U, 3U, 4U, 5U, 25U, 100U}) {
            for (const std::size_t degree : {0U, 1U, 2U, 4U, 7U}) {
                CAPTURE(static_cast<int>(shape));
                CAPTURE(count);
                CAPTURE(degree);
                const OverlayOptions options{shape, degree, 7};
                const auto all = members(count);
                std::map<std::string, std::vector<std::string>> near;
                for (const auto& id : all) near[id] = neighbours(all, id, options);
                for (const auto& [id, others] : near) {
                    CHECK(std::find(others.begin(), others.end(), id) == others.end());
                    CHECK(std::adjacent_find(others.begin(), others.end()) == others.end());
                    for (const auto& other : others) {
                        const auto& back = near[other];
                        CHECK(std::find(back.begin(), back.end(), id) != back.end());
                    }
                }
                CHECK((count == 1 || reach(all, options) < count));
            }
        }
    }
}

TEST_CASE("overlays have the reach and the degree that their shape promises") {
    const auto all = members(100);
    CHECK(reach(all, {Overlay::full_mesh, 4, 1}) == 1);
    CHECK(reach(all, {Overlay::star, 4, 1}) <= 2);
    CHECK(reach(all, {Overlay::tree, 4, 1}) == 4);
    CHECK(reach(all, {Overlay::random, 4, 1}) <= 6);
    for (const auto& id : all) {
        CHECK(neighbours(all, id, {Overlay::tree, 4, 1}).size() <= 5);
        CHECK(neighbours(all, id, {Overlay::random, 4, 1}).size() <= 4);
    }
    // The order of the members, and whether oneself is named, make no difference.
    auto turned = members(100);
    std::reverse(turned.begin(), turned.end());
    std::erase(turned, "n7");
    // The overlay that is chosen by size is one of two others.
    for (const std::size_t count : {2U, 8U, 9U, 25U}) {
        CAPTURE(count);
        const auto some = members(count);
        const OverlayOptions one{count <= 8 ? Overlay::full_mesh : Overlay::random, 4, 1};
        for (const std::string& id : some)
            CHECK(neighbours(some, id, {Overlay::by_size, 4, 1}) == neighbours(some, id, one));
    }
    CHECK(neighbours(turned, std::string("n7"), {Overlay::random, 4, 3}) ==
          neighbours(all, std::string("n7"), {Overlay::random, 4, 3}));
}

}  // namespace overlay_tests
