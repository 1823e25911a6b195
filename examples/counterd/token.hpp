// SPDX-License-Identifier: MIT
//! Token: a session with one counter, as text that clients carry and do not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/form_message.hpp>
#include <crdt/lattice/hash.hpp>
#include <crdt/replication/session.hpp>

#include "counters.hpp"
#include "request.hpp"

namespace counterd {

/// What a client has written to a counter and been shown of it.
class Token {
    using Session = crdt::replication::Session<Counters>;

    std::string name_;
    Session session_;

    static Error unreadable() { return {ErrorCode::malformed_request, "an unreadable session"}; }

    static std::string hex(std::string_view bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string text;
        for (const char byte : bytes) {
            text += digits[static_cast<unsigned char>(byte) >> 4U];
            text += digits[static_cast<unsigned char>(byte) & 15U];
        }
        return text;
    }
    static unsigned digit(char letter) {
        if (letter >= '0' && letter <= '9') return static_cast<unsigned>(letter - '0');
        if (letter >= 'a' && letter <= 'f') return static_cast<unsigned>(letter - 'a' + 10);
        throw unreadable();
    }
    static std::string unhex(std::string_view text) {
        if (text.size() % 2 != 0) throw unreadable();
        std::string bytes;
        for (std::size_t i = 0; i < text.size(); i += 2)
            bytes += static_cast<char>(digit(text[i]) << 4U | digit(text[i + 1]));
        return bytes;
    }

  public:
    /// With nothing seen.
    explicit Token(std::string name) : name_(std::move(name)) {}
    /// What text() gave. Throws Error for anything else, and if it is of another counter.
    Token(std::string name, std::string_view text) : name_(std::move(name)) {
        if (text.empty()) return;
        const std::string bytes = unhex(text);
        const auto read = crdt::binary::try_read_with(
            bytes, [](auto& in) { return crdt::read_components<std::uint64_t, Session>(in); });
        if (!read) throw unreadable();
        if (std::get<0>(*read) != crdt::hash_value(std::string_view(name_)))
            throw Error(ErrorCode::malformed_request, "a session with another counter");
        session_ = std::get<1>(*read);
    }

    bool is_served_by(const Counters& counters) const {
        return session_.is_served_by(counters.only(name_));
    }
    void note(const Counters& counters) { session_.note(counters.only(name_)); }

    std::string text() const {
        std::string bytes;
        crdt::binary::Writer writer(bytes);
        crdt::write_components(writer, crdt::hash_value(std::string_view(name_)), session_);
        writer.finish();
        return hex(bytes);
    }
};

}  // namespace counterd
