// SPDX-License-Identifier: MIT
//! Space-time diagrams of simulated runs: as text, and as pictures.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <crdt/sim/trace.hpp>

namespace pictures {

/// A diagram as text: a line for each event, a column for each replica.
inline std::string draw_text(const crdt::sim::Trace& trace, std::size_t replicas) {
    std::string result;
    for (const crdt::sim::Event& event : trace.events()) {
        std::string line = crdt::sim::to_string(event.at);
        line.insert(0, line.size() < 8 ? 8 - line.size() : 0, ' ');
        for (std::size_t column = 0; column < replicas; ++column) {
            const bool between =
                event.is_message() && (column < event.replica) != (column < event.from);
            line += column == event.replica                      ? (event.is_loss() ? "  x" : "  *")
                    : event.is_message() && column == event.from ? "  o"
                    : between                                    ? "---"
                                                                 : "  |";
        }
        result += line + "  " + to_string(event) + '\n';
    }
    return result;
}

/// A diagram as SVG. Time runs downwards. Each replica is a line, and each message is an arrow.
/// The time of a partition is shaded.
class SpaceTime {
    using Event = crdt::sim::Event;
    using Time = crdt::sim::Time;

    static constexpr std::size_t column = 130, margin = 40;

    const std::vector<Event>& events_;
    std::size_t replicas_;
    Time begin_{}, end_{crdt::sim::Duration{1}};
    std::string out_ = {};

    static std::string x(std::size_t replica) { return std::to_string(margin + replica * column); }
    static std::string length(crdt::sim::Duration span) {
        return std::to_string((span / 2500).count());
    }
    std::string y(Time at) const {
        const auto since = at < begin_ ? crdt::sim::Duration{} : at - begin_;
        return std::to_string(40 + (since / 2500).count());
    }
    std::string height() const { return std::to_string(60 + ((end_ - begin_) / 2500).count()); }
    std::string width() const { return std::to_string(margin + replicas_ * column); }

    /// When the partition that begins with event `i` ends.
    Time partition_end(std::size_t i) const {
        for (++i; i < events_.size(); ++i) {
            if (events_[i].kind == Event::Kind::healed) return events_[i].at;
        }
        return end_;
    }
    void draw_partitions() {
        for (std::size_t i = 0; i < events_.size(); ++i) {
            if (events_[i].kind == Event::Kind::partitioned)
                out_ += "<rect x=\"0\" width=\"" + width() + "\" y=\"" + y(events_[i].at) +
                        "\" height=\"" + length(partition_end(i) - events_[i].at) + "\"/>\n";
        }
    }
    void draw_replicas() {
        for (std::size_t replica = 0; replica < replicas_; ++replica) {
            out_ +=
                "<text x=\"" + x(replica) + "\" y=\"20\">n" + std::to_string(replica) + "</text>";
            out_ += "<line x1=\"" + x(replica) + "\" x2=\"" + x(replica) + "\" y1=\"30\" y2=\"" +
                    height() + "\"/>\n";
        }
    }
    void draw(const Event& event) {
        if (event.kind == Event::Kind::sent) return;
        if (event.is_message()) {
            out_ += std::string("<line class=\"") + (event.is_loss() ? "lost" : "arrived") +
                    "\" x1=\"" + x(event.from) + "\" y1=\"" + y(event.sent_at) + "\" x2=\"" +
                    x(event.replica) + "\" y2=\"" + y(event.at) + "\"/>";
        }
        out_ += "<circle r=\"2.5\" cx=\"" + x(event.replica) + "\" cy=\"" + y(event.at) + "\"/>";
        if (event.is_message()) return;
        out_ += std::string("<text") +
                (event.kind == Event::Kind::violation ? " class=\"bad\"" : "") + " x=\"" +
                x(event.replica) + "\" y=\"" + y(event.at) + "\" dx=\"5\">" + event.verb() +
                (event.note.empty() ? "" : " " + event.note) + "</text>\n";
    }

  public:
    /// The diagram of a run with so many replicas.
    SpaceTime(const crdt::sim::Trace& trace, std::size_t replicas)
        : events_(trace.events()), replicas_(replicas) {
        if (events_.empty()) return;
        begin_ = events_.front().at;
        end_ = events_.back().at;
    }

    /// The document.
    std::string svg() {
        out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width() + "\" height=\"" +
               height() +
               "\" font-family=\"sans-serif\" font-size=\"11\">\n<style>line{stroke:#888}.arrived"
               "{stroke:#3b82f6;marker-end:url(#head)}.lost{stroke:#ef4444;stroke-dasharray:4 3}"
               "text,circle{fill:#7d8590}rect{fill:#7d859030}.bad{fill:#ef4444}</"
               "style>\n<defs><marker "
               "id=\"head\" viewBox=\"0 0 8 8\" refX=\"9\" refY=\"4\" markerWidth=\"7\" "
               "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 1L8 4L0 7z\" fill=\"#3b82f6\"/>"
               "</marker></defs>\n";
        draw_partitions();
        draw_replicas();
        for (const Event& event : events_) draw(event);
        return out_ + "</svg>\n";
    }
};

}  // namespace pictures
