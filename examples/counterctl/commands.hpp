// SPDX-License-Identifier: MIT
//! Commands: adds subcommands to the command line, and the options that several subcommands have.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include <CLI/CLI.hpp>

#include "../numbers.hpp"
#include "options.hpp"

/// The function that a subcommand runs with the client.
using Action = std::function<void(const Client&)>;

class Commands {
    CLI::App& app_;
    ClientOptions& options_;
    Action& action_;

  public:
    /// Each command that is added sets `action` if the user chooses it.
    Commands(CLI::App& app, ClientOptions& options, Action& action)
        : app_(app), options_(options), action_(action) {}

    CLI::App* add(const char* name, const char* text, Action does) {
        return app_.add_subcommand(name, text)
            ->fallthrough()
            ->callback([&action = action_, does = std::move(does)] { action = does; });
    }
    CLI::App* with_kind(CLI::App* command) {
        command
            ->add_option("--kind", options_.kind, "The kind of the counter, where a name has both")
            ->check(CLI::IsMember({"counter", "bounded"}));
        return command;
    }
    CLI::App* with_session(CLI::App* command) {
        command->add_option(
            "--session-file", options_.session_file,
            "A file of sessions: reads include what was read and written with it before");
        return with_kind(command);
    }
    CLI::App* with_name(CLI::App* command) {
        command->add_option("name", options_.name, "The counter's name")->required();
        return with_session(command);
    }
    /// Adds the options of commands that change counters.
    CLI::App* with_id(CLI::App* command) {
        command->add_option("--id", options_.id,
                            "The id of the request: if it is sent again, it counts once");
        command
            ->add_option("--retries", options_.retries,
                         "How often to send the request again, with an id, if there is no reply")
            ->capture_default_str()
            ->check(numbers(0, 1000));
        return command;
    }
    CLI::App* with_acks(CLI::App* command) {
        command->add_option("--ack", options_.acks, "Wait until this number of other nodes has it")
            ->check(numbers(0, 1024));
        return command;
    }
};
