// SPDX-License-Identifier: MIT
//! The JSON of counters in answers, limited to the size of a message.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/total.hpp>

#include "counters.hpp"
#include "request.hpp"

namespace counterd {

/// Returns `body` as text. Replaces invalid UTF-8.
inline std::string text_of(const Json& body) {
    return crdt::json::encode_value(body, crdt::json::IllFormedUtf8::is_replaced);
}

/// Adds the value of a counter. If concurrent adds have made it too large for 64 bits, `value` is
/// null and `exact` contains its digits.
inline void put_value(Json& body, const crdt::Total& total) {
    if (total.fits<std::int64_t>()) {
        body["value"] = total.as<std::int64_t>();
    } else {
        body["value"] = nullptr;
        body["exact"] = total.to_string();
    }
}

/// Returns a counter as an entry of lists and reports.
inline std::string entry_of(const Counters& counters, const CounterKey& key) {
    Json entry{{"name", key.name}, {"kind", name_of(key.kind)}};
    put_value(entry, counters.total(key.name, key.kind));
    return text_of(entry);
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
