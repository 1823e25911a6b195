// SPDX-License-Identifier: MIT
//! The JSON forms of all types, pinned: what was once written is read for ever.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include <crdt/codec/json.hpp>
#include <crdt/crdt.hpp>

using namespace crdt;

namespace {

/// Holds `state` against tests/golden/<type>.v1.json; CRDT_UPDATE_GOLDEN=1 writes a new file.
template <class T>
void pin(const T& state) {
    const std::string path = std::string(GOLDEN_DIR) + "/" + std::string(T::type_name) + ".v1.json";
    CAPTURE(path);
    if (std::getenv("CRDT_UPDATE_GOLDEN") != nullptr)
        std::ofstream(path) << crdt::json::encode(state) << "\n";
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK(text == crdt::json::encode(state) + "\n");
    const auto read = crdt::json::try_decode<T>(text);
    REQUIRE(read);
    CHECK(*read == state);
    CHECK(hash_value(*read) == hash_value(state));
}

}  // namespace

TEST_CASE("JSON: golden files of all types still load and are written alike") {
    LexCounter<> lex;
    lex.add("a", 5);
    lex.add("a", -7);
    pin(lex);

    BoundedCounter<> bounded;
    bounded.add("a", 10);
    bounded.transfer("a", "b", 4);
    bounded.subtract("b", 3);
    pin(bounded);

    ResettableCounter<> resettable;
    resettable.add("a", 5);
    resettable.reset("b");
    resettable.add("a", -2);
    pin(resettable);

    TwoPhaseSet<std::string> phases;
    phases.insert("there");
    phases.insert("gone");
    phases.remove("gone");
    pin(phases);

    AWSet<int> adds;
    for (const int element : {5, -1, 7}) adds.add("a", element);
    adds.remove(-1);
    adds.add("b", 7);
    pin(adds);

    RWSet<std::string> removes;
    removes.add("a", "there");
    removes.remove("b", "gone");
    pin(removes);

    Bag<std::string> bag;
    bag.add("a", "nail", 100);
    bag.remove("a", "nail", 30);
    pin(bag);

    LWWRegister<std::string> last;
    last.set({{1003, 7}, "a"}, "é");
    pin(last);

    MVRegister<int> values, others;
    values.set("a", 5);
    others.set("b", -5);
    values.merge(others);
    pin(values);

    EWFlag<int> enabled;
    enabled.enable(3);
    pin(enabled);

    DWFlag<> disabled;
    disabled.enable("a");
    disabled.disable("b");
    pin(disabled);

    GMap<int, PNCounter<>> grown;
    grown.apply(-1, [](auto& counter) { return counter.add("a", -2); });
    pin(grown);

    ORMap<std::string, ORMap<int, MVRegister<bool>>> nested;
    nested.apply("outer", [](auto& inner) {
        return inner.apply(1, [](auto& value) { return value.set("a", true); });
    });
    nested.apply("gone", [](auto& inner) {
        return inner.apply(1, [](auto& value) { return value.set("a", true); });
    });
    nested.remove("b", "gone");
    pin(nested);

    RWMap<std::string, EWFlag<>> removable;
    removable.apply("a", "on", [](auto& flag) { return flag.enable("a"); });
    removable.remove("a", "gone");
    pin(removable);

    VersionVector<> versions;
    versions.advance_to("a", 18446744073709551615U);
    pin(versions);

    HLC clock;
    clock.receive({1003, 7}, 1003, 0);
    pin(clock);
}

TEST_CASE("JSON: hostile causal states are refused with a reason and a place") {
    const auto refusal = [](const std::string& state) {
        const auto result = crdt::json::try_decode<AWSet<int>>(
            R"({"type":"awset","version":1,"state":)" + state + "}");
        return result ? "accepted" : result.error().text();
    };
    CHECK(refusal(R"({"store":[[1,[["a",1]]]],"context":[["a",1]]})") == "accepted");
    CHECK(refusal(R"({"store":[[1,[["a",2]]]],"context":[["a",1]]})") ==
          "a live dot that the context lacks at /state");
    CHECK(refusal(R"({"store":[[1,[["a",1]]],[2,[["a",1]]]],"context":[["a",1]]})") ==
          "a dot in two places at /state/store/1");
    CHECK(refusal(R"({"store":[[1,[]]],"context":[]})") ==
          "an entry that says nothing at /state/store/0");
    CHECK(refusal(R"({"store":[],"context":[["a",0]]})") ==
          "dots count from 1 at /state/context/0");
    CHECK(refusal(R"({"store":[],"context":[["a",5,5]]})") ==
          "a range that ends early at /state/context/0");
    CHECK(refusal(R"({"store":[],"context":[["a",1],["a",2]]})") ==
          "not in ascending order at /state/context/1");
    CHECK(refusal(R"({"store":[],"context":[["a"]]})") == "not a range at /state/context/0");
    CHECK(refusal(R"({"store":[],"context":[],"more":1})") == "unknown member at /state/more");
    CHECK(refusal(R"({"store":[],"context":[["a",1,18446744073709551615]]})") == "accepted");
}
