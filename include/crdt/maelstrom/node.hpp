// SPDX-License-Identifier: MIT
//! Node: Maelstrom's protocol over lines in and lines out. It does no I/O and knows no clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <crdt/codec/json/reader.hpp>
#include <crdt/maelstrom/error.hpp>
#include <crdt/maelstrom/json_text.hpp>
#include <crdt/maelstrom/log.hpp>
#include <crdt/maelstrom/message.hpp>
#include <crdt/maelstrom/parse_message.hpp>
#include <crdt/maelstrom/request.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/system/fresh.hpp>

namespace crdt::maelstrom {

/// What came back from a call: a body, or an error (a time-out among them).
struct Answer {
    /// None in an error.
    std::optional<nlohmann::json> body;
    /// Of the error.
    ErrorCode code = ErrorCode::timeout;
    /// The text of the error.
    std::string text;

    /// Is it no error?
    explicit operator bool() const { return body.has_value(); }
};

/// Counts of what a node refused to take or to say.
struct NodeStats {
    std::uint64_t bad_lines = 0;         ///< not an envelope, or one line too long
    std::uint64_t misdirected = 0;       ///< before init, for another node, or from nobody known
    std::uint64_t bad_requests = 0;      ///< answered with an error
    std::uint64_t late_replies = 0;      ///< not sent: the client has given up
    std::uint64_t unknown_dests = 0;     ///< not sent: the network does not know the receiver
    std::uint64_t failed_callbacks = 0;  ///< ended by an exception
};

/// A Maelstrom node: dispatches requests to handlers by type, answers them, calls services.
///
/// Nothing that comes in makes it throw, and nothing goes out that the network would choke on:
/// no message before init, none to an unknown receiver, no reply that comes too late.
class Node {
  public:
    /// Answers a request of a client.
    using Handler = std::function<void(const Request&)>;
    /// Takes a message of a peer.
    using PeerHandler = std::function<void(const std::string& from, const nlohmann::json& body)>;
    /// Takes the answer to a call.
    using Callback = std::function<void(const Answer&)>;

    /// A client gives up after 5 s; a reply sent after that mutes the node.
    static constexpr Duration reply_window = std::chrono::milliseconds{4500};

    /// Calls are numbered from `first_call` on; a number that an earlier life of the node has used
    /// could be answered by what was meant for that life.
    explicit Node(Log log = Log{},
                  std::int64_t first_call = static_cast<std::int64_t>(system::fresh_number()))
        : log_(log), last_msg_id_(first_call) {}
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    // ---- what an application says

    /// Requests of this type. What the handler throws becomes an error reply: Responder::guard.
    void on(const std::string& type, Handler handler) { handlers_[type] = std::move(handler); }
    /// One-way messages of this type from other nodes; any exception is logged, the message
    /// dropped.
    void on_peer(const std::string& type, PeerHandler handler) {
        peer_handlers_[type] = std::move(handler);
    }
    /// Runs when init has told the node its id and its peers.
    void on_init(std::function<void()> action) { init_actions_.push_back(std::move(action)); }
    /// Something with a deadline of its own: `tick` runs once `deadline` has come.
    void add_timer(std::function<std::optional<Time>()> deadline, std::function<void()> tick) {
        timers_.push_back({std::move(deadline), std::move(tick)});
    }

    /// Runs before lines go out, so that what they tell of can be made lasting first. If `action`
    /// throws, the node halts.
    void before_flush(std::function<void()> action) { barriers_.push_back(std::move(action)); }
    /// Ends the node: it takes nothing in any more, and what waits to be written never is.
    void halt(const std::string& why) {
        log_(LogLevel::error, why);
        halted_ = true;
        output_.clear();
        replies_.clear();
    }
    /// Has it ended for good?
    bool halted() const { return halted_; }

    /// The node's id; empty before init.
    const std::string& id() const { return id_; }
    /// The other nodes.
    const std::vector<std::string>& peers() const { return peers_; }
    /// The time of the turn.
    Time now() const { return now_; }
    /// A client or another node has spoken since init: the whole network is up.
    bool has_heard() const { return heard_; }
    /// The log of the node.
    const Log& log() const { return log_; }
    /// What it refused so far.
    const NodeStats& stats() const { return stats_; }

    /// Sends a one-way message.
    void send(std::string_view dest, const nlohmann::json& body) {
        if (!begin_line(dest)) return;
        append_json(output_, body);
        output_ += "}\n";
    }

    /// Sends a request; `done` runs exactly once, with the answer or, after `timeout`, without.
    void call(std::string_view dest, nlohmann::json body, Duration timeout, Callback done) {
        const std::int64_t msg_id = ++last_msg_id_;
        body["msg_id"] = msg_id;
        const std::string expected = body.at("type").get<std::string>() + "_ok";
        calls_.emplace(msg_id, Call{std::string(dest), expected, now_ + timeout, std::move(done)});
        send(dest, body);
    }

    /// Counts, and logs the first few and then ever fewer, so that a flood does not fill the disk.
    void warn_throttled(std::uint64_t& counter, const std::string& why) {
        ++counter;
        if (counter <= 10 || (counter & (counter - 1)) == 0)
            log_(LogLevel::warning, clip(why) + " (number " + std::to_string(counter) + ")");
    }

    // ---- what an event loop does

    /// Takes one line in, without its newline. It came at `arrived` or later: the time that a
    /// client waits is counted from then.
    void receive(std::string_view line, Time now, Time arrived) {
        now_ = now;
        arrived_ = arrived;
        if (line.empty() || halted_) return;
        const auto message = parse_message(line);
        if (!message) {
            warn_throttled(stats_.bad_lines,
                           "bad line: " + message.error().to_string() + ": " + clip(line));
            return;
        }
        dispatch(*message);
    }

    /// The same, of a line that came now.
    void receive(std::string_view line, Time now) { receive(line, now, now); }

    /// Counts a line that was too long to be kept.
    void skip_line() { warn_throttled(stats_.bad_lines, "a line was too long"); }

    /// Does what is due.
    void tick(Time now) {
        now_ = now;
        expire_calls();
        for (const Timer& timer : timers_) {
            const std::optional<Time> due = timer.deadline();
            if (due && *due <= now_) run_guarded(timer.tick);
        }
    }

    /// When tick() has something to do next; none if nothing is awaited.
    std::optional<Time> next_deadline() const {
        std::optional<Time> next;
        const auto consider = [&](std::optional<Time> due) {
            if (due && (!next || *due < *next)) next = due;
        };
        for (const auto& [id, call] : calls_) consider(call.deadline);
        for (const Timer& timer : timers_) consider(timer.deadline());
        return next;
    }

    /// Lines to be written, after before_flush(); whoever writes them clears it.
    std::string& output() {
        run_barriers();
        replies_.clear();
        return output_;
    }
    /// The same without the replies that are too late by `clock()`: time passes in before_flush(),
    /// and while the process is stopped.
    template <class Clock>
    std::string& output(Clock&& clock) {
        run_barriers();
        drop_late_replies(clock());
        return output();
    }

  private:
    friend class Responder;

    struct Timer {
        std::function<std::optional<Time>()> deadline;
        std::function<void()> tick;
    };
    struct Call {
        std::string dest;
        std::string expected;
        Time deadline;
        Callback done;
    };
    /// A reply in the output.
    struct Reply {
        std::size_t begin;
        std::size_t size;
        Time deadline;
    };

    Log log_;
    std::string id_;
    /// With which each line begins.
    std::string line_head_;
    std::vector<std::string> peers_;
    std::map<std::string, Handler, std::less<>> handlers_;
    std::map<std::string, PeerHandler, std::less<>> peer_handlers_;
    std::vector<std::function<void()>> init_actions_;
    std::vector<std::function<void()>> barriers_;
    std::vector<Timer> timers_;
    std::map<std::int64_t, Call> calls_;
    std::int64_t last_msg_id_;
    NodeStats stats_;
    Time now_{};
    Time arrived_{};
    bool heard_ = false;
    bool halted_ = false;
    std::string output_;
    std::vector<Reply> replies_;

    static std::string clip(std::string_view text) { return std::string(text.substr(0, 300)); }

    /// Begins a line up to its body; false if the network would not know the receiver.
    bool begin_line(std::string_view dest) {
        if (halted_) return false;
        if (id_.empty() || !is_known(dest)) {
            warn_throttled(stats_.unknown_dests, "not sent, receiver unknown: " + clip(dest));
            return false;
        }
        output_ += line_head_;
        append_quoted(output_, dest);
        output_ += ",\"body\":";
        return true;
    }

    /// Sends a reply; written by hand, as it is what a node says most. `append_fields` appends what
    /// it has beyond type and in_reply_to; if that throws, nothing is sent: half a line would mute
    /// the node.
    template <class AppendFields>
    void reply(std::string_view dest, std::string_view type, std::int64_t msg_id, Time deadline,
               AppendFields&& append_fields) {
        if (now_ > deadline) return warn_throttled(stats_.late_replies, "late reply");
        const std::size_t begin = output_.size();
        if (!begin_line(dest)) return;
        try {
            output_ += "{\"type\":";
            append_quoted(output_, type);
            append_field(output_, "in_reply_to", msg_id);
            append_fields(output_);
            output_ += "}}\n";
        } catch (...) {
            output_.resize(begin);
            throw;
        }
        replies_.push_back({begin, output_.size() - begin, deadline});
    }

    void drop_late_replies(Time now) {
        for (auto reply = replies_.rbegin(); reply != replies_.rend(); ++reply) {
            if (now <= reply->deadline) continue;
            output_.erase(reply->begin, reply->size);
            warn_throttled(stats_.late_replies, "late reply");
        }
    }

    void run_barriers() {
        for (const auto& barrier : barriers_) {
            if (halted_) return;
            try {
                barrier();
            } catch (const std::exception& error) {
                halt(error.what());
            } catch (...) {
                halt("unknown exception");
            }
        }
    }

    bool is_peer(std::string_view id) const {
        return std::find(peers_.begin(), peers_.end(), id) != peers_.end();
    }
    bool is_known(std::string_view id) const {
        return is_client_id(id) || is_service_id(id) || is_peer(id);
    }

    void dispatch(const Message& message) {
        const auto type = message.body.text("type");
        if (id_.empty()) {
            if (type == "init") return init(message);
            return warn_throttled(stats_.misdirected, "message before init");
        }
        if (message.dest != id_ || !is_known(message.src))
            return warn_throttled(stats_.misdirected, "message from " + clip(message.src) +
                                                          " for " + clip(message.dest));
        heard_ = true;
        if (message.body.contains("in_reply_to")) return answer(message);
        if (type && is_peer(message.src)) {
            const auto handler = peer_handlers_.find(*type);
            if (handler != peer_handlers_.end())
                return run_guarded([&] { handler->second(message.src, message.body.document()); });
        }
        handle_request(message, type.value_or(""));
    }

    void set_id(const std::string& id) {
        id_ = id;
        line_head_ = "{\"src\":";
        append_quoted(line_head_, id_);
        line_head_ += ",\"dest\":";
    }

    void init(const Message& message) {
        using Ids = std::vector<std::string>;
        const auto fields = json::try_decode_members<std::string, std::int64_t, Ids>(
            message.body.document(), "node_id", "msg_id", "node_ids");
        if (!fields || std::get<0>(*fields).empty() || !is_client_id(message.src))
            return warn_throttled(stats_.bad_lines, "malformed init");
        set_id(std::get<0>(*fields));
        peers_ = std::get<2>(*fields);
        std::erase(peers_, id_);
        send(message.src, {{"type", "init_ok"}, {"in_reply_to", std::get<1>(*fields)}});
        for (const auto& action : init_actions_) run_guarded(action);
    }

    /// Nothing that an application's callback throws ends the node.
    template <class Action>
    void run_guarded(Action&& action) {
        try {
            action();
        } catch (const std::exception& error) {
            warn_throttled(stats_.failed_callbacks,
                           std::string("callback failed: ") + error.what());
        } catch (...) {
            warn_throttled(stats_.failed_callbacks, "callback failed");
        }
    }

    void handle_request(const Message& message, std::string_view type) {
        const auto msg_id = message.body.integer("msg_id");
        if (!msg_id)
            return warn_throttled(stats_.bad_requests,
                                  "request without a msg_id: nothing to answer to");
        const Request request(message.body, Responder(*this, message.src, std::string(type),
                                                      *msg_id, arrived_ + reply_window));
        request.responder().guard([&] { run_handler(request, type); });
    }

    void run_handler(const Request& request, std::string_view type) {
        if (type.empty()) throw Error(ErrorCode::malformed_request, "no type");
        if (type == "init") throw Error(ErrorCode::precondition_failed, "initialised already");
        const auto handler = handlers_.find(type);
        if (handler == handlers_.end())
            throw Error(ErrorCode::not_supported, "unknown type " + clip(type));
        handler->second(request);
    }

    void answer(const Message& message) {
        const auto id = message.body.integer("in_reply_to");
        const auto call = id ? calls_.find(*id) : calls_.end();
        if (call == calls_.end() || call->second.dest != message.src)
            return warn_throttled(stats_.misdirected, "an answer to nothing that was asked");
        const Call answered = std::move(call->second);
        calls_.erase(call);
        run_guarded(
            [&] { answered.done(read_answer(message.body.document(), answered.expected)); });
    }

    /// An error has its code; whatever else is not the expected reply leaves all open.
    static Answer read_answer(const nlohmann::json& body, const std::string& expected) {
        const auto is = [&](const char* name, const auto& value) {
            const auto field = body.find(name);
            return field != body.end() && *field == value;
        };
        if (is("type", expected)) return {body, {}, {}};
        Answer answer;
        answer.code = ErrorCode::crash;
        const auto code = body.find("code");
        if (is("type", "error") && code != body.end() && code->is_number_integer())
            answer.code = static_cast<ErrorCode>(code->get<int>());
        const auto text = body.find("text");
        if (text != body.end() && text->is_string()) answer.text = text->get<std::string>();
        return answer;
    }

    void expire_calls() {
        std::vector<Callback> expired;
        for (auto call = calls_.begin(); call != calls_.end();) {
            if (call->second.deadline > now_) {
                ++call;
                continue;
            }
            expired.push_back(std::move(call->second.done));
            call = calls_.erase(call);
        }
        for (const Callback& done : expired) run_guarded([&] { done(Answer{}); });
    }
};

inline void Responder::ok(const nlohmann::json& fields) const { send(type_ + "_ok", fields); }

template <class Value>
void Responder::ok(std::string_view name, const Value& value) const {
    node_->reply(dest_, type_ + "_ok", msg_id_, deadline_,
                 [&](std::string& out) { append_field(out, name, value); });
}

inline void Responder::error(ErrorCode code, const std::string& text) const {
    node_->warn_throttled(node_->stats_.bad_requests, "request failed: " + text);
    send("error", {{"code", static_cast<int>(code)}, {"text", text}});
}

inline void Responder::send(std::string_view type, const nlohmann::json& fields) const {
    node_->reply(dest_, type, msg_id_, deadline_, [&](std::string& out) {
        for (const auto& [name, value] : fields.items()) append_field(out, name, value);
    });
}

}  // namespace crdt::maelstrom
