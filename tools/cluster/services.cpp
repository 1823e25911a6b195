// SPDX-License-Identifier: MIT
//! Maelstrom's services seq-kv, lin-kv, lww-kv and lin-tso, with all anomalies that they allow.
#include "services.hpp"

#include <algorithm>

#include <crdt/system/error_code.hpp>

namespace cluster {
namespace {

using crdt::system::ErrorCode;

KvEffect refuse(const json& request, ErrorCode code, std::string_view text) {
    return {error_reply(request, static_cast<int>(code), text), false, nullptr};
}

KvEffect missing(const json& request) {
    return refuse(request, ErrorCode::key_does_not_exist, "key does not exist");
}

bool lacks(const json& request, std::initializer_list<const char*> fields) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const char* field) { return !request.contains(field); });
}

KvEffect store(const json& request, const char* type, const json& value) {
    return {reply_to(request, type), true, value};
}

KvEffect read(const json& request, const json* current) {
    if (current == nullptr) return missing(request);
    json reply = reply_to(request, "read_ok");
    reply["value"] = *current;
    return {std::move(reply), false, nullptr};
}

bool wants_creation(const json& request) {
    const auto found = request.find("create_if_not_exists");
    return found != request.end() && *found == true;
}

KvEffect compare_and_swap(const json& request, const json* current, Creation creation) {
    const bool create = creation == Creation::honoured && wants_creation(request);
    if (current == nullptr && !create) return missing(request);
    if (current != nullptr && *current != request["from"])
        return refuse(request, ErrorCode::precondition_failed,
                      "expected " + request["from"].dump() + ", found " + current->dump());
    return store(request, "cas_ok", request["to"]);
}

KvEffect incomplete(const json& request) {
    return refuse(request, ErrorCode::malformed_request, "missing field in the request");
}

/// Returns the text of a JSON value. Any value can be a key, and its text identifies it.
std::string key_of(const json& request) {
    const auto key = request.find("key");
    return key == request.end() ? std::string() : key->dump();
}

}  // namespace

KvEffect kv_effect(const json& request, const json* current, Creation creation) {
    const auto& type = request["type"].get_ref<const std::string&>();
    if (type == "read")
        return lacks(request, {"key"}) ? incomplete(request) : read(request, current);
    if (type == "write")
        return lacks(request, {"key", "value"}) ? incomplete(request)
                                                : store(request, "write_ok", request["value"]);
    if (type == "cas")
        return lacks(request, {"key", "from", "to"}) ? incomplete(request)
                                                     : compare_and_swap(request, current, creation);
    return refuse(request, ErrorCode::not_supported, "unknown request: " + type);
}

json LinKv::handle(const json& request, Creation creation) {
    const std::string key = key_of(request);
    const auto found = values_.find(key);
    auto effect = kv_effect(request, found == values_.end() ? nullptr : &found->second, creation);
    if (effect.writes) values_[key] = std::move(effect.value);
    return std::move(effect.reply);
}

json LwwKv::handle(const json& request) {
    return replicas_[random_.below(replicas_.size())].handle(request, Creation::ignored);
}

std::uint64_t SeqKv::state_in_slot_of(std::uint64_t index) const {
    return newest_ - (newest_ - index) % ring;
}

const json* SeqKv::value_at(const std::string& key, std::uint64_t state) const {
    const auto found = keys_.find(key);
    if (found == keys_.end()) return nullptr;
    const auto& versions = found->second;
    const auto later = std::find_if(versions.begin(), versions.end(),
                                    [&](const Version& v) { return v.since > state; });
    return later == versions.begin() ? nullptr : &std::prev(later)->value;
}

void SeqKv::write(const std::string& key, json value) {
    auto& versions = keys_[key];
    versions.push_back({++newest_, std::move(value)});
    // Drop the versions that no state of the ring contains.
    while (versions.size() > 1 && versions[1].since + ring <= newest_ + 1)
        versions.erase(versions.begin());
}

json SeqKv::handle(const std::string& client, const json& request) {
    const std::string key = key_of(request);
    std::uint64_t& place = places_[client];
    const std::uint64_t index = place + random_.below(newest_ - place + 1);

    const json* past = value_at(key, state_in_slot_of(index));
    auto effect = kv_effect(request, past, Creation::honoured);
    if (!effect.writes || (past != nullptr && effect.value == *past)) {
        place = index;
        return std::move(effect.reply);
    }
    effect = kv_effect(request, value_at(key, newest_), Creation::honoured);
    if (effect.writes) write(key, std::move(effect.value));
    place = newest_;
    return std::move(effect.reply);
}

json LinTso::handle(const json& request) {
    if (request["type"] != "ts")
        return error_reply(request, static_cast<int>(ErrorCode::not_supported),
                           "unknown request, expected ts");
    json reply = reply_to(request, "ts_ok");
    reply["ts"] = next_++;
    return reply;
}

bool Services::has(std::string_view name) {
    return name == "seq-kv" || name == "lin-kv" || name == "lww-kv" || name == "lin-tso";
}

Envelope Services::handle(const Envelope& request) {
    const auto answer = [&]() -> json {
        const json& body = request.body;
        if (!body.contains("msg_id")) return incomplete(body).reply;
        if (request.dest == "seq-kv") return seq_kv_.handle(request.src, body);
        if (request.dest == "lin-kv") return lin_kv_.handle(body);
        if (request.dest == "lww-kv") return lww_kv_.handle(body);
        return lin_tso_.handle(body);
    };
    return {request.dest, request.src, answer()};
}

}  // namespace cluster
