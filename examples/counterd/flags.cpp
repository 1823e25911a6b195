// SPDX-License-Identifier: MIT
#include "flags.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>

#include <CLI/CLI.hpp>

#include <crdt/nats/address.hpp>
#include <crdt/nats/login.hpp>

#include "../log_flag.hpp"
#include "../numbers.hpp"
#include "../server_flags.hpp"
#include "config_file.hpp"
#include "exit_code.hpp"
#include <arpa/inet.h>

namespace counterd {

namespace {

const CLI::Validator is_name{
    [](const std::string& word) {
        return crdt::nats::is_name(word) ? std::string()
                                         : "expected 1 to 32 of a-z 0-9 _ -, found '" + word + "'";
    },
    "", "name"};

/// The library's own check of addresses also accepts texts such as 127.0.0.01.
const CLI::Validator is_address{[](const std::string& word) {
                                    in_addr address{};
                                    return ::inet_pton(AF_INET, word.c_str(), &address) == 1
                                               ? std::string()
                                               : "expected an IPv4 address, found '" + word + "'";
                                },
                                "", "address"};

/// Returns the first line of a file. Throws CLI::ValidationError if it is no token.
std::string token_in(const std::string& file) {
    std::ifstream input(file);
    std::string token;
    std::getline(input, token);
    constexpr std::size_t longest = 256;
    const bool is_printable = std::all_of(
        token.begin(), token.end(), [](char letter) { return letter > ' ' && letter <= '~'; });
    if (token.empty() || token.size() > longest || !is_printable)
        throw CLI::ValidationError(
            "--client-token", "the first line of " + file +
                                  " is no token, expected 1 to 256 characters of ASCII without "
                                  "blanks");
    return token;
}

/// Checks conditions on several options together. Throws CLI::ValidationError if one does not hold.
void check_together(const Flags& flags) {
    if (flags.trust_data && flags.data.empty())
        throw CLI::ValidationError("--trust-data", "requires --data");
    if (flags.client_port == 0 && !flags.client_token.empty())
        throw CLI::ValidationError("--client-token", "requires --client-port");
    if (flags.client_token.empty() && !flags.client_address.starts_with("127."))
        throw CLI::ValidationError("--client-address",
                                   "requires --client-token, except for 127.0.0.1");
    try {
        std::vector<std::string> urls = flags.connection.urls;
        crdt::nats::extract_common_login(urls);
    } catch (const crdt::nats::NatsError& error) {
        throw CLI::ValidationError("--url", error.what());
    }
}

/// Prints the error, or the help if `error` requests it. Returns the exit code.
int exit_code_of(const CLI::App& app, const CLI::ParseError& error) {
    if (app.exit(error) == EX_OK) return EX_OK;
    const bool is_of_file = dynamic_cast<const CLI::ConfigError*>(&error) != nullptr ||
                            dynamic_cast<const CLI::FileError*>(&error) != nullptr;
    return is_of_file ? EX_CONFIG : EX_USAGE;
}

}  // namespace

Flags::Flags(int argc, char** argv) {
    bool check_config = false;
    CLI::App app{"A node of a cluster of counters. Clients and nodes connect to NATS servers."};
    app.set_config("--config", "", "A file of these options, one \"name = value\" per line");
    app.config_formatter(std::make_shared<ConfigFile>(app));
    app.add_flag("--check-config", check_config,
                 "Check the options and the file of --config, print what is wrong, and end")
        ->configurable(false);
    app.add_option("--cluster", cluster, "The name of the cluster: 1 to 32 of a-z 0-9 _ -")
        ->required()
        ->check(is_name);
    app.add_option("--node", node, "The name of this node, of the same characters")
        ->required()
        ->check(is_name);
    add_server_flags(app, connection);
    app.add_option("--data", data,
                   "The folder of NODE.sqlite; without it, the state is in memory only")
        ->check(CLI::ExistingDirectory);
    app.add_flag("--trust-data", trust_data,
                 "NODE.sqlite is not an old copy: use it without the confirmation of a peer");
    app.add_option("--interval", interval_ms,
                   "Ms between two messages to peers under load; peers take turns")
        ->check(numbers(1, 60000))
        ->capture_default_str();
    app.add_option("--metrics-port", metrics_port,
                   "Serve GET /metrics for Prometheus, /ready and /live on this port; 0: off")
        ->check(numbers(0, 65535))
        ->capture_default_str();
    app.add_option("--metrics-address", metrics_address, "The IPv4 address of that port")
        ->check(is_address)
        ->capture_default_str();
    app.add_option("--client-port", client_port,
                   "Serve clients on this port, without a NATS server between; 0: off")
        ->check(numbers(0, 65535))
        ->capture_default_str();
    app.add_option("--client-address", client_address, "The IPv4 address of that port")
        ->check(is_address)
        ->capture_default_str();
    std::string token_file;
    app.add_option("--client-token", token_file,
                   "A file with the token that these clients must send")
        ->check(CLI::ExistingFile);
    add_log_flag(app, "--log-level", log_level);
    app.add_option("--rate-limit", rate_limit, "Accepted requests per second; 0: no limit")
        ->check(numbers(0, 1000000))
        ->capture_default_str();
    app.add_option("--expire-after", expire_after_s,
                   "Seconds without a heartbeat after which a member is removed")
        ->check(numbers(5, 31536000))
        ->capture_default_str();
    app.add_option("--forget-after", forget_after_s,
                   "Seconds without a heartbeat after which the slots of a replica are pruned; 0: "
                   "never")
        ->check(numbers(0, 31536000))
        ->capture_default_str();
    app.add_option("--wait", wait_s,
                   "Seconds to wait at the start until a NATS server can be reached")
        ->check(numbers(0, 31536000))
        ->capture_default_str();
    app.footer(exit_codes_text());
    try {
        app.parse(argc, argv);
        if (!token_file.empty()) client_token = token_in(token_file);
        check_together(*this);
    } catch (const CLI::ParseError& error) {
        std::exit(exit_code_of(app, error));
    }
    if (!check_config) return;
    std::cout << "the options are valid\n";
    std::exit(EX_OK);
}

}  // namespace counterd
