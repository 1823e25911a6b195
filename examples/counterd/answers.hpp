// SPDX-License-Identifier: MIT
//! The JSON of counters in answers, limited to the size of a message.
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

/// A JSON object that is written member by member. Replaces invalid UTF-8.
class Answer {
    std::string text_ = "{";

    void begin(std::string_view member);

  public:
    /// Precondition of all: `member` is not there yet, and needs no escapes.
    Answer& put(std::string_view member, std::string_view value) &;
    template <std::integral Number>
    Answer& put(std::string_view member, Number number) & {
        if constexpr (std::same_as<Number, bool>)
            return put_json(member, number ? "true" : "false");
        else
            return put_json(member, std::to_string(number));
    }
    /// The value of a counter. If concurrent adds have made it too large for 64 bits, `value` is
    /// null and `exact` contains its digits.
    Answer& put_value(const crdt::Total& total) &;
    /// A member that is JSON text already.
    Answer& put_json(std::string_view member, std::string_view json) &;
    /// The number of bytes so far.
    std::size_t size() const { return text_.size(); }
    /// Ends the object.
    std::string text() && {
        text_ += '}';
        return std::move(text_);
    }
};

/// Returns a counter as an entry to which members can be added.
Answer open_entry_of(const Counters& counters, const CounterKey& key);
/// Returns a counter as an entry of lists and reports.
std::string entry_of(const Counters& counters, const CounterKey& key);

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
    bool add(std::string_view entry);
    /// Returns a JSON object with the members of `others`, which must have at least one, and with
    /// the entries as the member `name`.
    std::string message(const std::string& name, Answer others) const;
};

}  // namespace counterd
