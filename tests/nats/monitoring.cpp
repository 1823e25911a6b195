// SPDX-License-Identifier: MIT
//! Tests that the dashboard, the alert rules and the reference name the metrics of a node.
#include <cstddef>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cluster.hpp"
#include "http.hpp"
#include "server.hpp"

namespace monitoring_tests {

using namespace support;

namespace {

std::string source(const std::string& path) {
    const std::string text = read_file(fs::path(environment("SOURCE")) / path);
    REQUIRE_MESSAGE(!text.empty(), path);
    return text;
}

/// The types of all metrics of a node by name.
std::map<std::string, std::string> types_of_metrics() {
    const std::vector<Port> ports = free_ports(2);
    const Cluster cluster(
        1, {"--metrics-port", std::to_string(ports[0]), "--client-port", std::to_string(ports[1])});
    std::istringstream page(http_get(ports[0], "/metrics"));
    std::map<std::string, std::string> types;
    std::string hash, keyword, name, type;
    for (std::string line; std::getline(page, line);) {
        std::istringstream words(line);
        if (words >> hash >> keyword >> name >> type && keyword == "TYPE") types[name] = type;
    }
    return types;
}

/// Checks each metric of an expression. Only counters are used by rate() and increase(), and only
/// by them.
void check_expression(const std::map<std::string, std::string>& types, const std::string& text) {
    static const std::regex metric(R"((\w+\()?counterd_[a-z0-9_]+)");
    std::size_t count = 0;
    for (std::sregex_iterator found(text.begin(), text.end(), metric), end; found != end; ++found) {
        const std::string function = (*found)[1], name = found->str().substr(function.size());
        const auto type = types.find(name);
        const bool exists = type != types.end();
        CHECK_MESSAGE(exists, name, " is no metric of counterd: ", text);
        if (!exists) continue;
        const bool is_rate = function == "rate(" || function == "increase(";
        CHECK_MESSAGE(is_rate == (type->second == "counter"), name, " in ", text);
        ++count;
    }
    CHECK_MESSAGE((count > 0 || text.find("up{") != text.npos), "no metric in ", text);
}

}  // namespace

TEST_CASE("monitoring: the dashboard uses metrics that exist") {
    const auto types = types_of_metrics();
    CHECK(types.size() > 30);
    const json dashboard = json::parse(source("examples/counterd/monitoring/grafana.json"));
    std::set<int> ids;
    std::set<std::pair<int, int>> cells;
    for (const json& panel : dashboard.at("panels")) {
        const std::string title = panel.at("title");
        CHECK_MESSAGE(ids.insert(panel.at("id").get<int>()).second, title);
        CHECK_FALSE(panel.at("targets").empty());
        for (const json& target : panel.at("targets")) check_expression(types, target.at("expr"));
        const json& place = panel.at("gridPos");
        CHECK(place.at("x").get<int>() + place.at("w").get<int>() <= 24);
        for (int x = place.at("x"); x < place.at("x").get<int>() + place.at("w").get<int>(); ++x)
            for (int y = place.at("y"); y < place.at("y").get<int>() + place.at("h").get<int>();
                 ++y)
                CHECK_MESSAGE(cells.insert({x, y}).second, title, " covers another panel");
    }
    CHECK(ids.size() >= 10);
    for (const json& variable : dashboard.at("templating").at("list")) {
        const std::string query = variable.at("query");
        if (variable.at("type") == "query") check_expression(types, query);
    }
}

TEST_CASE("monitoring: the alert rules use metrics that exist") {
    const auto types = types_of_metrics();
    // The rules, each with its members by name. A line that continues a member follows it.
    std::vector<std::map<std::string, std::string>> rules;
    std::istringstream lines(source("examples/counterd/monitoring/alerts.yaml"));
    const std::regex first(R"(      - (alert): (\w+))"),
        member(R"( {8,10}(expr|for|labels|annotations|summary|description):(.*))"),
        more(R"( {10}([^ ].*))");
    std::string last;
    std::smatch match;
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_match(line, match, first)) {
            rules.push_back({{"alert", match.str(2)}});
        } else if (rules.empty() || line.empty()) {
            continue;
        } else if (std::regex_match(line, match, member)) {
            last = match.str(1);
            rules.back()[last] = match.str(2);
        } else {
            REQUIRE_MESSAGE(std::regex_match(line, match, more), line);
            rules.back()[last] += ' ' + match.str(1);
        }
    }
    CHECK(rules.size() >= 8);
    std::set<std::string> names;
    for (const auto& rule : rules) {
        CAPTURE(rule.at("alert"));
        CHECK(names.insert(rule.at("alert")).second);
        check_expression(types, rule.at("expr"));
        for (const char* each : {"labels", "summary", "description"}) CHECK(rule.count(each) == 1);
        CHECK(rule.at("labels").find("{severity: ") != std::string::npos);
    }
}

TEST_CASE("monitoring: the reference lists exactly the metrics of a node") {
    std::set<std::string> exposed, listed;
    for (const auto& [name, type] : types_of_metrics()) exposed.insert(name);
    std::istringstream page(source("docs/reference/service.md"));
    const std::regex metric("`(counterd_[a-z0-9_]+)`");
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("| `counterd_")) continue;
        const std::string names = line.substr(0, line.find('|', 1));
        for (std::sregex_iterator found(names.begin(), names.end(), metric), end; found != end;
             ++found)
            CHECK_MESSAGE(listed.insert((*found)[1]).second, found->str(), " is listed twice");
    }
    for (const std::string& name : exposed)
        CHECK_MESSAGE(listed.contains(name), name, " is not in docs/reference/service.md");
    for (const std::string& name : listed)
        CHECK_MESSAGE(exposed.contains(name), name, " is no metric of counterd");
}

}  // namespace monitoring_tests
