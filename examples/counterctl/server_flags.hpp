// SPDX-License-Identifier: MIT
//! The command line flags that say which NATS servers to use, and as whom.
#pragma once

#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include <crdt/nats/connection.hpp>

struct ServerFlags {
    crdt::nats::ConnectionOptions options;

    void add_to(CLI::App& app) {
        app.add_option("--url", options.urls, "A NATS server; may be given several times")
            ->allow_extra_args(false)
            ->capture_default_str();
        app.add_option("--creds", options.credentials, "Credentials file")
            ->check(CLI::ExistingFile);
        app.add_option("--tls-ca", options.authorities, "Who signs the servers' certificates")
            ->check(CLI::ExistingFile);
        auto* key = app.add_option("--tls-key", options.key, "The key of --tls-cert")
                        ->check(CLI::ExistingFile);
        app.add_option("--tls-cert", options.certificate, "This client's certificate")
            ->check(CLI::ExistingFile)
            ->needs(key);
    }
};

/// What a client's connection has to say goes to stderr.
inline void log_to_stderr(crdt::system::LogLevel, const std::string& text) {
    std::cerr << text << "\n";
}
