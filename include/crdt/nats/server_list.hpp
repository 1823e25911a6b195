// SPDX-License-Identifier: MIT
//! ServerList: the configured and the discovered servers of a cluster.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/nats/handle.hpp>

namespace crdt::nats::detail {

/// Returns the URLs of all servers that `connection` has in its list.
inline std::vector<std::string> known_servers(natsConnection* connection) {
    char** servers = nullptr;
    int count = 0;
    std::vector<std::string> known;
    if (natsConnection_GetServers(connection, &servers, &count) != NATS_OK) return known;
    for (int i = 0; i < count; ++i) {
        known.emplace_back(servers[i]);
        std::free(servers[i]);
    }
    std::free(servers);
    return known;
}

/// The configured servers, and the discovered servers, which the server of the last connection has
/// announced.
///
/// A server is announced by its IP address, but its certificate may contain a host name. So with
/// TLS, a discovered server must have a certificate for the host name of the server that announced
/// it. The C library has the same rule when it reconnects itself.
class ServerList {
    std::vector<std::string> configured_, discovered_;
    /// USER:PASSWORD@ or TOKEN@ if a configured URL has a login, otherwise empty. It is used for
    /// all servers.
    std::string login_;
    std::string name_;

    static std::size_t begin_of_login(std::string_view url) {
        const std::size_t scheme = url.find("://");
        return scheme == url.npos ? 0 : scheme + 3;
    }
    /// Returns USER:PASSWORD@ or TOKEN@ of `url`. Returns an empty text if the URL has no login. A
    /// login can contain '@' and '/'.
    static std::string_view login_of(std::string_view url) {
        const std::size_t begin = begin_of_login(url), at = url.rfind('@');
        return at == url.npos || at < begin ? "" : url.substr(begin, at + 1 - begin);
    }
    /// Returns HOST:PORT of `url`. The default port is 4222.
    static std::string address_of(std::string_view url) {
        std::string address(url.substr(begin_of_login(url) + login_of(url).size()));
        if (address.find(':', address.find(']') + 1) == address.npos) address += ":4222";
        return address;
    }
    static bool is_name(std::string_view host) {
        return host.find_first_not_of("0123456789.") != host.npos && host.find(':') == host.npos;
    }

  public:
    /// Makes a list of the URLs `configured`. If one URL has a login, inserts it into the URLs
    /// without a login.
    explicit ServerList(std::vector<std::string> configured) : configured_(std::move(configured)) {
        for (const std::string& url : configured_)
            if (login_.empty()) login_ = login_of(url);
        for (std::string& url : configured_)
            if (login_of(url).empty()) url.insert(begin_of_login(url), login_);
    }

    std::size_t size() const { return configured_.size() + discovered_.size(); }
    /// Returns the URL of the server with the number `index`, with the login.
    const std::string& url(std::size_t index) const {
        return index < configured_.size() ? configured_[index]
                                          : discovered_[index - configured_.size()];
    }
    /// Returns the host name that the certificate of a server must have. An empty result
    /// means the host name in the URL.
    std::string certified_name(std::size_t index) const {
        return index < configured_.size() ? "" : name_;
    }
    /// Stores the host name of the server of `connection`. Call this function when `connection` was
    /// made.
    void on_connected(natsConnection* connection) {
        char url[512] = "";
        natsConnection_GetConnectedUrl(connection, url, sizeof url);
        const std::string address = address_of(url), host = address.substr(0, address.rfind(':'));
        if (is_name(host)) name_ = host;
    }
    /// Replaces the discovered servers by the servers in the list of `connection`. Call this
    /// function when `connection` was lost.
    void on_lost(natsConnection* connection) {
        discovered_.clear();
        for (const std::string& known : known_servers(connection)) {
            const auto is_it = [&](const std::string& url) {
                return address_of(url) == address_of(known);
            };
            if (std::none_of(configured_.begin(), configured_.end(), is_it))
                discovered_.push_back("nats://" + login_ + address_of(known));
        }
    }
};

}  // namespace crdt::nats::detail
