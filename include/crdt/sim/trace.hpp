// SPDX-License-Identifier: MIT
//! Trace: what happened in a simulated run, as events, as text and as a hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <crdt/detail/mix64.hpp>
#include <crdt/replication/time.hpp>

namespace crdt::sim {

using replication::Duration;
using replication::Time;

/// One event of a run. A message has one event when it is sent, and another one when it arrives, is
/// lost or is rejected.
struct Event {
    /// The kinds of events.
    enum class Kind {
        update,       ///< a replica is updated
        sent,         ///< a replica sends a message
        arrived,      ///< a message arrives
        lost,         ///< a message is lost
        rejected,     ///< a frame is rejected
        crashed,      ///< a replica crashes
        started,      ///< a replica starts
        left,         ///< a replica leaves, and never returns
        paused,       ///< a replica does nothing for a while
        dropped,      ///< a replica drops a member from its view
        partitioned,  ///< the network is partitioned
        healed,       ///< a partition ends, or all faults end
        violation     ///< a check fails
    };

    /// When it happened.
    Time at{};
    /// The kind of this event.
    Kind kind = Kind::update;
    /// The replica of the event. If a message is sent, this is the sender. If a message arrives, is
    /// lost or is rejected, this is the receiver.
    std::size_t replica = 0;
    /// The other end of the message. If a message is sent, this is the receiver, otherwise the
    /// sender.
    std::size_t from = 0;
    /// When the message was sent.
    Time sent_at{};
    /// The size of a sent message, or a hash of what the state gained by an arrived message. It is
    /// part of the hash of the run.
    std::uint64_t content = 0;
    /// Details, as text.
    std::string note = {};

    /// Whether a message was lost or rejected.
    bool is_loss() const { return kind == Kind::lost || kind == Kind::rejected; }
    /// Whether a message arrived, was lost or was rejected.
    bool is_message() const { return kind == Kind::arrived || is_loss(); }
    /// Returns the verb of the event in a trace.
    const char* verb() const {
        constexpr const char* verbs[] = {"update",    "sends",  "receives", "loses",  "rejects",
                                         "crashes",   "starts", "leaves",   "pauses", "drops",
                                         "partition", "heal",   "VIOLATION"};
        return verbs[static_cast<std::size_t>(kind)];
    }
};

/// Returns the time in seconds, with three decimals.
inline std::string to_string(Time time) {
    const auto at = time.time_since_epoch().count();
    const std::string digits = std::to_string(at / 1000 % 1000);
    return std::to_string(at / 1000000) + '.' + std::string(3 - digits.size(), '0') + digits;
}
/// Returns the event as one line, without the time.
inline std::string to_string(const Event& event) {
    std::string line = "n" + std::to_string(event.replica) + ' ' + event.verb();
    if (event.is_message())
        line += " from n" + std::to_string(event.from) + " of " + to_string(event.sent_at);
    return event.note.empty() ? line : line + ": " + event.note;
}

/// The events of a run. Their hash is always computed. The events themselves are kept on request.
class Trace {
    bool is_kept_;
    std::vector<Event> events_ = {};
    std::uint64_t hash_ = 0;

    static std::uint64_t number(Time time) {
        return static_cast<std::uint64_t>(time.time_since_epoch().count());
    }

  public:
    /// Makes a trace. If `keep` is false, only the hash of the events is kept.
    explicit Trace(bool keep = false) : is_kept_(keep) {}

    /// Whether events are kept.
    bool is_kept() const { return is_kept_; }
    /// Adds an event. Events must be added in the order of their times.
    void add(Event event) {
        const std::uint64_t fields[] = {
            number(event.at),      static_cast<std::uint64_t>(event.kind),
            event.replica,         event.from,
            number(event.sent_at), event.content};
        for (const std::uint64_t field : fields) hash_ = crdt::detail::mix64(hash_ ^ field);
        if (is_kept_) events_.push_back(std::move(event));
    }

    /// Returns the hash of all events. The same seed gives the same hash on every platform.
    std::uint64_t hash() const { return hash_; }
    /// The events that were kept.
    const std::vector<Event>& events() const { return events_; }
    /// Returns the events that were kept as text: one line for each event, with its time.
    std::string text() const {
        std::string result;
        for (const Event& event : events_)
            result += to_string(event.at) + "  " + to_string(event) + '\n';
        return result;
    }
};

}  // namespace crdt::sim
