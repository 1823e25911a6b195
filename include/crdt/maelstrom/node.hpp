// SPDX-License-Identifier: MIT
//! Node: the protocol of Maelstrom, without I/O and without a clock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/codec/json/input.hpp>
#include <crdt/maelstrom/callbacks.hpp>
#include <crdt/maelstrom/dispatcher.hpp>
#include <crdt/maelstrom/reply_buffer.hpp>
#include <crdt/maelstrom/rpc.hpp>
#include <crdt/system/fresh.hpp>

namespace crdt::maelstrom {

/// A Maelstrom node. It runs the handler for the type of each request, sends the answer of the
/// handler, and calls services. The caller passes in lines and times, and writes the output.
///
/// No received message makes a node throw. Maelstrom drops all further messages of a node that has
/// sent certain messages. A Node never sends such messages; see ReplyBuffer.
class Node {
    json::Input input_;
    ReplyBuffer out_;
    Dispatcher dispatcher_;
    PendingCalls calls_;
    Callbacks callbacks_{out_};
    Time arrived_{};
    bool has_received_ = false;

  public:
    /// How long a request can be answered. If a node replies after 5 s, its messages are dropped.
    static constexpr Duration reply_window = std::chrono::milliseconds{4500};

    /// Makes a node. Its first call of a service has the number `first_call` + 1, and later calls
    /// count up. Precondition: no earlier process of this node has used these numbers. Otherwise a
    /// late answer to that process could be mistaken for an answer to this one.
    explicit Node(Log log = Log{},
                  std::int64_t first_call = static_cast<std::int64_t>(system::fresh_number()))
        : out_(log), calls_(first_call) {}

    /// Sets the handler of requests of type `type`. If it throws, the node replies with an error.
    void on(const std::string& type, Dispatcher::Handler handler) {
        dispatcher_.on(type, std::move(handler));
    }
    /// Sets the handler of one-way messages of type `type`. If it throws, logs the exception.
    void on_peer(const std::string& type, Dispatcher::PeerHandler handler) {
        dispatcher_.on_peer(type, std::move(handler));
    }
    /// Adds an action that runs when the node has received its id and its peers.
    void on_init(Callbacks::Action action) { callbacks_.on_init(std::move(action)); }
    /// Adds a timer. When the time that deadline() returns has passed, `tick` runs.
    void add_timer(Callbacks::Deadline deadline, Callbacks::Action tick) {
        callbacks_.add_timer(std::move(deadline), std::move(tick));
    }
    /// Adds an action that runs before lines are written. For example, the action can store the
    /// changes that these lines acknowledge. If `action` throws, the node halts.
    void before_flush(Callbacks::Action action) { callbacks_.before_flush(std::move(action)); }

    /// Halts the node and logs `why`. The node ignores further lines and drops its pending output.
    void halt(const std::string& why) {
        log()(LogLevel::error, why);
        out_.halt();
    }
    /// Has the node halted?
    bool halted() const { return out_.halted(); }

    /// Returns the id of the node. The id is empty before the init message.
    const std::string& id() const { return out_.id(); }
    /// Returns the ids of the other nodes.
    const std::vector<std::string>& peers() const { return out_.peers(); }
    /// Returns the time of the last call of receive() or tick().
    Time now() const { return out_.now(); }
    /// Has the node received a message after the init message? If so, all nodes have started.
    bool has_received() const { return has_received_; }
    /// Returns the log of the node.
    const Log& log() const { return out_.log(); }
    /// Returns the counts of what the node has refused.
    const NodeStats& stats() const { return out_.stats(); }

    /// Sends a one-way message of type `type` to `dest`. `write_fields` receives a json::Writer,
    /// and writes the other members of the body.
    template <class WriteFields>
    void send(std::string_view dest, std::string_view type, WriteFields&& write_fields) {
        out_.send(dest, type, std::forward<WriteFields>(write_fields));
    }
    /// Sends a request to `dest`, with `type` and `write_fields` as in send(). `done` runs exactly
    /// once: with the answer or, if none arrives within `timeout`, with a timeout error.
    template <class WriteFields>
    void call(std::string_view dest, std::string_view type, WriteFields&& write_fields,
              Duration timeout, PendingCalls::Callback done) {
        calls_.call(out_, dest, type, std::forward<WriteFields>(write_fields), timeout,
                    std::move(done));
    }

    /// Receives one line, without its newline. `arrived` is the earliest time at which the line can
    /// have arrived. The deadline of a reply is `reply_window` after `arrived`.
    void receive(std::string_view line, Time now, Time arrived) {
        out_.set_now(now);
        arrived_ = arrived;
        if (line.empty() || halted()) return;
        const auto message = parse_envelope(input_, line);
        if (!message)
            return warn(&NodeStats::bad_lines,
                        "bad line: " + message.error().to_string() + ": " + clip(line));
        dispatch(*message);
    }
    /// Receives a line that arrived at `now`.
    void receive(std::string_view line, Time now) { receive(line, now, now); }
    /// Counts a line that was too long.
    void skip_line() { warn(&NodeStats::bad_lines, "a line was too long"); }

    /// Runs the timers that are due, and the callbacks of calls that have timed out.
    void tick(Time now) {
        out_.set_now(now);
        for (const auto& done : calls_.expired(now)) callbacks_.run([&] { done(RpcError{}); });
        callbacks_.run_due_timers();
    }
    /// Returns the time when tick() is due. Returns nothing if no timer and no call is pending.
    std::optional<Time> next_deadline() const {
        const std::optional<Time> call = calls_.next_deadline(), timer = callbacks_.next_deadline();
        return call && timer ? (std::min)(call, timer) : call ? call : timer;
    }

    /// Runs the actions of before_flush(), then calls clock(). Returns the lines to write, without
    /// replies that are too late at the time of clock(). The caller clears the lines.
    template <class Clock>
    std::string& output(Clock&& clock) {
        callbacks_.run_before_flush([this](const char* error) { halt(error); });
        return out_.flush(clock());
    }
    /// Returns the lines like output(clock), but uses the time of the last receive() or tick().
    std::string& output() {
        return output([this] { return now(); });
    }

  private:
    void warn(std::uint64_t NodeStats::*counter, const std::string& text) {
        log().warn_throttled(out_.stats().*counter, text);
    }

    void dispatch(const Envelope& message) {
        const auto type = message.body.text("type");
        if (id().empty()) {
            if (type == "init") return init(message);
            return warn(&NodeStats::misdirected, "message before init");
        }
        if (message.dest != id() || !out_.is_known(message.src))
            return warn(&NodeStats::misdirected,
                        "message from " + clip(message.src) + " for " + clip(message.dest));
        has_received_ = true;
        if (message.body.contains("in_reply_to")) {
            if (const auto done = calls_.complete(message)) return callbacks_.run(done);
            return warn(&NodeStats::misdirected, "an answer to no call that waits");
        }
        if (const auto* handler =
                type && out_.is_peer(message.src) ? dispatcher_.peer_handler(*type) : nullptr)
            return callbacks_.run([&] { (*handler)(message.src, message.body); });
        dispatcher_.handle_request(message, type.value_or(""), out_, arrived_ + reply_window);
    }
    void init(const Envelope& message) {
        const auto id = message.body.get<std::string>("node_id");
        auto peers = message.body.get<std::vector<std::string>>("node_ids");
        const auto msg_id = message.body.integer("msg_id");
        if (!id || !peers || !msg_id || id->empty() || !is_client_id(message.src))
            return warn(&NodeStats::bad_lines, "malformed init");
        std::erase(*peers, *id);
        out_.set_members(*id, *std::move(peers));
        out_.reply(message.src, "init_ok", *msg_id, arrived_ + reply_window, [](auto&) {});
        callbacks_.run_on_init();
    }
};

}  // namespace crdt::maelstrom
