// SPDX-License-Identifier: MIT
//! connection_settings: passes the servers, security and timeouts of a connection to the C library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <crdt/nats/connection_options.hpp>
#include <crdt/nats/handle.hpp>
#include <crdt/nats/login.hpp>

namespace crdt::nats::detail {

/// The time between two pings in milliseconds. After two unanswered pings, the C library closes the
/// connection.
inline constexpr std::int64_t ping_interval = 2000;
/// If a write blocks for this number of milliseconds, the C library also closes the connection.
inline constexpr std::int64_t write_deadline = 2000;
inline constexpr std::int64_t reconnect_wait = 200;
inline constexpr int reconnect_buffer = 1 << 20;

/// Returns `urls` as text, without users, passwords and tokens.
inline std::string without_logins(std::vector<std::string> urls) {
    extract_common_login(urls);
    std::string text;
    for (const std::string& url : urls) text += (text.empty() ? "" : ", ") + url;
    return text;
}
inline void set_servers(natsOptions* settings, const ConnectionOptions& options) {
    // The login is decoded here, because some versions of the C library do not decode it.
    std::vector<std::string> servers = options.urls;
    const std::optional<Login> login = extract_common_login(servers);
    if (login) {
        const std::string user = json_escaped(login->user);
        const std::string password = json_escaped(login->password.value_or(""));
        expect_ok(login->password
                      ? natsOptions_SetUserInfo(settings, user.c_str(), password.c_str())
                      : natsOptions_SetToken(settings, user.c_str()),
                  "the user of NATS");
    }
    std::vector<const char*> urls;
    for (const std::string& url : servers) urls.push_back(url.c_str());
    expect_ok(natsOptions_SetServers(settings, urls.data(), static_cast<int>(urls.size())),
              "the urls of NATS servers");
    expect_ok(natsOptions_SetName(settings, options.name.c_str()), "NATS");
}
/// Is TLS required?
inline bool uses_tls(const ConnectionOptions& options) {
    return !options.authorities.empty() || !options.certificate.empty();
}

inline void set_security(natsOptions* settings, const ConnectionOptions& options) {
    if (!options.credentials.empty())
        expect_ok(
            natsOptions_SetUserCredentialsFromFiles(settings, options.credentials.c_str(), nullptr),
            options.credentials);
    if (!uses_tls(options)) return;
    expect_ok(natsOptions_SetSecure(settings, true), "TLS");
    if (!options.authorities.empty())
        expect_ok(natsOptions_LoadCATrustedCertificates(settings, options.authorities.c_str()),
                  options.authorities);
    if (!options.certificate.empty())
        expect_ok(natsOptions_LoadCertificatesChain(settings, options.certificate.c_str(),
                                                    options.key.c_str()),
                  options.certificate);
}
inline void set_timeouts(natsOptions* settings, const ConnectionOptions& options) {
    const char* what = "NATS";
    // If the owner polls, Connection itself reconnects, not the C library.
    expect_ok(natsOptions_SetAllowReconnect(settings, !options.owner_polls), what);
    expect_ok(natsOptions_SetMaxReconnect(settings, -1), what);
    expect_ok(natsOptions_SetReconnectWait(settings, reconnect_wait), what);
    expect_ok(natsOptions_SetReconnectBufSize(settings, reconnect_buffer), what);
    expect_ok(natsOptions_SetPingInterval(settings, ping_interval), what);
    expect_ok(natsOptions_SetMaxPingsOut(settings, 2), what);
    expect_ok(natsOptions_SetWriteDeadline(settings, write_deadline), what);
}

/// Returns the settings for `options`. If `name` is not empty, the certificate of the server must
/// have this host name, whatever the URL of the server is. Throws NatsError if an option is
/// invalid.
inline Handle<natsOptions, natsOptions_Destroy> connection_settings(
    const ConnectionOptions& options, const std::string& name = "") {
    natsOptions* made = nullptr;
    expect_ok(natsOptions_Create(&made), "NATS");
    Handle<natsOptions, natsOptions_Destroy> settings(made);
    set_servers(made, options);
    set_security(made, options);
    if (!name.empty())
        expect_ok(natsOptions_SetExpectedHostname(made, name.c_str()), "the name of a server");
    set_timeouts(made, options);
    expect_ok(natsOptions_SetSendAsap(made, options.at_once), "NATS");
    if (!options.inbox_prefix.empty())
        expect_ok(natsOptions_SetCustomInboxPrefix(made, options.inbox_prefix.c_str()),
                  "the prefix of inboxes");
    return settings;
}

}  // namespace crdt::nats::detail
