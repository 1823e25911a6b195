// SPDX-License-Identifier: MIT
//! The command line flags of NATS servers and credentials.
#pragma once

#include <CLI/CLI.hpp>

#include <crdt/nats/connection.hpp>

inline void add_server_flags(CLI::App& app, crdt::nats::ConnectionOptions& options) {
    app.add_option("--url", options.urls,
                   "A NATS server, nats://[USER:PASSWORD@]HOST:PORT; may be repeated")
        ->allow_extra_args(false)
        ->capture_default_str();
    app.add_option("--creds", options.credentials, "A file of NATS credentials")
        ->check(CLI::ExistingFile);
    app.add_option("--tls-ca", options.authorities,
                   "A file of authorities that sign the servers' certificates")
        ->check(CLI::ExistingFile);
    auto* certificate =
        app.add_option("--tls-cert", options.certificate, "A file of the client's certificate")
            ->check(CLI::ExistingFile);
    auto* key = app.add_option("--tls-key", options.key, "A file of the key of --tls-cert")
                    ->check(CLI::ExistingFile)
                    ->needs(certificate);
    certificate->needs(key);
}
