// SPDX-License-Identifier: MIT
//! A client of the counter service: adds, reads, watches, shows the members, measures.

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "../numbers.hpp"
#include "../server_flags.hpp"
#include "bench.hpp"
#include "client.hpp"
#include "completion.hpp"
#include "session.hpp"
#include "top.hpp"
#include "watch.hpp"

namespace {

struct ClientOptions {
    crdt::nats::ConnectionOptions server;
    std::string cluster = "demo";
    std::string node, within;
    std::int64_t timeout_ms = 1000;
    bool json = false;

    std::string name, kind, to, prefix, session_file, shell;
    std::int64_t delta = 0;
    std::uint64_t amount = 0;
    std::uint64_t acks = 0;
    bool is_bounded = false, only_once = false;
    BenchOptions bench;
    std::vector<std::string> names;
};

/// Adds the requested kind and prefix to a request.
Json about(const ClientOptions& options, Json request) {
    if (!options.kind.empty()) request["kind"] = options.kind;
    if (!options.prefix.empty()) request["prefix"] = options.prefix;
    return request;
}

/// Returns the digits of a value, which can exceed 64 bits.
std::string shown_value(const Json& counter) {
    const Json value = counter.value("value", Json());
    return value.is_null() ? counter.value("exact", "null") : value.dump();
}

/// Prints one line per counter, or the reply as JSON.
void show_changes(const Json& reply, const char* field, bool as_json) {
    if (as_json) {
        std::cout << reply.dump() << "\n";
    } else {
        for (const Json& counter : reply.value(field, Json::array())) {
            std::cout << counter.at("name").get<std::string>() << "\t" << shown_value(counter);
            if (counter.contains("kind")) std::cout << "\t" << counter["kind"].get<std::string>();
            std::cout << "\n";
        }
    }
    std::cout << std::flush;
}

void show_value(const Json& reply, bool as_json) {
    std::cout << (as_json ? reply.dump() : shown_value(reply)) << "\n";
}

/// Sends a request about one counter, with the session if there is one.
void request_of_counter(const Client& client, const ClientOptions& options, const std::string& verb,
                        Json request) {
    SessionFile session(options.session_file);
    request = about(options, std::move(request));
    request["name"] = options.name;
    session.add_to(request);
    const Json reply = client.request(verb, request, options.node);
    session.keep(options.name, reply);
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

void status(const Client& client, const ClientOptions& options) {
    const Json reply = client.request("status", Json::object(), options.node);
    if (options.json) {
        std::cout << reply << "\n";
        return;
    }
    for (const char* field : {"node", "incarnation", "cluster", "names", "adds"})
        if (reply.contains(field))
            std::cout << field << "\t"
                      << (reply[field].is_string() ? reply[field].get<std::string>()
                                                   : reply[field].dump())
                      << "\n";
    for (const Json& member : reply.value("members", Json::array()))
        std::cout << (member.value("down", false) ? "down" : "up") << "\t"
                  << member.at("node").get<std::string>() << "\tseen "
                  << member.value("seen_ms_ago", Json()) << " ms ago\n";
}

using Action = std::function<void(const Client&)>;

/// Adds the subcommands. Each sets `action`.
void add_commands(CLI::App& app, ClientOptions& options, Action& action) {
    const auto command = [&](const char* name, const char* text, Action does) {
        return app.add_subcommand(name, text)
            ->fallthrough()
            ->callback([&action, does = std::move(does)] { action = does; });
    };
    const auto of_kind = [&](CLI::App* verb) {
        verb->add_option("--kind", options.kind, "The kind of the counter, where a name has both")
            ->check(CLI::IsMember({"counter", "bounded"}));
        return verb;
    };
    const auto of_counter = [&](CLI::App* verb) {
        verb->add_option("name", options.name, "The counter's name")->required();
        verb->add_option(
            "--session-file", options.session_file,
            "A file of sessions: reads include what was read and written with it before");
        return of_kind(verb);
    };

    CLI::App* add = of_counter(command("add", "Add to a counter", [&](const Client& client) {
        Json request{{"delta", options.delta}, {"ack", options.acks}};
        if (options.is_bounded) request["kind"] = "bounded";
        request_of_counter(client, options, "add", request);
    }));
    add->add_option("delta", options.delta, "The amount; may be negative")
        ->required()
        ->check(numbers<std::int64_t>());
    add->add_flag("--bounded", options.is_bounded, "A counter that never goes below zero")
        ->excludes("--kind");
    add->add_option("--ack", options.acks, "Wait until this number of other nodes has it")
        ->check(numbers(0, 1024));

    of_counter(command("read", "Print a counter's value", [&](const Client& client) {
        request_of_counter(client, options, "read", Json::object());
    }));
    CLI::App* transfer = of_counter(command(
        "transfer", "Transfer rights to subtract to another node", [&](const Client& client) {
            request_of_counter(client, options, "transfer",
                               {{"to", options.to}, {"amount", options.amount}});
        }));
    transfer->add_option("to", options.to, "The node that receives them")->required();
    transfer->add_option("amount", options.amount, "The amount")
        ->required()
        ->check(numbers<std::int64_t>(1));
    of_counter(command("reset", "Set a counter to zero", [&](const Client& client) {
        request_of_counter(client, options, "reset", Json::object());
    }));

    CLI::App* lists =
        command("list", "Print all counters", [&](const Client& client) { list(client, options); });
    CLI::App* watches = command("watch", "Print all counters, and each change",
                                [&](const Client& client) { watch(client, options); });
    command("prune", "Declare that a node or an incarnation has departed permanently",
            [&](const Client& client) {
                const Json reply = client.request("prune", {{"node", options.to}}, options.node);
                std::cout << (options.json ? reply.dump() : reply.at("incarnation").dump()) << "\n";
            })
        ->add_option("node", options.to, "The node, or the incarnation")
        ->required();
    command("status", "Print a node and its members",
            [&](const Client& client) { status(client, options); });
    CLI::App* tops = command("top", "Show a table of the counters that change most; q ends",
                             [&](const Client& client) {
                                 top(client, about(options, Json::object()), options.only_once);
                             });
    for (CLI::App* verb : {lists, watches, tops})
        of_kind(verb)->add_option("prefix", options.prefix, "Only names with this prefix");
    for (CLI::App* verb : {watches, tops})
        verb->add_flag("--once", options.only_once, "Print once and end");
    watches->add_option("--names", options.names, "Only these names")->excludes("prefix");

    CLI::App* bench = of_kind(
        command("bench", "Measure rate and latency; its counters stay", [&](const Client& client) {
            Json request = about(options, {{"timeout_ms", options.timeout_ms}});
            if (options.bench.verb == "add") {
                request["delta"] = 1;
                request["ack"] = options.acks;
            }
            Bench(client, options.bench, request, options.node).run(options.json);
        }));
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
    bench->add_option("--ack", options.acks, "Wait until this number of other nodes has an add")
        ->check(numbers(0, 1024));

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
