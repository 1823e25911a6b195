// SPDX-License-Identifier: MIT
//! The commands that change counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "../numbers.hpp"
#include "commands.hpp"
#include "session.hpp"
#include "show.hpp"

/// Sends a request that changes counters and returns the reply. If there is no reply, repeats the
/// request, at most as often as the options permit. A request that can be repeated has an id, so
/// that it counts once.
inline Json change(const Client& client, const ClientOptions& options, const std::string& verb,
                   Json request) {
    if (!options.id.empty())
        request["id"] = options.id;
    else if (options.retries > 0)
        request["id"] = client.unique_id();
    for (std::uint64_t left = options.retries;; --left) {
        try {
            return client.request(verb, request, options.node);
        } catch (const Failure& failure) {
            if (failure.exit_code != unreachable || left == 0) throw;
        }
    }
}

/// Changes one counter, in the session of the options if there is one.
inline void change_counter(const Client& client, const ClientOptions& options,
                           const std::string& verb, Json request) {
    SessionFile session(options.session_file);
    request = about(options, std::move(request));
    request["name"] = options.name;
    session.add_to(request);
    const Json reply = change(client, options, verb, std::move(request));
    session.keep(options.name, reply);
    show_value(reply, options.json);
}

/// Adds to several counters with one request.
inline void add_batch(const Client& client, const ClientOptions& options) {
    Json adds = Json::array();
    for (const auto& [name, delta] : options.adds) {
        if (delta.empty())
            throw Failure(static_cast<int>(CLI::ExitCodes::ArgumentMismatch),
                          "batch: " + name + " has no amount");
        adds.push_back(about(options, {{"name", name}, {"delta", std::stoll(delta)}}));
    }
    show_changes(change(client, options, "add", {{"adds", adds}, {"ack", options.acks}}),
                 "counters", options.json);
}

inline void add_changing_commands(Commands& commands, ClientOptions& options) {
    const auto changing = [&](const char* verb, const char* text, auto&& request) {
        return commands.with_id(
            commands.with_name(commands.add(verb, text, [=, &options](const Client& client) {
                change_counter(client, options, verb, request());
            })));
    };
    CLI::App* add = commands.with_acks(changing("add", "Add to a counter", [&options] {
        Json request{{"delta", options.delta}, {"ack", options.acks}};
        if (options.is_bounded) request["kind"] = "bounded";
        return request;
    }));
    add->add_option("delta", options.delta, "The amount; may be negative")
        ->required()
        ->check(numbers<std::int64_t>());
    add->add_flag("--bounded", options.is_bounded, "A counter that never goes below zero")
        ->excludes("--kind");

    CLI::App* batch = commands.with_acks(commands.with_id(commands.with_kind(
        commands.add("batch", "Add to several counters, all or none",
                     [&options](const Client& client) { add_batch(client, options); }))));
    batch->add_option("adds", options.adds, "Pairs of a name and an amount")
        ->required()
        ->each([is_name = false, check = numbers<std::int64_t>()](std::string word) mutable {
            is_name = !is_name;
            if (is_name) return;
            if (const std::string error = check(word); !error.empty())
                throw CLI::ValidationError("adds", error);
        });

    CLI::App* transfer =
        changing("transfer", "Transfer rights to subtract to another node", [&options] {
            return Json{{"to", options.to}, {"amount", options.amount}};
        });
    transfer->add_option("to", options.to, "The node that receives them")->required();
    transfer->add_option("amount", options.amount, "The amount")
        ->required()
        ->check(numbers<std::int64_t>(1));
    changing("reset", "Set a counter to zero", [] { return Json::object(); });
    changing("delete", "Delete a counter", [] { return Json::object(); });
}
