// SPDX-License-Identifier: MIT
//! Request: a client's request, which a handler receives and answers, immediately or later.
#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/codec/json/writer.hpp>
#include <crdt/codec/serializer.hpp>
#include <crdt/maelstrom/envelope.hpp>
#include <crdt/maelstrom/reply_buffer.hpp>
#include <crdt/system/error_code.hpp>

namespace crdt::maelstrom {

using system::ErrorCode;
using system::RequestError;

/// Answers one request. A Responder can be copied, and kept as long as the Node exists.
class Responder {
    ReplyBuffer* replies_;
    std::string dest_;
    std::string type_;
    std::int64_t msg_id_;
    Time deadline_;

  public:
    /// Makes a responder for the request `msg_id` of `dest`. Replies after `deadline` are dropped,
    /// because the client does not wait longer.
    Responder(ReplyBuffer& replies, std::string dest, std::string type, std::int64_t msg_id,
              Time deadline)
        : replies_(&replies),
          dest_(std::move(dest)),
          type_(std::move(type)),
          msg_id_(msg_id),
          deadline_(deadline) {}

    /// Answers with {"type": "<type>_ok", ...}. `write_fields` receives a json::Writer, and writes
    /// the other members. After the deadline, drops the answer.
    template <std::invocable<json::Writer&> WriteFields>
    void ok(WriteFields&& write_fields) const {
        replies_->reply(dest_, type_ + "_ok", msg_id_, deadline_,
                        std::forward<WriteFields>(write_fields));
    }
    /// Answers with the type alone, without other members.
    void ok() const {
        ok([](json::Writer&) {});
    }
    /// Answers with the type and one other member, `name`, which has the value `value`.
    template <Serializable Value>
    void ok(std::string_view name, const Value& value) const {
        ok([&](json::Writer& body) { serialize(body.member(name), value); });
    }
    /// Answers with an error, which has the code `code` and the text `text`.
    void error(ErrorCode code, std::string_view text) const {
        replies_->log().warn_throttled(replies_->stats().bad_requests,
                                       "request failed: " + std::string(text));
        replies_->reply(dest_, "error", msg_id_, deadline_, [&](json::Writer& body) {
            body.member("code").i64(static_cast<int>(code));
            body.member("text").string(text);
        });
    }

    /// Runs `action`. If `action` throws, replies with an error. After a RequestError, the reply
    /// has the code of this exception. After std::invalid_argument, the code is malformed_request.
    /// After std::overflow_error, it is precondition_failed. These two codes mean that nothing has
    /// changed, because mutators throw the two exceptions before any change. After any other
    /// exception, the code is crash (13), which means that something may have changed.
    template <class Action>
    void guard(Action&& action) const {
        try {
            action();
        } catch (const RequestError& failure) {
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

/// A request of a client. It is valid while its handler runs.
class Request {
    Body body_;
    Responder responder_;

  public:
    /// Makes a request with the body `body`. `responder` answers the request.
    Request(const Body& body, Responder responder)
        : body_(body), responder_(std::move(responder)) {}

    /// Returns the body, with all its members.
    const Body& body() const { return body_; }
    /// Returns the responder. To answer after the handler has returned, keep a copy of the
    /// responder.
    const Responder& responder() const { return responder_; }

    /// Answers the request; see Responder::ok.
    template <class... Arguments>
    void ok(Arguments&&... arguments) const {
        responder_.ok(std::forward<Arguments>(arguments)...);
    }

    /// Returns the member `name` of the body as a T. If the member is not a T, throws RequestError
    /// with the code malformed_request.
    template <Serializable T>
    T get(std::string_view name) const {
        auto field = body_.get<T>(name);
        if (!field) throw RequestError(ErrorCode::malformed_request, field.error().to_string());
        return *std::move(field);
    }
    /// Returns the same as get<std::int64_t>(name), and throws the same.
    std::int64_t integer(std::string_view name) const {
        const auto number = body_.integer(name);
        return number ? *number : get<std::int64_t>(name);
    }
};

}  // namespace crdt::maelstrom
