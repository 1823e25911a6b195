// SPDX-License-Identifier: MIT
//! Tests concurrent changes of one counter at two nodes, with two kinds and with sums beyond 64
//! bits.
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/nats/mailbox.hpp>
#include <crdt/nats/subscription.hpp>

#include "cluster.hpp"
#include "node.hpp"
#include "server.hpp"
#include "support/program.hpp"

namespace kinds_tests {

using namespace support;

namespace {

constexpr std::int64_t much = 9'000'000'000'000'000'000;

/// Adds at n1 and at n2 before either has the other's add.
void add_at_both(Cluster& cluster, const json& at_n1, const json& at_n2) {
    auto& connection = cluster.client.connection();
    // A change is sent at once, and the next one after an interval.
    for (const std::string node : {"n1", "n2"})
        cluster.client.ask("node." + node, "add", {{"name", "a"}, {"delta", 1}});
    connection.publish("crdt.shop.node.n1.add", at_n1.dump());
    connection.publish("crdt.shop.node.n2.add", at_n2.dump());
}

/// "name/kind" of all listed counters, with pages of one.
std::vector<std::string> listed(Cluster& cluster, const std::string& node, json request) {
    std::vector<std::string> found;
    request["limit"] = 1;
    while (true) {
        const json page = cluster.client.ask("node." + node, "list", request);
        REQUIRE_MESSAGE(page.at("ok") == true, page.dump());
        for (const json& each : page.at("counters"))
            found.push_back(each.at("name").get<std::string>() + '/' +
                            each.at("kind").get<std::string>());
        if (page.at("more") == false) return found;
        for (const char* member : {"after", "after_kind"}) request[member] = page.at(member);
    }
}

Outcome counterctl(Cluster& cluster, const std::string& words) {
    return run_program(
        environment("COUNTERCTL") + " --url " + cluster.server.url() + " --cluster shop " + words,
        "");
}

}  // namespace

TEST_CASE("kinds: a name created concurrently with two kinds is two counters") {
    Cluster cluster(2);
    auto& client = cluster.client;
    add_at_both(cluster, {{"name", "x"}, {"delta", 5}},
                {{"name", "x"}, {"delta", 7}, {"kind", "bounded"}});
    client.ask("node.n1", "add", {{"name", "a"}, {"delta", 1}});
    client.ask("node.n1", "add", {{"name", "y"}, {"delta", 1}});
    const std::vector<std::string> all{"a/counter", "x/counter", "x/bounded", "y/counter"};
    for (const std::string node : {"n1", "n2"}) {
        CHECK(eventually([&] { return listed(cluster, node, json::object()) == all; }));
        CHECK(listed(cluster, node, {{"kind", "bounded"}}) ==
              std::vector<std::string>{"x/bounded"});
        CHECK(listed(cluster, node, {{"prefix", "x"}}) ==
              std::vector<std::string>{"x/counter", "x/bounded"});
        const auto value = [&](const json& request) {
            return client.ask("node." + node, "read", request).at("value");
        };
        CHECK(value({{"name", "x"}, {"kind", "counter"}}) == 5);
        CHECK(value({{"name", "x"}, {"kind", "bounded"}}) == 7);
        CHECK(value({{"name", "x"}}) == 5);
    }

    // Both counters are watched, by name and by prefix.
    crdt::nats::Mailbox mailbox;
    std::map<std::string, std::map<std::string, json>> reported;
    std::vector<std::unique_ptr<crdt::nats::Subscription>> inboxes;
    const std::vector<std::pair<std::string, std::string>> watches{
        {"names", R"({"names":["x","z"]})"},
        {"prefix", R"({"prefix":"x"})"},
        {"bounded", R"({"prefix":"","kind":"bounded"})"}};
    for (const auto& [subject, request] : watches) {
        inboxes.push_back(std::make_unique<crdt::nats::Subscription>(
            client.connection(), mailbox, subject, [&, subject = subject](const auto& message) {
                const json report = json::parse(message.data());
                for (const json& each : report.at("changes"))
                    reported[subject][each.at("name").get<std::string>() + '/' +
                                      each.at("kind").get<std::string>()] = each.at("value");
            }));
        client.connection().request("crdt.shop.node.n2.watch", subject, request);
    }
    using Values = std::map<std::string, json>;
    const auto eventually_reported = [&](const std::string& subject, const Values& values) {
        return eventually([&] {
            mailbox.deliver();
            return reported[subject] == values;
        });
    };
    CHECK(eventually_reported("names", {{"x/counter", 5}, {"x/bounded", 7}, {"z/counter", 0}}));
    CHECK(eventually_reported("prefix", {{"x/counter", 5}, {"x/bounded", 7}}));
    CHECK(eventually_reported("bounded", {{"x/bounded", 7}}));
    client.ask("node.n1", "add", {{"name", "x"}, {"delta", 1}});
    CHECK(eventually_reported("prefix", {{"x/counter", 6}, {"x/bounded", 7}}));
    client.ask("node.n2", "add", {{"name", "x"}, {"delta", -2}, {"kind", "bounded"}});
    CHECK(eventually_reported("names", {{"x/counter", 6}, {"x/bounded", 5}, {"z/counter", 0}}));
    CHECK(eventually_reported("prefix", {{"x/counter", 6}, {"x/bounded", 5}}));
    CHECK(eventually_reported("bounded", {{"x/bounded", 5}}));

    // counterctl can select either counter, with each verb.
    const auto output_of = [&](const std::string& words) {
        const Outcome outcome = counterctl(cluster, words);
        std::string text;
        for (const std::string& line : outcome.lines) text += line + ";";
        return outcome.exit_code == 0 ? text : outcome.errors;
    };
    CHECK(output_of("--node n2 read x") == "6;");
    CHECK(output_of("--node n2 read x --kind bounded") == "5;");
    CHECK(output_of("--node n2 add x 3 --kind bounded") == "8;");
    CHECK(output_of("--node n2 add x 1 --kind counter") == "7;");
    CHECK(output_of("--node n2 transfer x n1 1 --kind bounded") == "8;");
    CHECK(output_of("--node n2 list x --kind bounded") == "x\t8\tbounded;");
    CHECK(output_of("--node n2 list x") == "x\t7\tcounter;x\t8\tbounded;");
    CHECK(output_of("--node n2 reset x --kind counter") == "0;");
    CHECK(output_of("--node n2 list x") == "x\t8\tbounded;");
    CHECK(counterctl(cluster, "read x --kind sum").exit_code > 100);
    CHECK(counterctl(cluster, "--node n2 reset x --kind bounded").exit_code == 10);
}

TEST_CASE("kinds: concurrent adds beyond 64 bits are readable and can be subtracted again") {
    Cluster cluster(2);
    auto& client = cluster.client;
    for (const std::string kind : {"counter", "bounded"}) {
        CAPTURE(kind);
        const json add{{"name", kind}, {"kind", kind}, {"delta", much}};
        add_at_both(cluster, add, add);
        for (const std::string node : {"n1", "n2"}) {
            const auto read = [&] { return client.ask("node." + node, "read", {{"name", kind}}); };
            CHECK(eventually([&] { return read().at("value").is_null(); }));
            CHECK(read().at("exact") == "18000000000000000000");
            json more = add;
            for (const std::int64_t delta : {std::int64_t{1}, much}) {
                more["delta"] = delta;
                CHECK(code_of(client.ask("node." + node, "add", more)) == 22);
            }
        }
        CHECK(counterctl(cluster, "read " + kind).lines ==
              std::vector<std::string>{"18000000000000000000"});
        const json list = client.ask("node.n1", "list", {{"prefix", kind}});
        CHECK(list.at("counters").at(0).at("exact") == "18000000000000000000");
        // Subtracting is allowed, and so is adding 0.
        json back = add;
        back["delta"] = 0;
        CHECK(code_of(client.ask("node.n1", "add", back)) == 0);
        back["delta"] = -much;
        const json answer = client.ask("node.n1", "add", back);
        CHECK_MESSAGE(answer.at("ok") == true, answer.dump());
        CHECK(answer.at("value") == much);
        CHECK_FALSE(answer.contains("exact"));
        CHECK(cluster.reports("n2", kind, much));
        CHECK(code_of(client.ask("node.n2", "add", back)) == 0);
        CHECK(cluster.reports("n1", kind, 0));
    }
}

}  // namespace kinds_tests
