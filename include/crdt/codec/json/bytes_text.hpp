// SPDX-License-Identifier: MIT
//! Raw bytes as text for JSON: two hexadecimal digits per byte. Arrays of 16 bytes are UUIDs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <crdt/detail/cpp20.hpp>

namespace crdt::json::detail {

/// Returns whether a UUID has a hyphen before the byte at `index`.
constexpr bool has_hyphen(std::size_t index) {
    return index == 4 || index == 6 || index == 8 || index == 10;
}

inline std::string bytes_text(std::string_view bytes, bool is_uuid) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (is_uuid && has_hyphen(i)) text += '-';
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

/// Returns the bytes for which bytes_text() returns `text`, or nothing if there are no such bytes.
inline std::optional<std::string> parse_bytes(std::string_view text, bool is_uuid) {
    const auto digit = [](char letter) {
        if (letter >= '0' && letter <= '9') return letter - '0';
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    };
    std::string bytes;
    while (!text.empty()) {
        if (is_uuid && has_hyphen(bytes.size())) {
            if (text.front() != '-') return std::nullopt;
            text.remove_prefix(1);
        }
        if (text.size() < 2) return std::nullopt;
        const int high = digit(text[0]), low = digit(text[1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
        text.remove_prefix(2);
    }
    return bytes;
}

}  // namespace crdt::json::detail
