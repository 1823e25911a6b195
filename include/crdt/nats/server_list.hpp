// SPDX-License-Identifier: MIT
//! ServerList: the servers of a cluster, configured and discovered.
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

/// Returns the URLs of all servers in the list of `connection`.
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

/// The configured servers, and those that the server of the last connection has announced.
///
/// Servers are announced by their addresses, while their certificates may contain a name. So with
/// TLS, a discovered server must have a certificate for the host name of the server that announced
/// it, as with the C library's own reconnection.
class ServerList {
    std::vector<std::string> configured_, discovered_;
    /// LOGIN@, if a configured URL has a login. It is that of all servers.
    std::string login_;
    std::string name_;

    static std::size_t begin_of_login(std::string_view url) {
        const std::size_t scheme = url.find("://");
        return scheme == url.npos ? 0 : scheme + 3;
    }
    /// Returns LOGIN@, or nothing if the URL has no login. A login can contain '@' and '/'.
    static std::string_view login_of(std::string_view url) {
        const std::size_t begin = begin_of_login(url), at = url.rfind('@');
        return at == url.npos || at < begin ? "" : url.substr(begin, at + 1 - begin);
    }
    /// Returns HOST:PORT.
    static std::string address_of(std::string_view url) {
        std::string address(url.substr(begin_of_login(url) + login_of(url).size()));
        if (address.find(':', address.find(']') + 1) == address.npos) address += ":4222";
        return address;
    }
    static bool is_name(std::string_view host) {
        return host.find_first_not_of("0123456789.") != host.npos && host.find(':') == host.npos;
    }

  public:
    /// A login in one of the URLs is that of all.
    explicit ServerList(std::vector<std::string> configured) : configured_(std::move(configured)) {
        for (const std::string& url : configured_)
            if (login_.empty()) login_ = login_of(url);
        for (std::string& url : configured_)
            if (login_of(url).empty()) url.insert(begin_of_login(url), login_);
    }

    std::size_t size() const { return configured_.size() + discovered_.size(); }
    /// The URL of a server, with the login.
    const std::string& url(std::size_t index) const {
        return index < configured_.size() ? configured_[index]
                                          : discovered_[index - configured_.size()];
    }
    /// The host name that a server's certificate must have; empty if it is that of the URL.
    std::string certified_name(std::size_t index) const {
        return index < configured_.size() ? "" : name_;
    }
    /// Call this when `connection` has been made.
    void on_connected(natsConnection* connection) {
        char url[512] = "";
        natsConnection_GetConnectedUrl(connection, url, sizeof url);
        const std::string address = address_of(url), host = address.substr(0, address.rfind(':'));
        if (is_name(host)) name_ = host;
    }
    /// Call this when `connection` has been lost. Replaces the discovered servers by those in its
    /// list.
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
