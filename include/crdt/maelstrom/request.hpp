// SPDX-License-Identifier: MIT
//! Request: what a handler is given, and the way to answer it, now or later.
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include <crdt/codec/json/reader.hpp>
#include <crdt/maelstrom/body.hpp>
#include <crdt/maelstrom/error.hpp>
#include <crdt/replication/replicator.hpp>

namespace crdt::maelstrom {

using replication::Duration;
using replication::Time;

class Node;

/// The way back to whoever sent a request. May be copied and kept, as long as the Node lives.
class Responder {
    Node* node_;
    std::string dest_;
    std::string type_;
    std::int64_t msg_id_;
    Time deadline_;

    void send(std::string_view type, const nlohmann::json& fields) const;

  public:
    /// To be answered until `deadline`, when the client no longer waits.
    Responder(Node& node, std::string dest, std::string type, std::int64_t msg_id, Time deadline)
        : node_(&node),
          dest_(std::move(dest)),
          type_(std::move(type)),
          msg_id_(msg_id),
          deadline_(deadline) {}

    /// Answers {"type": "<type>_ok", ...}. Answers that come too late for the client are dropped.
    void ok(const nlohmann::json& fields = nullptr) const;
    /// The same with one field: whole numbers and lists of them are written without a document in
    /// between.
    template <class Value>
    void ok(std::string_view name, const Value& value) const;
    /// Answers with an error.
    void error(ErrorCode code, const std::string& text) const;

    /// Runs `action` and answers what it throws: Error with its own code, std::invalid_argument
    /// and std::overflow_error, which mutators throw before any change, with definite ones, all
    /// else with 13 (crash).
    template <class Action>
    void guard(Action&& action) const {
        try {
            action();
        } catch (const Error& failure) {
            error(failure.code(), failure.what());
        } catch (const std::invalid_argument& failure) {
            error(ErrorCode::malformed_request, failure.what());
        } catch (const std::overflow_error& failure) {
            error(ErrorCode::precondition_failed, failure.what());
        } catch (const std::exception& failure) {
            error(ErrorCode::crash, failure.what());
        } catch (...) {
            error(ErrorCode::crash, "unknown exception");
        }
    }
};

/// A request while its handler runs.
class Request {
    const Body* body_;
    Responder responder_;

  public:
    /// `body` must outlive this.
    Request(const Body& body, Responder responder)
        : body_(&body), responder_(std::move(responder)) {}

    /// All that was said.
    const nlohmann::json& body() const { return body_->document(); }
    /// To answer later: a copy outlives the request.
    const Responder& responder() const { return responder_; }

    /// Replies that the request was done, with these fields.
    void ok(const nlohmann::json& fields = nullptr) const { responder_.ok(fields); }
    /// Replies that the request was done, with one field.
    template <class Value>
    void ok(std::string_view name, const Value& value) const {
        responder_.ok(name, value);
    }

    /// The field `name` as a T. Throws Error (malformed request) if it is not one.
    template <class T>
    T get(const char* name) const {
        auto field = json::try_decode_members<T>(body(), name);
        if (!field) throw Error(ErrorCode::malformed_request, field.error().to_string());
        return std::get<0>(*std::move(field));
    }
    /// The same for a number; allocates nothing if it is there.
    std::int64_t integer(const char* name) const {
        const auto number = body_->integer(name);
        return number ? *number : get<std::int64_t>(name);
    }
};

}  // namespace crdt::maelstrom
