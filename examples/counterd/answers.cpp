// SPDX-License-Identifier: MIT
#include "answers.hpp"

#include <utility>

#include <crdt/codec/json/text.hpp>

namespace counterd {

void Answer::begin(std::string_view member) {
    if (text_.size() > 1) text_ += ',';
    text_ += '"';
    text_ += member;
    text_ += "\":";
}

Answer& Answer::put(std::string_view member, std::string_view value) & {
    begin(member);
    crdt::json::append_quoted(text_, value, crdt::json::IllFormedUtf8::is_replaced);
    return *this;
}

Answer& Answer::put_json(std::string_view member, std::string_view json) & {
    begin(member);
    text_ += json;
    return *this;
}

Answer& Answer::put_value(const crdt::Total& total) & {
    if (total.fits<std::int64_t>()) return put("value", total.as<std::int64_t>());
    return put_json("value", "null").put("exact", total.to_string());
}

Answer open_entry_of(const Counters& counters, const CounterKey& key) {
    Answer entry;
    entry.put("name", key.name).put("kind", name_of(key.kind));
    entry.put_value(counters.total(key.name, key.kind));
    return entry;
}
std::string entry_of(const Counters& counters, const CounterKey& key) {
    return open_entry_of(counters, key).text();
}

bool Entries::add(std::string_view entry) {
    if (!text_.empty() && text_.size() + 1 + entry.size() > limit_) return false;
    if (!text_.empty()) text_ += ',';
    text_ += entry;
    return true;
}

std::string Entries::message(const std::string& name, Answer others) const {
    return "{\"" + name + "\":[" + text_ + "]," + std::move(others).text().substr(1);
}

}  // namespace counterd
