// SPDX-License-Identifier: MIT
#include "client_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include <crdt/codec/json/input.hpp>
#include <crdt/codec/json/token.hpp>

#include "answers.hpp"
#include "request.hpp"

namespace counterd {

namespace {

/// Compares in a time that depends only on the size of `text`.
bool is_same_secret(std::string_view text, std::string_view secret) {
    bool is_same = text.size() == secret.size();
    for (std::size_t i = 0; i < text.size(); ++i) is_same &= text[i] == secret[i % secret.size()];
    return is_same;
}

/// Removes the first token of a subject and returns it.
std::string_view consume_token(std::string_view& subject) {
    const std::string_view token = subject.substr(0, subject.find('.'));
    subject.remove_prefix(std::min(token.size() + 1, subject.size()));
    return token;
}
/// Returns whether a subscription to `pattern` receives the messages of `subject`. `*` stands for
/// one token, and `>` for the last tokens.
bool matches(std::string_view pattern, std::string_view subject) {
    while (!pattern.empty() && !subject.empty()) {
        if (pattern == ">") return true;
        const std::string_view wanted = consume_token(pattern), token = consume_token(subject);
        if (wanted != "*" && wanted != token) return false;
    }
    return pattern.empty() && subject.empty();
}

std::size_t size_of(const auto& subscription) {
    constexpr std::size_t each = 128;
    return each + subscription.first.size() + subscription.second.subject.size();
}

}  // namespace

ClientConnection::ClientConnection(int socket, std::uint64_t id, const ClientPortOptions& options)
    : socket_(socket), id_(id), options_(&options) {
    Answer info;
    info.put("server_id", options.node).put("server_name", options.node).put("version", "0.0.0");
    info.put("proto", 1).put("headers", false).put("client_id", id);
    info.put("max_payload", Request::longest).put("auth_required", !options.token.empty());
    output_ = "INFO " + std::move(info).text() + "\r\n";
}

ClientConnection::~ClientConnection() {
    // If input was not read, close() would drop what is not sent yet. So reads what has arrived,
    // but not without end.
    ::shutdown(socket_, SHUT_WR);
    std::array<char, 1 << 14> ignored;
    for (int i = 0; i < 64 && ::recv(socket_, ignored.data(), ignored.size(), 0) > 0; ++i) {
    }
    ::close(socket_);
}

std::string ClientConnection::address(std::uint64_t id, std::string_view reply) {
    return std::string(address_begin).append(std::to_string(id)).append(" ").append(reply);
}

bool ClientConnection::receive(const Receive& receive) {
    using Verb = ClientCommand::Verb;
    constexpr std::size_t read_size = std::size_t{1} << 14U;
    static thread_local std::array<char, read_size> read;
    const ssize_t size = ::recv(socket_, read.data(), read.size(), 0);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return false;
    input_.append({read.data(), static_cast<std::size_t>(size)});
    while (const auto command = input_.next()) {
        if (!is_accepted_ && command->verb != Verb::connect && command->verb != Verb::ping)
            throw ProtocolError("Authorization Violation");
        switch (command->verb) {
            case Verb::connect: accept(command->bytes); break;
            case Verb::ping: output_ += "PONG\r\n"; continue;
            case Verb::pong: continue;
            case Verb::subscribe: subscribe(command->id, command->subject); break;
            case Verb::unsubscribe: unsubscribe(command->id, command->count); break;
            case Verb::publish:
                receive({command->subject,
                         command->reply.empty() ? "" : address(id_, command->reply),
                         command->bytes});
        }
        if (is_verbose_) output_ += "+OK\r\n";
    }
    // A client that is not accepted yet may not make the node keep a payload.
    if (!is_accepted_ && input_.size() > ClientInput::longest_line)
        throw ProtocolError("Authorization Violation");
    return true;
}

void ClientConnection::accept(std::string_view json) {
    using crdt::json::Kind;
    crdt::json::Input input;
    if (!input.parse(json) || input[0].kind != Kind::object) throw ProtocolError("Parser Error");
    const std::size_t token = input.find(0, "auth_token"), verbose = input.find(0, "verbose");
    const bool has_token = token != crdt::json::Input::none && input[token].kind == Kind::string;
    if (!options_->token.empty() &&
        !(has_token && is_same_secret(input[token].text, options_->token)))
        throw ProtocolError("Authorization Violation");
    is_verbose_ = verbose != crdt::json::Input::none && input[verbose].text == "true";
    is_accepted_ = true;
}

void ClientConnection::subscribe(std::string_view id, std::string_view subject) {
    const auto [entry, is_new] = subscriptions_.try_emplace(std::string(id));
    if (!is_new) return;  // some libraries repeat their subscriptions after a reconnection
    entry->second.subject = subject;
    subscription_bytes_ += size_of(*entry);
    if (subscription_bytes_ <= max_subscription_bytes) return;
    erase(entry);
    output_ += "-ERR 'Maximum Subscriptions Exceeded'\r\n";
}

void ClientConnection::erase(Subscriptions::iterator subscription) {
    subscription_bytes_ -= size_of(*subscription);
    subscriptions_.erase(subscription);
}

void ClientConnection::unsubscribe(std::string_view id, std::uint64_t most) {
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end()) return;
    found->second.most = most;
    if (found->second.sent >= most) erase(found);
}

bool ClientConnection::deliver(std::string_view reply, std::string_view bytes) {
    for (auto each = subscriptions_.begin(); each != subscriptions_.end();) {
        // A client can have many subscriptions to one subject.
        if (output_size() + bytes.size() > max_output) return false;
        auto& [id, subscription] = *each;
        const auto next = std::next(each);
        if (matches(subscription.subject, reply)) {
            output_.append("MSG ").append(reply).append(" ").append(id).append(" ");
            output_.append(std::to_string(bytes.size())).append("\r\n");
            output_.append(bytes).append("\r\n");
            if (++subscription.sent == subscription.most) erase(each);
        }
        each = next;
    }
    return true;
}

bool ClientConnection::send() {
    bool has_room = true;
    while (output_size() > 0 && has_room) {
        const ssize_t size =
            ::send(socket_, output_.data() + written_, output_size(), MSG_NOSIGNAL);
        has_room = size >= 0 || errno == EINTR;
        if (!has_room && errno != EAGAIN) return false;
        written_ += static_cast<std::size_t>(std::max<ssize_t>(size, 0));
    }
    // Frees what was written, unless it is little beside the rest, which would be moved.
    constexpr std::size_t kept = std::size_t{1} << 16U;
    if (written_ < output_size()) return true;
    if (output_size() == 0 && output_.capacity() <= kept)
        output_.clear();
    else
        std::string(output_, written_).swap(output_);  // an assignment may keep the memory
    written_ = 0;
    return true;
}

void ClientConnection::refuse(std::string_view why) noexcept {
    try {
        output_.append("-ERR '").append(why).append("'\r\n");
        send();
    } catch (const std::bad_alloc&) {
        // The client sees the end of the connection alone.
    }
}

}  // namespace counterd
