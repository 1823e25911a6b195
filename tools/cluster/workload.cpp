// SPDX-License-Identifier: MIT
//! The workloads: the requests of clients, and the valid replies.
#include "workload.hpp"

#include <algorithm>
#include <initializer_list>

#include <crdt/system/error_code.hpp>

namespace cluster {
namespace {

using crdt::system::ErrorCode;

bool anything(const json&) { return true; }
bool integer(const json& value) { return value.is_number_integer(); }
bool list(const json& value) { return value.is_array(); }

Workload counter(std::string_view name, std::int64_t lowest, std::int64_t highest) {
    return {name,
            Kind::counter,
            lowest,
            highest,
            Call{"add", "delta", "", anything, true},
            Call{"read", "", "value", integer, false}};
}

Workload set(std::string_view name, Call write, std::string_view result) {
    return {name, Kind::set, 0, 0, write, Call{"read", "", result, list, false}};
}

std::vector<Workload> make_workloads() {
    return {
        {"echo", Kind::echo, 0, 0, std::nullopt, Call{"echo", "echo", "echo", anything, false}},
        {"unique-ids", Kind::unique_ids, 0, 0, Call{"generate", "", "id", anything, true}, {}},
        counter("g-counter", 0, 4),
        counter("pn-counter", -5, 4),
        set("g-set", Call{"add", "element", "", anything, true}, "value"),
        set("broadcast", Call{"broadcast", "message", "", anything, true}, "messages"),
    };
}

/// Returns the first key of a reply that is neither allowed in every reply nor one of `fields`.
std::string extra_key(const json& body, std::initializer_list<std::string_view> fields) {
    for (const auto& item : body.items()) {
        const std::string& key = item.key();
        const bool known = key == "type" || key == "in_reply_to" || key == "msg_id" ||
                           std::find(fields.begin(), fields.end(), key) != fields.end();
        if (!known) return key;
    }
    return {};
}

Answer ill_formed(const std::string& why) { return {Outcome::info, nullptr, why, true}; }

Answer read_error(const Call& call, const json& body) {
    if (const auto key = extra_key(body, {"code", "text"}); !key.empty())
        return ill_formed("an error with the extra key \"" + key + '"');
    const auto code = body.find("code");
    if (code == body.end() || !code->is_number_integer())
        return ill_formed("an error without an integer code");
    const auto number = ErrorCode{code->get<int>()};
    const bool harmless = is_definite(number) || !call.has_effect;
    const std::string text = body.contains("text") ? ": " + body["text"].dump() : "";
    return {harmless ? Outcome::fail : Outcome::info, nullptr,
            std::string(name_of(number)) + " (" + code->dump() + ")" + text, false};
}

}  // namespace

const std::vector<Workload>& workloads() {
    static const std::vector<Workload> all = make_workloads();
    return all;
}

const Workload* find_workload(std::string_view name) {
    const auto found = std::find_if(workloads().begin(), workloads().end(),
                                    [&](const Workload& w) { return w.name == name; });
    return found == workloads().end() ? nullptr : &*found;
}

json CallSource::argument() {
    switch (workload_.kind) {
        case Kind::echo: return "Please echo " + std::to_string(random_.below(1000));
        case Kind::unique_ids: return nullptr;
        case Kind::counter: return random_.between(workload_.lowest, workload_.highest);
        case Kind::set: return next_element_++;
    }
    return nullptr;
}

CallSource::Next CallSource::next() {
    const bool writes = workload_.write && (!workload_.read || random_.flip());
    const Call& call = writes ? *workload_.write : *workload_.read;
    return {&call, call.argument.empty() ? json() : argument()};
}

json request_body(const Call& call, const json& argument, std::int64_t msg_id) {
    json body{{"type", call.type}, {"msg_id", msg_id}};
    if (!call.argument.empty()) body[std::string(call.argument)] = argument;
    return body;
}

Answer read_answer(const Call& call, const json& body) {
    if (body["type"] == "error") return read_error(call, body);
    if (body["type"] != std::string(call.type) + "_ok")
        return ill_formed("a reply of type " + body["type"].dump());
    if (body.contains("msg_id") && !body["msg_id"].is_number_integer())
        return ill_formed("a msg_id that is not an integer");
    if (const auto key = extra_key(body, {call.result}); !key.empty())
        return ill_formed("a reply with the extra key \"" + key + '"');
    if (call.result.empty()) return {Outcome::ok, nullptr, {}, false};

    const std::string field(call.result);
    if (!body.contains(field)) return ill_formed("a reply without \"" + field + '"');
    if (!call.accepts(body[field]))
        return ill_formed('"' + field + "\" of the wrong type in a reply");
    return {Outcome::ok, body[field], {}, false};
}

SetView view_of(const json& elements, std::size_t attempted) {
    SetView view;
    view.has.resize(attempted);
    for (const json& element : elements) {
        const auto number = element.is_number_integer() ? element.get<std::int64_t>() : -1;
        const auto index = static_cast<std::size_t>(number);
        if (number < 0 || index >= attempted) {
            view.unexpected.push_back(element);
        } else if (view.has[index]) {
            ++view.duplicates;
        } else {
            view.has[index] = true;
            ++view.count;
        }
    }
    return view;
}

}  // namespace cluster
