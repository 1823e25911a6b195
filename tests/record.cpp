// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/crdt.hpp>
#include <crdt/to_string.hpp>

#include "support/menu.hpp"
#include "support/set_models.hpp"
#include "support/types.hpp"

namespace record_tests {

using namespace crdt;
using support::Task;

namespace {

/// A record that acts as a set: element 0 is a flag in one field, and all other elements are in
/// another field.
using Split = Record<Field<"flag", EWFlag<>>, Field<"set", AWSet<int>>>;

/// Together the fields behave like one add-wins set, because no field affects another.
struct Model : support::AddWinsModel<Split> {
    static Split run(Split& state, std::size_t replica, const Op& op) {
        const std::string& id = support::replica_name(replica);
        if (op.kind == Kind::reset) return state.reset(id);
        if (op.element == 0) {
            return state.update<"flag">([&](auto& flag) {
                return op.kind == Kind::add ? flag.enable(id) : flag.disable();
            });
        }
        return state.update<"set">([&](auto& set) {
            return op.kind == Kind::add ? set.insert(id, op.element) : set.erase(op.element);
        });
    }
    static std::set<int> actual(const Split& state) {
        std::set<int> elements = support::elements_of(state.view<"set">());
        if (state.view<"flag">().enabled()) elements.insert(0);
        return elements;
    }
};

/// For the laws: a random write to one field, or to all.
constexpr auto write_to_task = [](auto& task, std::size_t replica, laws::Choices& choices) {
    const auto id = support::replica_id<std::string>(replica);
    switch (choices.below(7)) {
        case 0:
        case 1:
            return task.template update<"title">([&](auto& title) {
                return title.assign(id, support::generated(std::string(
                                            1, static_cast<char>('a' + choices.below(3)))));
            });
        case 2:
            return task.template update<"done">(
                [&](auto& done) { return support::write_to_flag(done, replica, choices); });
        case 3:
        case 4:
            return task.template update<"spent">(
                [&](auto& spent) { return support::add_anything(spent, replica, choices); });
        case 5: return task.reset(id);
        default: return task.compact(id);
    }
};

const bool listed =
    support::on_menu<Split, Model>(
        "Record of a flag and a set",
        [](Split& state, std::size_t replica, laws::Choices& choices) {
            return Model::run(
                state, replica,
                {static_cast<support::Kind>(choices.below(3)), static_cast<int>(choices.below(3))});
        }) &&
    support::on_menu<Task>("Record of a register, a flag and a counter", write_to_task) &&
    support::on_menu<ORMap<int, Task>>("ORMap of Records", [](auto& map, std::size_t replica,
                                                              laws::Choices& choices) {
        const int key = static_cast<int>(choices.below(2));
        if (choices.below(4) == 3) return map.erase(support::replica_id<std::string>(replica), key);
        return map.update(key, [&](Task& task) { return write_to_task(task, replica, choices); });
    });

Task update_title(Task& task, const char* id, const char* text) {
    return task.update<"title">([&](auto& title) { return title.assign(id, text); });
}
Task update_done(Task& task, const char* id) {
    return task.update<"done">([&](auto& done) { return done.enable(id); });
}

/// Returns the error with which the JSON codec refuses a state, or "accepted".
std::string refusal(const std::string& state) {
    const auto read = json::try_decode_value<Split>(state);
    return read ? "accepted" : read.error().to_string();
}

}  // namespace

TEST_CASE("Record: concurrent edits of different fields and of one field are all kept") {
    Task a, b;
    update_title(a, "a", "buy milk");
    update_done(b, "b");
    update_title(b, "b", "buy tea");
    const Task both = join(a, b);
    CHECK(both == join(b, a));
    CHECK(both.view<"done">().enabled());
    CHECK(both.view<"title">().values() == std::vector<std::string>{"buy milk", "buy tea"});
    CHECK((a <=> b) == std::partial_ordering::unordered);
    CHECK(a < both);
}

TEST_CASE("Record: a delta has only the change of one field") {
    Task task;
    update_title(task, "a", "buy milk");
    const Task before = task;
    const Task delta = update_done(task, "a");
    CHECK(delta.view<"title">().is_empty());
    CHECK(delta.view<"done">().enabled());
    CHECK(join(before, delta) == task);
    CHECK(difference(task, before) == delta);
}

TEST_CASE("Record: an erase concurrent with an edit of one field leaves a partial item") {
    ORMap<std::string, Task> a;
    a.update("1", [](Task& task) { return update_title(task, "a", "buy milk"); });
    CHECK(a.view("1").is_complete());
    ORMap<std::string, Task> b = a;
    a.erase("a", "1");
    CHECK(a.empty());
    CHECK_FALSE(a.view("1").is_complete());
    b.update("1", [](Task& task) { return update_done(task, "b"); });
    CHECK(b.view("1").is_complete());
    a.merge(b);
    b.merge(a);
    CHECK(a == b);
    CHECK(a.size() == 1);
    CHECK(a.view("1").view<"done">().enabled());
    CHECK_FALSE(a.view("1").view<"title">().has_value());
    CHECK_FALSE(a.view("1").is_complete());
    // A new title completes it.
    a.update("1", [](Task& task) { return update_title(task, "a", "buy tea"); });
    CHECK(a.view("1").is_complete());
}

TEST_CASE("Record: a record is complete only if the records in it are complete") {
    using Item = Record<Field<"name", MVRegister<std::string>>, Field<"task", Task>>;
    Item item;
    item.update<"name">([](auto& name) { return name.assign("a", "chores"); });
    CHECK_FALSE(item.is_complete());
    item.update<"task">([](Task& task) { return update_title(task, "a", "buy milk"); });
    CHECK(item.is_complete());
    CHECK(item.view<"task">().view<"title">().value() == "buy milk");
    CHECK(to_string(item) ==
          R"({name: {"a"#1: "chores"}, task: {title: {"a"#2: "buy milk"}, done: {}, spent: {}}})"
          R"( of {"a"#1..2})");
    CHECK(*json::try_decode<Item>(json::encode(item)) == item);
    CHECK(*binary::try_decode<Item>(binary::encode(item)) == item);
    item.clear("a");
    CHECK(Item::is_empty(item.store()));
    CHECK_FALSE(item.is_bottom());
}

TEST_CASE("Record: compact drops, in each field, the amounts that other replicas have undone") {
    Task a;
    a.update<"spent">([](auto& spent) { return spent.add("a", 5); });
    update_title(a, "a", "buy milk");
    Task b = a;
    b.reset("b");
    CHECK(b.view<"spent">().value() == 0);
    a.merge(b);
    CHECK_FALSE(a.store().dots().is_bottom());
    CHECK(Task::has_amounts_of(a.store(), "a"));
    CHECK_FALSE(Task::has_amounts_of(a.store(), "b"));
    b.merge(a.compact("a"));
    CHECK(a == b);
    CHECK(a.store().is_bottom());
    CHECK_FALSE(Task::has_amounts_of(a.store(), "a"));
}

TEST_CASE("Record: a mutator that throws changes nothing") {
    using Few = ResettableCounter<std::string, std::uint8_t>;
    Record<Field<"few", Few>, Field<"title", MVRegister<std::string>>> item;
    item.update<"few">([](auto& few) { return few.add("a", 200); });
    const auto before = item;
    const auto add_too_much = [](auto& few) { return few.add("a", 256); };
    CHECK_THROWS_AS(item.update<"few">(add_too_much), std::overflow_error);
    CHECK(item == before);
}

TEST_CASE("Record: a counter in a record is as small as a counter alone") {
    Task task;
    for (int i = 0; i < 10; ++i) {
        update_title(task, "a", "buy milk");
        task.update<"spent">([](auto& spent) { return spent.add("a", 1); });
    }
    CHECK(task.view<"spent">().value() == 10);
    CHECK(task.view<"spent">().store().dots().size() == 1);
}

TEST_CASE("Record: the fields are visited in the order of their declaration") {
    std::vector<std::string> names;
    int empty = 0;
    Task task;
    update_done(task, "a");
    task.for_each_field([&](std::string_view name, const auto& view) {
        names.emplace_back(name);
        empty += view.is_empty() ? 1 : 0;
    });
    CHECK(names == std::vector<std::string>{"title", "done", "spent"});
    CHECK(empty == 2);
}

TEST_CASE("Record: fields are members in JSON, and one after the other in binary") {
    Split state;
    state.update<"flag">([](auto& flag) { return flag.enable("a"); });
    state.update<"set">([](auto& set) { return set.insert("a", 7); });
    CHECK(json::encode_value(state) ==
          R"({"context":[["a",1,2]],"store":{"flag":[["a",1]],"set":[[7,[["a",2]]]]}})");
    using Renamed = Record<Field<"on", EWFlag<>>, Field<"elements", AWSet<int>>>;
    CHECK(binary::encode_value(state) ==
          binary::encode_value(Renamed::from_lattice(Causal<Renamed::store_type>(
              Renamed::store_type(state.store().get<0>(), state.store().get<1>()),
              state.context()))));
    // The name of the type contains the names of the fields, so documents with other fields are
    // refused.
    CHECK(type_name<Split>() == "record<flag:ewflag<text>,set:awset<i32,text>>");
    CHECK_FALSE(binary::try_decode<Renamed>(binary::encode(state)));
}

TEST_CASE("Record: malformed documents are refused with a reason and a position") {
    CHECK(refusal(R"({"context":[["a",1]],"store":{"flag":[["a",1]],"set":[]}})") == "accepted");
    CHECK(refusal(R"({"context":[["a",1]],"store":{"flag":[["a",1]]}})") ==
          "missing member at /store/set");
    CHECK(refusal(R"({"context":[["a",1]],"store":{"flag":[["a",1]],"set":[],"more":[]}})") ==
          "unknown member at /store/more");
    CHECK(refusal(R"({"context":[["a",1]],"store":{"flag":[["a",1]],"set":[[7,[["a",1]]]]}})") ==
          "dot in two places at /store");
    CHECK(refusal(R"({"context":[],"store":{"flag":[["a",1]],"set":[]}})") ==
          "dot in the store that the context lacks");
}

TEST_CASE("Record: one dot in two fields is a conflict") {
    Split a, b;
    a.update<"flag">([](auto& flag) { return flag.enable("same"); });
    b.update<"set">([](auto& set) { return set.insert("same", 1); });
    CHECK(conflicts(a, b));
    CHECK_FALSE(conflicts(a, a));
}

}  // namespace record_tests
