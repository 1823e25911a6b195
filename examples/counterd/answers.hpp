// SPDX-License-Identifier: MIT
//! The JSON of counters in answers, limited to the size of a message.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/json/text.hpp>
#include <crdt/total.hpp>

#include "counters.hpp"
#include "request.hpp"

namespace counterd {

/// Returns `body` as text. Replaces invalid UTF-8.
inline std::string text_of(const Json& body) {
    return crdt::json::encode_value(body, crdt::json::IllFormedUtf8::is_replaced);
}

/// A JSON object that is written member by member. Replaces invalid UTF-8.
class Answer {
    std::string text_ = "{";

    void name(std::string_view member) {
        if (text_.size() > 1) text_ += ',';
        text_ += '"';
        text_ += member;
        text_ += "\":";
    }

  public:
    /// Precondition of all: `member` is not there yet, and needs no escapes.
    Answer& put(std::string_view member, std::string_view value) & {
        name(member);
        crdt::json::detail::append_quoted(text_, value, crdt::json::IllFormedUtf8::is_replaced);
        return *this;
    }
    template <std::integral Number>
    Answer& put(std::string_view member, Number number) & {
        name(member);
        if constexpr (std::same_as<Number, bool>)
            text_ += number ? "true" : "false";
        else
            crdt::json::detail::append_number(text_, number);
        return *this;
    }
    /// The value of a counter. If concurrent adds have made it too large for 64 bits, `value` is
    /// null and `exact` contains its digits.
    Answer& put_value(const crdt::Total& total) & {
        if (total.fits<std::int64_t>()) return put("value", total.as<std::int64_t>());
        name("value");
        text_ += "null";
        return put("exact", std::string_view(total.to_string()));
    }
    /// The number of bytes so far.
    std::size_t size() const { return text_.size(); }
    /// Ends the object.
    std::string text() && {
        text_ += '}';
        return std::move(text_);
    }
};

/// Returns a counter as an entry to which members can be added.
inline Answer open_entry_of(const Counters& counters, const CounterKey& key) {
    Answer entry;
    entry.put("name", std::string_view(key.name)).put("kind", std::string_view(name_of(key.kind)));
    entry.put_value(counters.total(key.name, key.kind));
    return entry;
}
/// Returns a counter as an entry of lists and reports.
inline std::string entry_of(const Counters& counters, const CounterKey& key) {
    return open_entry_of(counters, key).text();
}

/// The entries of one message.
class Entries {
    std::string text_;
    std::size_t limit_;

  public:
    /// Space for the rest of the message.
    static constexpr std::size_t rest = 1024;

    /// For messages of at most `max_payload` bytes.
    explicit Entries(std::size_t max_payload) : limit_(std::max(max_payload, rest) - rest) {}

    /// Adds an entry. If the message would be too long, adds nothing and returns false. The first
    /// entry always fits.
    bool add(std::string_view entry) {
        if (!text_.empty() && text_.size() + 1 + entry.size() > limit_) return false;
        if (!text_.empty()) text_ += ',';
        text_ += entry;
        return true;
    }
    /// Returns a JSON object with the members of `others`, which must have at least one, and with
    /// the entries as the member `name`.
    std::string message(const std::string& name, const Json& others) const {
        return "{\"" + name + "\":[" + text_ + "]," + text_of(others).substr(1);
    }
};

}  // namespace counterd
