// SPDX-License-Identifier: MIT
//! Login: the user and the password, or the token, in the URL of a server.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/nats/handle.hpp>

namespace crdt::nats {

/// The credentials of a client. If there is no password, `user` is a token.
struct Login {
    std::string user;                     ///< the user's name, or a token
    std::optional<std::string> password;  ///< the password; may be the empty string

    /// Are both fields equal?
    bool operator==(const Login&) const = default;
};

/// Returns `text`, in which each %XX is replaced by the byte with the hexadecimal number XX. Throws
/// NatsError if a '%' is not followed by two hexadecimal digits. Also throws for %00, because a
/// zero byte would end a string of the C library.
inline std::string percent_decoded(std::string_view text) {
    const auto digit = [](char letter) {
        if (letter >= '0' && letter <= '9') return letter - '0';
        if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
        return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
    };
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            bytes += text[i];
            continue;
        }
        const bool fits = text.size() - i > 2;
        const int high = fits ? digit(text[i + 1]) : -1, low = fits ? digit(text[i + 2]) : -1;
        if (high < 0 || low < 0 || high + low == 0)
            throw NatsError("the user and password in a URL: expected %01 to %FF after each '%'");
        bytes += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return bytes;
}

/// Returns `text` with escapes as in a JSON string. nats.c, the C library, writes users, passwords
/// and tokens into JSON without escapes.
inline std::string json_escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string escaped;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte >= 0x20 && letter != '"' && letter != '\\')
            escaped += letter;
        else
            escaped += {'\\', 'u', '0', '0', digits[byte >> 4U], digits[byte & 15U]};
    }
    return escaped;
}

/// Removes the login, USER:PASSWORD@ or TOKEN@, from `url`. Returns the decoded login, or nothing
/// if the URL has none. As in nats.c, the login begins after the scheme and ends at the last '@'.
/// Throws the NatsError of percent_decoded().
inline std::optional<Login> extract_login(std::string& url) {
    const std::size_t scheme = url.find("://"), at = url.rfind('@');
    const std::size_t begin = scheme == url.npos ? 0 : scheme + 3;
    if (at == url.npos || at < begin) return std::nullopt;
    const std::string text = url.substr(begin, at - begin);
    url.erase(begin, at + 1 - begin);
    if (text.empty()) return std::nullopt;
    const std::size_t colon = text.find(':');
    Login login{percent_decoded(text.substr(0, colon)), {}};
    if (colon != text.npos) login.password = percent_decoded(text.substr(colon + 1));
    return login;
}

/// Removes the logins from `urls`. Returns the login that the URLs have in common, or nothing if no
/// URL has a login. Throws NatsError if two logins differ, or if extract_login() throws.
inline std::optional<Login> extract_common_login(std::vector<std::string>& urls) {
    std::optional<Login> common;
    for (std::string& url : urls) {
        const auto login = extract_login(url);
        if (login && common && *login != *common)
            throw NatsError("the URLs of NATS servers: expected the same user and password in all");
        if (login) common = login;
    }
    return common;
}

}  // namespace crdt::nats
