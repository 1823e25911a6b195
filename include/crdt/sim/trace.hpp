// SPDX-License-Identifier: MIT
//! Trace: what happened in a simulated run, as a hash, as text, and as a picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <crdt/detail/mix64.hpp>
#include <crdt/replication/options.hpp>

namespace crdt::sim {

using replication::Duration;
using replication::Time;

/// One event. A message is entered when it arrives, or is lost.
struct Event {
    /// What can happen.
    enum class Kind {
        update,
        sent,
        arrived,
        lost,
        refused,
        crashed,
        started,
        left,
        paused,
        cut,
        healed,
        broken
    };

    /// When it happened.
    Time at{};
    /// What happened.
    Kind kind = Kind::update;
    /// The replica of the event; the receiver of a message.
    std::size_t replica = 0;
    /// The sender of the message.
    std::size_t from = 0;
    /// When the message was sent.
    Time sent_at{};
    /// Joins what a message carried and what a state became to the hash of the run.
    std::uint64_t content = 0;
    /// For diagrams.
    std::string note = {};
};

/// The events of a run: always hashed, and kept on request.
class Trace {
    bool kept_;
    std::vector<Event> events_;
    std::uint64_t hash_ = 0;

    static const char* word(Event::Kind kind) {
        constexpr const char* words[] = {"update",  "sends",   "receives", "loses",
                                         "refuses", "crashes", "starts",   "leaves",
                                         "pauses",  "cut",     "heal",     "BROKEN"};
        return words[static_cast<std::size_t>(kind)];
    }
    static std::string seconds(Time time) {
        const auto at = time.time_since_epoch().count();
        std::string digits = std::to_string(at / 1000 % 1000);
        return std::to_string(at / 1000000) + '.' + std::string(3 - digits.size(), '0') + digits;
    }
    static std::uint64_t number(Time time) {
        return static_cast<std::uint64_t>(time.time_since_epoch().count());
    }
    static bool is_loss(const Event& event) {
        return event.kind == Event::Kind::lost || event.kind == Event::Kind::refused;
    }
    static bool is_message(const Event& event) {
        return event.kind == Event::Kind::arrived || is_loss(event);
    }

  public:
    /// Without `kept` there is the hash alone.
    explicit Trace(bool kept = false) : kept_(kept) {}

    /// Events come in the order of their times.
    void enter(Event event) {
        const std::uint64_t fields[] = {
            number(event.at),      static_cast<std::uint64_t>(event.kind),
            event.replica,         event.from,
            number(event.sent_at), event.content};
        for (const std::uint64_t field : fields) hash_ = crdt::detail::mix64(hash_ ^ field);
        if (kept_) events_.push_back(std::move(event));
    }

    /// The same for the same seed, on every platform.
    std::uint64_t hash() const { return hash_; }
    /// Those that were kept.
    const std::vector<Event>& events() const { return events_; }

    /// A space-time diagram in text: a line an event, a column a replica.
    std::string text(std::size_t replicas) const {
        std::string result;
        for (const Event& event : events_) {
            std::string line = seconds(event.at);
            line.insert(0, line.size() < 8 ? 8 - line.size() : 0, ' ');
            for (std::size_t column = 0; column < replicas; ++column) {
                const bool between =
                    is_message(event) && (column < event.replica) != (column < event.from);
                line += column == event.replica ? (is_loss(event) ? "  x" : "  *")
                        : is_message(event) && column == event.from ? "  o"
                        : between                                   ? "---"
                                                                    : "  |";
            }
            line += "  n" + std::to_string(event.replica) + ' ' + word(event.kind);
            if (is_message(event))
                line += " from n" + std::to_string(event.from) + " of " + seconds(event.sent_at);
            result += line + (event.note.empty() ? "" : ": " + event.note) + '\n';
        }
        return result;
    }

    /// The same as a picture: time runs down, a line a replica, an arrow a message. The time of a
    /// cut is shaded.
    std::string svg(std::size_t replicas) const {
        const std::size_t column = 130, margin = 40;
        const Time begin = events_.empty() ? Time{} : events_.front().at;
        const Time end = events_.empty() ? Time{Duration{1}} : events_.back().at;
        const auto x = [&](std::size_t replica) {
            return std::to_string(margin + replica * column);
        };
        const auto y = [&](Time at) {
            return std::to_string(40 + ((at < begin ? Duration{} : at - begin) / 2500).count());
        };
        const std::string height = std::to_string(60 + ((end - begin) / 2500).count());
        const std::string width = std::to_string(margin + replicas * column);
        std::string out =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height +
            "\" font-family=\"sans-serif\" font-size=\"11\">\n<style>line{stroke:#888}.arrived"
            "{stroke:#3b82f6;marker-end:url(#head)}.lost{stroke:#ef4444;stroke-dasharray:4 3}"
            "text,circle{fill:#7d8590}rect{fill:#7d859030}.bad{fill:#ef4444}</"
            "style>\n<defs><marker "
            "id=\"head\" viewBox=\"0 0 8 8\" refX=\"9\" refY=\"4\" markerWidth=\"7\" "
            "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 1L8 4L0 7z\" fill=\"#3b82f6\"/>"
            "</marker></defs>\n";
        for (std::size_t i = 0; i < events_.size(); ++i) {
            if (events_[i].kind == Event::Kind::cut)
                out += "<rect x=\"0\" width=\"" + width + "\" y=\"" + y(events_[i].at) +
                       "\" height=\"" +
                       std::to_string(((cut_end(i) - events_[i].at) / 2500).count()) + "\"/>\n";
        }
        for (std::size_t replica = 0; replica < replicas; ++replica) {
            out +=
                "<text x=\"" + x(replica) + "\" y=\"20\">n" + std::to_string(replica) + "</text>";
            out += "<line x1=\"" + x(replica) + "\" x2=\"" + x(replica) + "\" y1=\"30\" y2=\"" +
                   height + "\"/>\n";
        }
        for (const Event& event : events_) {
            if (is_message(event)) {
                out += std::string("<line class=\"") + (is_loss(event) ? "lost" : "arrived") +
                       "\" x1=\"" + x(event.from) + "\" y1=\"" + y(event.sent_at) + "\" x2=\"" +
                       x(event.replica) + "\" y2=\"" + y(event.at) + "\"/>";
            }
            const bool bad = event.kind == Event::Kind::broken;
            if (event.kind == Event::Kind::sent) continue;
            out += "<circle r=\"2.5\" cx=\"" + x(event.replica) + "\" cy=\"" + y(event.at) + "\"/>";
            if (is_message(event)) continue;
            out += std::string("<text") + (bad ? " class=\"bad\"" : "") + " x=\"" +
                   x(event.replica) + "\" y=\"" + y(event.at) + "\" dx=\"5\">" + word(event.kind) +
                   (event.note.empty() ? "" : " " + event.note) + "</text>\n";
        }
        return out + "</svg>\n";
    }

  private:
    /// When the cut that is event `cut` ends.
    Time cut_end(std::size_t cut) const {
        for (std::size_t i = cut + 1; i < events_.size(); ++i)
            if (events_[i].kind == Event::Kind::healed) return events_[i].at;
        return events_.back().at;
    }
};

}  // namespace crdt::sim
