// SPDX-License-Identifier: MIT
//! Tests the limits on the data and work that clients can cause at a node of the counter service.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <crdt/random.hpp>

#include "counterd/answers.hpp"
#include "counterd/counters.hpp"
#include "counterd/errors.hpp"
#include "counterd/pending_reads.hpp"
#include "counterd/pending_requests.hpp"
#include "counterd/request.hpp"
#include "counterd/token.hpp"
#include "counterd/watchers.hpp"

namespace bounds_tests {

using namespace counterd;
using Json = nlohmann::json;
using crdt::replication::Duration;
using crdt::replication::Time;

namespace {

Time at(int microseconds) { return Time{Duration{microseconds}}; }

template <class Exception>
int code_of(Exception exception) {
    const auto error = error_of([&] { throw exception; });
    REQUIRE(error);
    CHECK(std::string(error->what()) != "");
    return static_cast<int>(error->code());
}

template <class Action>
int code_thrown(Action&& action) {
    const auto error = error_of(action);
    return error ? static_cast<int>(error->code()) : 0;
}

Token token_of(const std::string& name, const Counters& counters) {
    Token token(name);
    token.note(Snapshot(counters, name));
    return token;
}

/// Polls `watchers` until all changes are reported. Returns, for each watcher and counter, the last
/// reported value.
struct Reports {
    std::map<std::string, std::map<std::string, std::string>> last{};
    std::size_t composed = 0, turns = 0, max_bytes = 0, longest = 0;
    Time now{std::chrono::milliseconds{1000}};

    void run(Watchers& watchers, const Counters& counters, std::size_t max_payload) {
        while (const auto due = watchers.next_deadline()) {
            now = std::max(now, *due);
            std::size_t bytes = 0;
            watchers.poll(
                now, max_payload,
                [&](const CounterKey& key) {
                    ++composed;
                    return entry_of(counters, key);
                },
                [&](const std::string& subject, const Entries& entries) {
                    Answer others;
                    others.put("node", "n");
                    const std::string message = entries.message("changes", std::move(others));
                    bytes += message.size();
                    longest = std::max(longest, message.size());
                    const Json report = Json::parse(message);
                    for (const Json& each : report.at("changes"))
                        last[subject][each.at("name").get<std::string>() + '/' +
                                      each.at("kind").get<std::string>()] = each.at("value").dump();
                });
            max_bytes = std::max(max_bytes, bytes);
            ++turns;
        }
    }
};

}  // namespace

TEST_CASE("bounds: every exception becomes an error for the client") {
    CHECK(code_thrown([] {}) == 0);
    CHECK(code_of(Error(ErrorCode::malformed_request, "x")) == 12);
    CHECK(code_of(std::bad_alloc()) == 11);
    CHECK(code_of(std::out_of_range("x")) == 22);
    CHECK(code_of(std::overflow_error("x")) == 22);
    CHECK(code_of(std::invalid_argument("x")) == 22);
    CHECK(code_of(std::logic_error("x")) == 13);
    CHECK(code_of(std::runtime_error("x")) == 13);
    CHECK(code_thrown([] { static_cast<void>(Json(1).at("x")); }) == 13);
}

TEST_CASE("bounds: requests are parsed strictly") {
    const Request::Members members{"name", "delta"};
    const auto code = [&](const std::string& text) {
        return code_thrown([&] { Request(text, members); });
    };
    CHECK(code("") == 0);
    CHECK(code(R"({"name":"a","delta":1})") == 0);
    CHECK(code(R"({"name":"a","name":"a"})") == 12);
    CHECK(code(R"({"name":"a","unknown":1})") == 12);
    CHECK(code(R"({"name":"a"} )") == 0);
    CHECK(code(R"({"name":"a"}x)") == 12);
    CHECK(code("[]") == 12);
    for (const std::size_t depth : std::initializer_list<std::size_t>{65, 1000, 30'000}) {
        const std::string open(depth, '['), close(depth, ']');
        CHECK(code(R"({"delta":)" + open + close + "}") == 12);
        CHECK(code(R"({"delta":)" + open) == 12);
        std::string objects;
        for (std::size_t i = 0; i < depth && objects.size() < 60'000; ++i)
            objects += R"({"delta":)";
        CHECK(code(objects) == 12);
    }
    try {
        const Request request(R"({"deltas":1})", members);
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find("'deltas'") != std::string::npos);
    }
}

TEST_CASE("bounds: a session is one state, however many operations it has") {
    // The session was written at many nodes that do not replicate.
    Token token("x");
    Counters all;
    for (ReplicaId node = 1; node <= 50; ++node) {
        Counters alone;
        alone.add(node, "x", 1);
        alone.add(node, "y", 1);
        token.note(Snapshot(alone, "x"));
        all.merge(alone);
        CHECK(token.is_satisfied_by(Snapshot(all, "x")));
        CHECK((node == 1) == token.is_satisfied_by(Snapshot(alone, "x")));
    }
    CHECK(token.text().size() < 5000);
    CHECK(Token("x", token.text()).is_satisfied_by(Snapshot(all, "x")));
    CHECK(code_thrown([&] { Token("y", token.text()); }) == 12);
    CHECK(code_thrown([&] { Token("x", std::string(Token::longest + 2, '0')); }) == 12);
}

TEST_CASE("bounds: a session waits for its own counter only") {
    Counters here, there;
    here.add(1, "y", 1);
    there.merge(here.add(1, "x", 1));
    const Token seen = token_of("x", here);
    CHECK(seen.is_satisfied_by(Snapshot(there, "x")));

    // A session that has read a reset never reads the writes that the reset has removed.
    Counters old = here;
    here.reset(1, "x");
    const Token reset = token_of("x", here);
    CHECK_FALSE(reset.is_satisfied_by(Snapshot(old, "x")));
    // A session that has read neither the writes nor the reset is served by the old state.
    CHECK(reset.is_satisfied_by(Snapshot(Counters(), "x")));
    old.merge(here);
    CHECK(reset.is_satisfied_by(Snapshot(old, "x")));
    CHECK(seen.is_satisfied_by(Snapshot(old, "x")));

    // The same for bounded counters.
    Counters stock;
    stock.add_bounded(1, "x", 5);
    CHECK_FALSE(token_of("x", stock).is_satisfied_by(Snapshot(old, "x")));
    old.merge(stock);
    CHECK(token_of("x", stock).is_satisfied_by(Snapshot(old, "x")));
}

TEST_CASE(
    "bounds: pending requests are limited by size, and rechecked for changes of their own "
    "counter") {
    Counters future;
    future.add(7, "x", 1);
    const Token token = token_of("x", future);
    PendingReads reads;
    std::size_t taken = 0;
    const auto enter = [&](const std::string& name, std::size_t bytes) {
        return code_thrown([&] {
            reads.enter(name, {std::nullopt, token, "reply", at(50), bytes});
        });
    };
    while (enter("x", 60'000) == 0) ++taken;
    CHECK(taken == PendingReads::max_bytes / 60'000);
    CHECK(enter("x", 60'000) == 11);
    CHECK(enter("y", 10) == 0);

    std::size_t answered = 0, given_up = 0;
    const auto poll = [&](Time now, const Counters& counters) {
        reads.poll(
            now, counters, [&](const std::string&, const PendingReads::Read&) { ++answered; },
            [&](const PendingReads::Read&) { ++given_up; });
    };
    poll(at(1), future);  // without changes no watcher is polled
    CHECK(answered == 0);
    reads.note("y");
    poll(at(2), Counters());
    CHECK(answered == 0);
    reads.note("x");
    poll(at(3), future);
    CHECK(answered == taken);
    CHECK(enter("x", 60'000) == 0);
    CHECK(reads.next_deadline().has_value());
    poll(at(50), Counters());
    CHECK(given_up == 2);
    CHECK_FALSE(reads.next_deadline().has_value());

    taken = 0;
    while (enter(std::to_string(taken), 10) == 0) ++taken;
    CHECK(taken == PendingReads::max_size);
    poll(at(100), Counters());
    CHECK(reads.size() == 0);

    PendingRequests requests;
    taken = 0;
    while (code_thrown([&] {
               requests.enter(
                   at(50), [] { return false; }, [] {}, 100'000);
           }) == 0)
        ++taken;
    CHECK(taken == PendingRequests::max_bytes / 100'000);
    requests.poll(at(50));
    CHECK(code_thrown([&] { requests.expect_room(PendingRequests::max_bytes); }) == 0);
}

TEST_CASE("bounds: reports are limited per tenth of a second, and complete in the end") {
    constexpr std::size_t watcher_count = Watchers::max_size, names = 300, payload = 1 << 20;
    Watchers watchers;
    for (std::size_t i = 0; i < watcher_count; ++i)
        watchers.renew("inbox." + std::to_string(i), {}, Time{});
    CHECK(code_thrown([&] { watchers.renew("one.more", {}, Time{}); }) == 11);
    Counters counters;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < names; ++i) {
            const std::string name = "c" + std::to_string(i);
            counters.add(1, name, 1);
            watchers.note({name, Kind::counter});
        }
    }
    Reports reports;
    reports.run(watchers, counters, payload);
    CHECK(reports.composed == names);  // each change once, for all
    CHECK(reports.max_bytes < 2 * Watchers::max_report_bytes);
    CHECK(reports.turns > 10);
    CHECK(reports.last.size() == watcher_count);
    for (const auto& [subject, values] : reports.last) {
        CHECK(values.size() == names);
        CHECK(values.at("c0/counter") == "3");
    }
}

TEST_CASE("bounds: watchers receive the changes of their counters, in messages that fit") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        CAPTURE(seed);
        crdt::Random random(seed);
        const auto draw_name = [&] {
            std::string name(1 + random.below(3), 'a');
            for (char& letter : name) letter = static_cast<char>('a' + random.below(2));
            return name;
        };
        Watchers watchers;
        std::map<std::string, Interest> interests;
        for (int i = 0; i < 12; ++i) {
            Interest interest;
            if (random.below(2) == 0) {
                interest.prefix = random.below(3) == 0 ? "" : draw_name();
            } else {
                interest.names.emplace();
                for (int j = 0; j < 3; ++j) interest.names->insert(draw_name());
            }
            if (random.below(3) == 0) interest.kind = Kind::bounded;
            const std::string subject = "s" + std::to_string(random.below(6));
            watchers.renew(subject, interest, Time{});
            interests[subject] = interest;
        }
        CHECK(watchers.size() == interests.size());
        Counters counters;
        std::set<CounterKey> changed;
        for (int i = 0; i < 20; ++i) {
            const CounterKey key{draw_name(), random.below(2) == 0 ? Kind::counter : Kind::bounded};
            if (key.kind == Kind::counter)
                counters.add(1, key.name, 1);
            else
                counters.add_bounded(1, key.name, 1);
            changed.insert(key);
            watchers.note(key);
        }
        Reports reports;
        reports.run(watchers, counters, Entries::rest + 100);
        CHECK(reports.longest <= Entries::rest + 100);
        for (const auto& [subject, interest] : interests) {
            std::set<std::string> expected, found;
            for (const CounterKey& key : changed)
                if ((!interest.kind || *interest.kind == key.kind) &&
                    (interest.names ? interest.names->contains(key.name)
                                    : key.name.starts_with(interest.prefix)))
                    expected.insert(key.name + '/' + name_of(key.kind));
            for (const auto& [key, value] : reports.last[subject]) found.insert(key);
            CHECK(found == expected);
        }
        // Watches expire.
        watchers.note({"a", Kind::counter});
        reports.last.clear();
        reports.now += std::chrono::milliseconds{40'000};
        reports.run(watchers, counters, 1 << 20);
        CHECK(reports.last.empty());
        CHECK(watchers.size() == 0);
    }
}

TEST_CASE("bounds: the sum of all watches is limited") {
    Watchers watchers;
    std::size_t taken = 0;
    const auto renew = [&](std::size_t i) {
        Interest interest;
        interest.names.emplace();
        for (int name = 0; name < 1000; ++name)
            interest.names->insert(std::string(190, 'x') + std::to_string(name));
        return code_thrown([&] { watchers.renew("s" + std::to_string(i), interest, Time{}); });
    };
    while (renew(taken) == 0) ++taken;
    CHECK(taken > 20);
    CHECK(taken * 300'000 < 2 * Watchers::max_bytes);
    CHECK(renew(0) == 0);  // a renewed watch takes no further memory
}

}  // namespace bounds_tests
