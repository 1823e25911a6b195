// SPDX-License-Identifier: MIT
//! Answer and Entries: the JSON of answers, with entries of counters. Entries limits the size of an
//! answer to that of a message.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/total.hpp>

#include "counters.hpp"

namespace counterd {

/// A JSON object, to which members are added one after the other. Invalid UTF-8 in a string is
/// replaced.
class Answer {
    std::string text_ = "{";

    void begin(std::string_view member);

  public:
    /// Adds a member. Precondition, also of the functions below: the object does not have `member`
    /// yet, and the name needs no escapes.
    Answer& put(std::string_view member, std::string_view value) &;
    template <std::integral Number>
    Answer& put(std::string_view member, Number number) & {
        if constexpr (std::same_as<Number, bool>)
            return put_json(member, number ? "true" : "false");
        else
            return put_json(member, std::to_string(number));
    }
    /// Adds the value of a counter as `value`. If concurrent adds have made the value too large for
    /// 64 bits, `value` is null and `exact` contains the digits.
    Answer& put_value(const crdt::Total& total) &;
    /// Adds a member with the value `json`, which must be JSON text.
    Answer& put_json(std::string_view member, std::string_view json) &;
    /// Returns the number of bytes of the object so far.
    std::size_t size() const { return text_.size(); }
    /// Ends the object and returns its text.
    std::string text() && {
        text_ += '}';
        return std::move(text_);
    }
};

/// Returns the entry of a counter as an Answer, to which members can still be added.
Answer open_entry_of(const Counters& counters, const CounterKey& key);
/// Returns the JSON text of a counter, as it is in lists and reports.
std::string entry_of(const Counters& counters, const CounterKey& key);

/// The entries of one message, which are JSON texts. Their total size is limited.
class Entries {
    std::string text_;
    std::size_t limit_;

  public:
    /// The bytes that stay free for the other members of the message.
    static constexpr std::size_t rest = 1024;

    /// Makes an empty list for a message of at most `max_payload` bytes.
    explicit Entries(std::size_t max_payload) : limit_(std::max(max_payload, rest) - rest) {}

    /// Adds an entry. If the message would be too long, adds nothing and returns false. The first
    /// entry always fits.
    bool add(std::string_view entry);
    /// Returns a JSON object with the members of `others`, which must have at least one, and with
    /// the entries as the member `name`.
    std::string message(const std::string& name, Answer others) const;
};

}  // namespace counterd
