// SPDX-License-Identifier: MIT
//! The command line flags that say which NATS servers to use, and as whom.
#pragma once

#include <CLI/CLI.hpp>

#include <crdt/nats/connection.hpp>

inline void add_server_flags(CLI::App& app, crdt::nats::ConnectionOptions& options) {
    app.add_option("--url", options.urls,
                   "A NATS server, nats://[USER:PASSWORD@]HOST:PORT; may be given several times")
        ->allow_extra_args(false)
        ->capture_default_str();
    app.add_option("--creds", options.credentials, "A file of NATS credentials")
        ->check(CLI::ExistingFile);
    app.add_option("--tls-ca", options.authorities, "Who signs the servers' certificates")
        ->check(CLI::ExistingFile);
    auto* certificate = app.add_option("--tls-cert", options.certificate, "The certificate to show")
                            ->check(CLI::ExistingFile);
    auto* key = app.add_option("--tls-key", options.key, "The key of that")
                    ->check(CLI::ExistingFile)
                    ->needs(certificate);
    certificate->needs(key);
}
