// SPDX-License-Identifier: MIT
//! A connection to NATS by the flags of the command line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "client.hpp"

struct ServerFlags {
    std::vector<std::string> urls{"nats://127.0.0.1:4222"};
    std::string credentials, ca, certificate, key;

    void add_to(CLI::App& app) {
        app.add_option("--url", urls, "A NATS server; may be given several times")
            ->allow_extra_args(false)
            ->capture_default_str();
        app.add_option("--creds", credentials, "Credentials file")->check(CLI::ExistingFile);
        app.add_option("--tls-ca", ca, "Whose certificates to trust")->check(CLI::ExistingFile);
        auto* chain = app.add_option("--tls-cert", certificate, "Certificate of this client")
                          ->check(CLI::ExistingFile);
        app.add_option("--tls-key", key, "Its private key")->check(CLI::ExistingFile)->needs(chain);
    }

    std::unique_ptr<natsConnection, void (*)(natsConnection*)> connect() const {
        natsOptions* made = nullptr;
        check(natsOptions_Create(&made), "options");
        const std::unique_ptr<natsOptions, void (*)(natsOptions*)> options{made,
                                                                           natsOptions_Destroy};
        std::vector<const char*> servers;
        for (const std::string& url : urls) servers.push_back(url.c_str());
        check(natsOptions_SetServers(made, servers.data(), int(servers.size())), "--url");
        if (!credentials.empty())
            check(natsOptions_SetUserCredentialsFromFiles(made, credentials.c_str(), nullptr),
                  "--creds");
        if (!ca.empty()) check(natsOptions_LoadCATrustedCertificates(made, ca.c_str()), "--tls-ca");
        if (!certificate.empty())
            check(natsOptions_LoadCertificatesChain(made, certificate.c_str(), key.c_str()),
                  "--tls-cert");
        natsConnection* connection = nullptr;
        check(natsConnection_Connect(&connection, made), urls.front());
        return {connection, natsConnection_Destroy};
    }
};
