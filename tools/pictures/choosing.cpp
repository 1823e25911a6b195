// SPDX-License-Identifier: MIT
//! Draws a picture of each rule for concurrent writes.
#include <cstdint>
#include <string>

#include <crdt/crdt.hpp>

#include "pictures.hpp"
#include "story.hpp"

namespace pictures {
namespace {

using Text = std::string;

std::string braced(const auto& elements) {
    std::string list;
    for (const auto& element : elements) list += (list.empty() ? "" : ", ") + Text(element);
    return "{" + list + "}";
}
const auto number = [](const auto& counter) { return std::to_string(counter.value()); };
const auto members = [](const auto& set) { return braced(set); };
const auto state_of_flag = [](const auto& flag) { return Text(flag.enabled() ? "on" : "off"); };
const auto nested = [](const auto& map) {
    std::string list;
    for (const auto& [key, value] : map)
        list += (list.empty() ? "" : ", ") + key + ": " + braced(value);
    return "{" + list + "}";
};

/// Returns the state that `mutate` makes from bottom.
template <class State>
State made(auto mutate) {
    State state;
    mutate(state);
    return state;
}

/// Each replica writes once. Then each receives the state of the other.
template <class State>
std::string concurrent(auto show, const State& first, const Text& title, const Text& at_a,
                       auto by_a, const Text& at_b, auto by_b, bool shows_first = true) {
    Story<State> story(show, first, shows_first);
    story.write(0, 150, at_a, by_a);
    story.write(1, 150, at_b, by_b);
    story.exchange(190, 300);
    return story.picture(title);
}

void counters(const Save& save) {
    save("counters-all-count",
         concurrent<crdt::PNCounter<>>(
             number, {}, "Replica a adds 5, replica b adds -2 at the same time; both then show 3.",
             "add 5", [](auto& counter) { counter.add("a", 5); }, "add −2",
             [](auto& counter) { counter.add("b", -2); }));
    using Counter = crdt::ResettableCounter<>;
    save("observed-reset", concurrent<Counter>(
                               number, made<Counter>([](auto& counter) { counter.add("a", 5); }),
                               "Both show 5. a adds 2 while b resets; both then show 2.", "add 2",
                               [](auto& counter) { counter.add("a", 2); }, "reset",
                               [](auto& counter) { counter.reset("b"); }));
}

void escrow(const Save& save) {
    crdt::BoundedCounter<> ten;
    ten.add("a", 10);
    ten.transfer("a", "b", 4);
    Story<crdt::BoundedCounter<>> story(number, ten);
    const auto rights = [&](const Text& id) {
        return "may take " + std::to_string(ten.rights(id));
    };
    story.note(0, 66, rights("a"));
    story.note(1, 66, rights("b"));
    story.write(0, 175, "subtract 5", [](auto& counter) { counter.subtract("a", 5); });
    story.write(1, 149, "subtract 4", [](auto& counter) { counter.subtract("b", 4); });
    story.refuse(1, 256, "subtract 1: refused", [](auto& counter) { counter.subtract("b", 1); });
    story.send(1, 272, 322);
    story.send(0, 212, 325);
    save("escrow", story.picture("Of 10, a may take 6 and b may take 4. a subtracts 5, b subtracts "
                                 "4; one more at b is refused; both then show 1."));
}

void sets(const Save& save) {
    using Grown = crdt::GSet<Text>;
    save("inserts-stay",
         concurrent<Grown>(
             members, {}, "a inserts fig while b inserts kiwi; both then have fig and kiwi.",
             "insert fig", [](auto& set) { set.insert("fig"); }, "insert kiwi",
             [](auto& set) { set.insert("kiwi"); }));
    using Added = crdt::AWSet<Text>;
    save("add-wins",
         concurrent<Added>(
             members, made<Added>([](auto& set) { set.insert("a", "milk"); }),
             "Both have milk. a inserts it again while b erases it; both then have milk.",
             "insert milk", [](auto& set) { set.insert("a", "milk"); }, "erase milk",
             [](auto& set) { set.erase("milk"); }));
    using Removed = crdt::RWSet<Text>;
    save("remove-wins",
         concurrent<Removed>(
             members, made<Removed>([](auto& set) { set.insert("a", "guest"); }),
             "Both have a guest. a inserts it again while b erases it; both are then without "
             "the guest.",
             "insert guest", [](auto& set) { set.insert("a", "guest"); }, "erase guest",
             [](auto& set) { set.erase("b", "guest"); }));
    using Nails = crdt::Bag<Text>;
    const auto erase = [](const Text& id) { return [=](Nails& bag) { bag.erase(id, "nail"); }; };
    save("bag",
         concurrent<Nails>(
             [](const Nails& bag) { return "nail: " + std::to_string(bag.count("nail")); },
             made<Nails>([](auto& bag) { bag.insert("a", "nail", 3); }),
             "Both have three nails. a erases one while b erases the same one; both then have "
             "two.",
             "erase nail", erase("a"), "erase nail", erase("b")));
}

void two_phase(const Save& save) {
    using Set = crdt::TwoPhaseSet<Text>;
    Story<Set> story(members, made<Set>([](auto& set) { set.insert("milk"); }));
    story.write(1, 115, "erase milk", [](auto& set) { set.erase("milk"); });
    story.send(1, 150, 240);
    story.write(0, 275, "insert milk", [](auto& set) { set.insert("milk"); });
    save("two-phase", story.picture("Both have milk. b erases it; a receives that and inserts it "
                                    "again; both are without milk."));
}

void values(const Save& save) {
    using Last = crdt::LWWRegister<Text>;
    save("last-write-wins",
         concurrent<Last>([](const Last& last) { return last.value_or(""); }, {},
                          "a assigns red at 1000, b assigns blue at 1001; both then show blue.",
                          "red at 1000",
                          [](auto& last) {
                              last.assign({{1000, 0}, "a"}, "red");
                          },
                          "blue at 1001",
                          [](auto& last) {
                              last.assign({{1001, 0}, "b"}, "blue");
                          },
                          false));

    using Values = crdt::MVRegister<Text>;
    Story<Values> story([](const Values& values) { return braced(values.values()); }, {}, false);
    story.write(0, 80, "assign red", [](auto& values) { values.assign("a", "red"); });
    story.write(1, 80, "assign blue", [](auto& values) { values.assign("b", "blue"); });
    story.exchange(105, 195);
    story.note_state(0, 165);
    story.write(0, 248, "assign mauve", [](auto& values) { values.assign("a", "mauve"); });
    story.send(0, 262, 322);
    save("multi-value",
         story.picture("a assigns red while b assigns blue; both then hold blue and red. a "
                       "assigns mauve; both then hold mauve."));
}

template <class Flag>
std::string flag_turned(const Text& title) {
    return concurrent<Flag>(
        state_of_flag, made<Flag>([](auto& flag) { flag.enable("a"); }), title, "enable",
        [](auto& flag) { flag.enable("a"); }, "disable",
        [](auto& flag) {
            if constexpr (requires { flag.disable("b"); })
                flag.disable("b");
            else
                flag.disable();
        });
}

void flags(const Save& save) {
    save("enable-wins",
         flag_turned<crdt::EWFlag<>>(
             "A flag is on. a enables it while b disables it; both then have it on."));
    save("disable-wins", flag_turned<crdt::DWFlag<>>("A flag is on. a enables it while b disables "
                                                     "it; both then have it off."));
}

template <template <class, class> class Map>
std::string fruit_removed(const Text& title) {
    using Fruit = Map<Text, crdt::AWSet<Text>>;
    const auto add = [](const Text& id, const Text& name) {
        return [=](Fruit& map) {
            const auto change = [&](auto& set) { return set.insert(id, name); };
            if constexpr (requires { map.update("fruit", change); })
                map.update("fruit", change);
            else
                map.update(id, "fruit", change);
        };
    };
    return concurrent<Fruit>(
        nested, made<Fruit>(add("a", "fig")), title, "erase fruit",
        [](auto& map) { map.erase("a", "fruit"); }, "insert kiwi", add("b", "kiwi"));
}

void maps(const Save& save) {
    using Scores = crdt::GMap<Text, crdt::Max<int>>;
    const auto raise = [](int score) {
        return [=](Scores& map) {
            map.update("ann", [&](auto& best) { return best.advance(score); });
        };
    };
    save("values-join", concurrent<Scores>(
                            [](const Scores& map) {
                                return "{ann: " + std::to_string(map.view("ann").value()) + "}";
                            },
                            made<Scores>(raise(3)),
                            "The greatest score of ann is 3. a raises it to 5 while b raises it to "
                            "7; both then have 7.",
                            "raise ann to 5", raise(5), "raise ann to 7", raise(7)));
    save("update-wins", fruit_removed<crdt::ORMap>(
                            "Both have fig under fruit. a erases fruit while b inserts kiwi "
                            "under it; both then have kiwi alone under fruit."));
    save("map-remove-wins", fruit_removed<crdt::RWMap>(
                                "Both have fig under fruit. a erases fruit while b inserts kiwi "
                                "under it; both are then without fruit."));
}

}  // namespace

void draw_choosing(const Save& save) {
    counters(save);
    escrow(save);
    sets(save);
    two_phase(save);
    values(save);
    flags(save);
    maps(save);
}

}  // namespace pictures
