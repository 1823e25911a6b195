// SPDX-License-Identifier: MIT
//! Tests the configuration file of a node. Each line takes effect, or the node does not start.
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "node.hpp"
#include "server.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

namespace options_tests {

using namespace support;

namespace {

struct Outcome {
    std::string end, log;
};
/// Runs counterd with this file, so that it only checks its options. Returns its end and its log.
Outcome check_file(const std::string& text, std::vector<std::string> flags = {}) {
    const TemporaryFolder folder;
    write_file(folder.path() / "counterd.conf", text);
    flags.insert(flags.end(), {"--cluster", "shop", "--node", "n1", "--check-config", "--config",
                               (folder.path() / "counterd.conf").string()});
    Child child(folder.path(), "counterd", environment("COUNTERD"), flags);
    child.start();
    const std::string end = child.end();
    return {end, child.log()};
}
void expect_taken(const std::string& text) {
    const Outcome outcome = check_file(text);
    CHECK_MESSAGE(outcome.end == "exited with code 0", text, " gave: ", outcome.log);
}
/// Each of `words` must be in the log.
void expect_refused(const std::string& text, const std::vector<std::string>& words) {
    const Outcome outcome = check_file(text);
    CHECK_MESSAGE(outcome.end == "exited with code 78", text);
    for (const std::string& word : words)
        CHECK_MESSAGE(outcome.log.find(word) != std::string::npos, text, " gave: ", outcome.log);
}

const std::vector<std::pair<std::string, std::string>> options{
    {"cluster", "shop"},      {"node", "n1"},       {"url", "nats://127.0.0.1:4222"},
    {"creds", "/dev/null"},   {"data", "/tmp"},     {"interval", "20"},
    {"metrics-port", "9100"}, {"rate-limit", "10"}, {"expire-after", "60"},
    {"log-level", "info"},    {"wait", "5"},        {"metrics-address", "10.0.0.1"},
    {"client-port", "4300"},
};

}  // namespace

TEST_CASE("options: a configuration file is read as intended") {
    std::string all;
    for (const auto& [name, value] : options) all += name + " = " + value + "\n";
    expect_taken(all);
    expect_taken("\xEF\xBB\xBF" + all);
    expect_taken("# a comment\n; another\n\n  interval=20   # and one behind\r\n");
    expect_taken("url = [\"nats://a:1\", 'nats://b:2']\n");
    expect_taken("url = nats://a:1 nats://b:2, nats://c:3\n");
    expect_taken("interval = \"20\"");
    expect_taken("");
    // A value out of range is rejected, which shows that the value is used.
    expect_refused("interval = 0\n", {"interval", "from 1 to 60000"});
    expect_refused("interval = 010\n", {"interval", "010"});
    expect_refused("\xEF\xBB\xBFinterval = 0x10\n", {"interval", "0x10"});
}

TEST_CASE("options: unknown input in a configuration file is an error that names it and its line") {
    expect_refused("interval = 20\ntls_ca = ca.pem\n", {"line 2", "'tls_ca'"});
    expect_refused("# no underscores\n\nmetrics_port = 9100\n", {"line 3", "'metrics_port'"});
    expect_refused("interval = 20\n[tls]\nca = ca.pem\n", {"line 2", "[tls]"});
    // Names similar to valid ones.
    for (const auto& [name, value] : options) {
        std::string upper = name, other = name;
        upper.front() = static_cast<char>(upper.front() - 'a' + 'A');
        other.back() = 'x';
        std::vector<std::string> wrong{upper,       other,       name + "s",
                                       "-" + name,  "--" + name, "counterd." + name,
                                       name + ".x", name + " x", "\"" + name + "\"",
                                       ""};
        const std::size_t dash = name.find('-');
        if (dash != name.npos) {
            wrong.push_back(name.substr(0, dash) + "_" + name.substr(dash + 1));
            wrong.push_back(name.substr(0, dash) + name.substr(dash + 1));
        }
        for (const std::string& each : wrong)
            expect_refused("# first\n" + each + " = " + value + "\n", {"line 2", "'" + each + "'"});
        expect_refused("[default]\n" + name + " = " + value + "\n", {"line 1", "[default]"});
        expect_refused(name + " = " + value + "\n\n" + name + " = " + value + "\n",
                       {"line 3", "line 1", "'" + name + "'"});
        for (const std::string& none :
             std::vector<std::string>{"", " =", " = # " + value, " = []", " = \"" + value,
                                      " = [" + value, " = " + value + "]", " = [" + value + "] x"})
            expect_refused(name + none + "\n", {"line 1"});
    }
    for (const std::string name : {"config", "check-config", "help", "version", "x"})
        expect_refused(name + " = true\n", {"line 1", "'" + name + "'"});
}

TEST_CASE("options: a configuration file that is missing or unreadable is an error") {
    const TemporaryFolder folder;
    for (const fs::path& path : {folder.path() / "none", folder.path()}) {
        Child child(folder.path(), "counterd", environment("COUNTERD"),
                    {"--cluster", "shop", "--node", "n1", "--config", path.string()});
        child.start();
        CHECK_MESSAGE(child.end() == "exited with code 78", path.string(), child.log());
    }
}

TEST_CASE("options: all errors of a file are reported, with the option and what was expected") {
    expect_refused(
        "interval = 0\nfoo = 3\n\nlog-level = loud\nnode = N1\nmetrics-address = here\n"
        "data = /no/such/folder\n",
        {"line 1: --interval: expected a whole number from 1 to 60000", "line 2: unknown option",
         "line 4: --log-level: expected error, warning, info or debug; found 'loud'",
         "line 5: --node: expected 1 to 32 of a-z 0-9 _ -, found 'N1'", "line 6: --metrics-address",
         "line 7: --data"});
}

TEST_CASE("options: wrong flags are errors with what was expected") {
    const TemporaryFolder folder;
    const auto refuse = [&](const std::vector<std::string>& flags, const std::string& why) {
        Child child(folder.path(), "counterd", environment("COUNTERD"), flags);
        child.start();
        CHECK_MESSAGE(child.end() == "exited with code 64", why);
        CHECK_MESSAGE(child.log().find(why) != std::string::npos, child.log());
    };
    const auto with = [](std::vector<std::string> more) {
        more.insert(more.end(), {"--cluster", "shop", "--node", "n1", "--check-config"});
        return more;
    };
    refuse({"--node", "n1"}, "--cluster");
    refuse({"--cluster", "shop"}, "--node");
    refuse({"--cluster", "Shop", "--node", "n1"}, "expected 1 to 32 of a-z 0-9 _ -, found 'Shop'");
    refuse({"--cluster", "shop", "--node", "n.1"}, "found 'n.1'");
    refuse(with({"--trust-data"}), "--trust-data: requires --data");
    refuse(with({"--url", "nats://a:b@c:1", "--url", "nats://x:y@d:1"}), "the same user");
    refuse(with({"--url", "nats://a:%0@c:1"}), "expected %01 to %FF");
    refuse(with({"--tls-key", "/dev/null"}), "--tls-cert");
    refuse(with({"--surplus"}), "--surplus");
    refuse(with({"--wait", "-1"}), "--wait");
}

TEST_CASE("options: the reference lists exactly the options and exit codes of --help") {
    const auto help = run_program(environment("COUNTERD") + " --help", "").lines;
    const std::string page =
        read_file(fs::path(environment("SOURCE")) / "docs/reference/service.md");
    std::set<std::string> offered, codes;
    std::smatch match;
    for (const std::string& line : help) {
        if (std::regex_search(line, match, std::regex("^  (?:-h,)?(--[a-z-]+)")))
            offered.insert(match[1]);
        if (!std::regex_match(line, match, std::regex("^  (\\d+) +(.+)"))) continue;
        codes.insert(match[1]);
        const std::string meaning =
            std::regex_replace(match.str(2), std::regex("--[a-z]+"), "`$&`");
        CHECK_MESSAGE(page.find("\n| " + match.str(1) + " | " + meaning + " |\n") != page.npos,
                      line);
    }
    CHECK(offered.erase("--help") == 1);
    CHECK(offered.size() > 15);
    CHECK(codes.size() >= 8);

    std::set<std::string> listed;
    const std::regex row("\n\\| (`--[^|]*) \\|"), option("--[a-z-]+");
    for (std::sregex_iterator found(page.begin(), page.end(), row), end; found != end; ++found) {
        const std::string cell = (*found)[1];
        for (std::sregex_iterator word(cell.begin(), cell.end(), option); word != end; ++word)
            listed.insert(word->str());
    }
    for (const std::string& each : offered)
        CHECK_MESSAGE(listed.contains(each), each, " is not in docs/reference/service.md");
    for (const std::string& each : listed)
        CHECK_MESSAGE(offered.contains(each), each, " is no option of counterd");
}

}  // namespace options_tests
