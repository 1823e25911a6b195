// SPDX-License-Identifier: MIT
//! Dispatcher: the handlers of a node, by message type.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <crdt/maelstrom/envelope.hpp>
#include <crdt/maelstrom/reply_buffer.hpp>
#include <crdt/maelstrom/request.hpp>

namespace crdt::maelstrom {

/// Runs the handler for the type of a message. If a request has no handler, replies with an error.
class Dispatcher {
  public:
    /// A function that answers a request of a client.
    using Handler = std::function<void(const Request&)>;
    /// A function that processes a message of a peer.
    using PeerHandler = std::function<void(const std::string& from, const Body& body)>;

    /// Sets the handler of requests of type `type`.
    void on(const std::string& type, Handler handler) { handlers_[type] = std::move(handler); }
    /// Sets the handler of messages of type `type` from peers.
    void on_peer(const std::string& type, PeerHandler handler) {
        peer_handlers_[type] = std::move(handler);
    }

    /// Returns the handler of messages of type `type` from peers, or null if there is none.
    const PeerHandler* peer_handler(std::string_view type) const {
        const auto found = peer_handlers_.find(type);
        return found == peer_handlers_.end() ? nullptr : &found->second;
    }
    /// Runs the handler of the request `message`. Answers of the handler are dropped after
    /// `deadline`. A request without a msg_id cannot be answered, so its handler does not run.
    void handle_request(const Envelope& message, std::string_view type, ReplyBuffer& out,
                        Time deadline) const {
        const auto msg_id = message.body.integer("msg_id");
        if (!msg_id)
            return out.log().warn_throttled(out.stats().bad_requests,
                                            "request without a msg_id: nothing to answer to");
        const Request request(message.body,
                              Responder(out, message.src, std::string(type), *msg_id, deadline));
        request.responder().guard([&] { run(type, request); });
    }

  private:
    std::map<std::string, Handler, std::less<>> handlers_;
    std::map<std::string, PeerHandler, std::less<>> peer_handlers_;

    void run(std::string_view type, const Request& request) const {
        if (type.empty()) throw RequestError(ErrorCode::malformed_request, "no type");
        if (type == "init")
            throw RequestError(ErrorCode::precondition_failed, "initialised already");
        const auto handler = handlers_.find(type);
        if (handler == handlers_.end())
            throw RequestError(ErrorCode::not_supported, "unknown type " + clip(type));
        handler->second(request);
    }
};

}  // namespace crdt::maelstrom
