// SPDX-License-Identifier: MIT
//! A client of the counter service. It adds to counters, reads and watches them, shows the members,
//! and measures rate and latency.

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "../numbers.hpp"
#include "../server_flags.hpp"
#include "changes.hpp"
#include "commands.hpp"
#include "completion.hpp"
#include "options.hpp"
#include "session.hpp"
#include "show.hpp"
#include "top.hpp"
#include "watch.hpp"

namespace {

/// Prints the value of one counter, which it reads in the session if there is one, or the values of
/// several counters, one per line.
void read(const Client& client, const ClientOptions& options) {
    if (options.names.size() > 1)
        return show_changes(
            client.request("read", about(options, {{"names", options.names}}), options.node),
            "counters", options.json);
    const std::string& name = options.names.front();
    SessionFile session(options.session_file);
    Json request = about(options, {{"name", name}});
    session.add_to(request);
    const Json reply = client.request("read", request, options.node);
    session.keep(name, reply);
    show_value(reply, options.json);
}

void list(const Client& client, const ClientOptions& options) {
    Json request = about(options, {{"limit", 1000}});
    while (true) {
        const Json reply = client.request("list", request, options.node);
        show_changes(reply, "counters", options.json);
        if (!reply.value("more", false)) return;
        for (const char* member : {"after", "after_kind"}) request[member] = reply.at(member);
    }
}

void watch(const Client& client, const ClientOptions& options) {
    Watch watch(client, about(options, options.names.empty() ? Json::object()
                                                             : Json{{"names", options.names}}));
    while (true) {
        const auto changes = watch.next(std::chrono::seconds(1));
        if (!changes) continue;
        show_changes(*changes, "changes", options.json);
        if (options.only_once) return;
    }
}

/// Adds the subcommands. Each sets `action` to the function that it runs.
void add_commands(CLI::App& app, ClientOptions& options, Action& action) {
    Commands commands(app, options, action);
    add_changing_commands(commands, options);
    CLI::App* reads =
        commands.with_session(commands.add("read", "Print the values of counters",
                                           [&](const Client& client) { read(client, options); }));
    CLI::Option* const file = reads->get_option("--session-file");
    reads->add_option("names", options.names, "The counters' names")
        ->required()
        ->expected(1, 1000)
        ->each([file, many = false](const std::string&) mutable {
            if (std::exchange(many, true) && file->count() > 0)
                throw CLI::ValidationError("names", "a session file needs one name");
        });
    CLI::App* lists = commands.add("list", "Print all counters",
                                   [&](const Client& client) { list(client, options); });
    CLI::App* watches = commands.add("watch", "Print all counters, and each change",
                                     [&](const Client& client) { watch(client, options); });
    commands
        .add("prune", "Declare that a node or an incarnation has departed permanently",
             [&](const Client& client) {
                 const Json reply = client.request("prune", {{"node", options.to}}, options.node);
                 std::cout << (options.json ? reply.dump() : reply.at("incarnation").dump())
                           << "\n";
             })
        ->add_option("node", options.to, "The node, or the incarnation")
        ->required();
    commands.add("status", "Print a node and its members", [&](const Client& client) {
        show_status(client.request("status", Json::object(), options.node), options.json);
    });
    CLI::App* tops = commands.add(
        "top", "Show a table of the counters that change most; q ends", [&](const Client& client) {
            top(client, about(options, Json::object()), options.only_once);
        });
    for (CLI::App* verb : {lists, watches, tops})
        commands.with_kind(verb)->add_option("prefix", options.prefix,
                                             "Only names with this prefix");
    for (CLI::App* verb : {watches, tops})
        verb->add_flag("--once", options.only_once, "Print once and end");
    watches->add_option("--names", options.names, "Only these names")->excludes("prefix");

    CLI::App* bench = commands.with_acks(commands.with_kind(commands.add(
        "bench", "Measure rate and latency; its counters stay", [&](const Client& client) {
            Json request = about(options, {{"timeout_ms", options.timeout_ms}});
            if (options.bench.verb == "add") {
                request["delta"] = 1;
                request["ack"] = options.acks;
            }
            Bench(client, options.bench, request, options.node).run(options.json);
        })));
    bench->add_option("verb", options.bench.verb, "The requests to send")
        ->check(CLI::IsMember({"add", "read"}))
        ->capture_default_str();
    bench->add_option("--seconds", options.bench.seconds, "How long to send")
        ->check(numbers(1, 86400))
        ->capture_default_str();
    bench->add_option("--outstanding", options.bench.outstanding, "Requests without a reply")
        ->check(numbers(1, 100000))
        ->capture_default_str();
    bench->add_option("--counters", options.bench.counters, "The number of counters")
        ->check(numbers(1, 10000000))
        ->capture_default_str();
    bench->add_option("--prefix", options.bench.prefix, "Their names are this and a number")
        ->capture_default_str();

    app.add_subcommand("completion", "Print a script that completes commands; bash sources it")
        ->callback([&app] { Completion(app, std::cout).print(); })
        ->add_option("shell", options.shell, "The shell")
        ->required()
        ->check(CLI::IsMember({"bash"}));
}

int run(ClientOptions& options, const Action& action) {
    if (!action) return 0;  // a command without a client
    options.server.at_once = options.bench.outstanding == 1;
    try {
        crdt::nats::Connection connection(options.server, crdt::system::Log());
        Client client(connection, options.cluster, options.timeout_ms);
        client.within = options.within;
        if (!options.server.inbox_prefix.empty()) client.inbox_prefix = options.server.inbox_prefix;
        action(client);
        return 0;
    } catch (const Failure& failure) {
        std::cerr << "counterctl: " << failure.what() << "\n";
        return failure.exit_code;
    } catch (const crdt::nats::NatsError& error) {
        std::cerr << "counterctl: " << error.what() << "\n";
        return unreachable;
    } catch (const Json::exception& error) {
        std::cerr << "counterctl: invalid reply: " << error.what() << "\n";
        return unreachable;
    }
}

}  // namespace

int main(int argc, char** argv) {
    ClientOptions options;
    Action action;
    CLI::App app{
        "A client of the counter service. Exit codes: 0 done; 1 unknown node or invalid session "
        "file; 2 no reply; 10 not supported; "
        "11 unavailable now; 12 malformed request; 22 not enough rights; above 100 wrong usage."};
    app.require_subcommand(1);
    add_server_flags(app, options.server);
    app.add_option("--cluster", options.cluster, "The name of the cluster")->capture_default_str();
    app.add_option("--node", options.node, "Send the request to this node; default: any node");
    app.add_option("--within", options.within,
                   "Use the subjects that only accept names with this prefix and a slash");
    app.add_option("--inbox-prefix", options.server.inbox_prefix,
                   "The beginning of subjects for replies; default: _INBOX");
    app.add_option("--timeout", options.timeout_ms,
                   "Ms to wait for acks, or for what the session has seen")
        ->capture_default_str()
        ->check(numbers(1, 600000));
    app.add_flag("--json", options.json, "Print replies as JSON");
    add_commands(app, options, action);
    CLI11_PARSE(app, argc, argv);
    return run(options, action);
}
