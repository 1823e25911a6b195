// SPDX-License-Identifier: MIT
//! Runs the transcripts of tests/replication/transcripts: commands to a small cluster, each
//! followed by the messages that it leads to. CRDT_UPDATE_TRANSCRIPTS=1 writes what comes instead.
//!
//!     type set | awset                  the replicated state; sets of numbers
//!     options KEY=VALUE...              interval=100ms ack=50ms retry=1s log=3 message=2 eager=5
//!     replicas n0 n1 n2                 they start at 0; every message takes 10 ms
//!     neighbours n0 n1, n1 n2           links between neighbours; without it, all are neighbours
//!     insert n0 7 8 10..20              local changes, as one each
//!     erase n0 7                        only of an awset
//!     tick 800ms                        time passes
//!     drop n0 n1 2                      the next two messages from n0 to n1 are lost
//!     repeat n0 n1, late n0 n1 2s       the next one arrives twice, or that much later
//!     outdate n0 n1                     the next one has an older version of the message form
//!     ack n0 n1 99                      n1 receives an ack for this position from n0
//!     partition n0 | n1 n2, heal        between the sides every message is lost
//!     restart n1                        n1 has lost everything, and starts again
//!     stop n0, start n0, expedite n0 5ms, pass_on n0, members n0 n1 n1, prune n0
//!     disconnect n0 n1, connect n0 n1   the transport of n0 reports it
//!     refuse n1 100                     n1 accepts no number from 100 on; accept n1: it does again
//!     links n0, state n0, metrics n0    what it reports
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/gset.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/replicator.hpp>

namespace transcripts_tests {

using namespace crdt;
using namespace crdt::replication;

namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& line) {
    std::istringstream in(line);
    Words words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}
Duration duration(const std::string& text) {
    const long count = std::stol(text);
    if (text.ends_with("ms")) return std::chrono::milliseconds{count};
    if (text.ends_with("s")) return std::chrono::seconds{count};
    throw std::invalid_argument("expected a duration like 5ms or 2s, found " + text);
}
std::string text_of(Time time) {
    std::string digits = std::to_string(time.time_since_epoch() / std::chrono::milliseconds{1});
    digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
    return digits.insert(digits.size() - 3, ".");
}
/// The numbers of words like 7 and 10..20.
std::vector<int> numbers(const Words& words, std::size_t first) {
    std::vector<int> all;
    for (std::size_t i = first; i < words.size(); ++i) {
        const auto dots = words[i].find("..");
        const int from = std::stoi(words[i]);
        const int to = dots == std::string::npos ? from : std::stoi(words[i].substr(dots + 2));
        for (int number = from; number <= to; ++number) all.push_back(number);
    }
    return all;
}

GSet<int> insert(GSet<int>& set, const std::string&, int number) { return set.insert(number); }
AWSet<int> insert(AWSet<int>& set, const std::string& id, int number) {
    return set.insert(id, number);
}
GSet<int> erase(GSet<int>&, int) { throw std::invalid_argument("a set without erase"); }
AWSet<int> erase(AWSet<int>& set, int number) { return set.erase(number); }

/// "{1 2 5}", or how many there are; and how many dots of an awset are removed ones.
template <class L>
std::string text_of(const L& set) {
    std::string text = "{";
    if (set.size() > 12) {
        text += std::to_string(set.size()) + " numbers";
    } else {
        for (const int number : set) text += (text.size() > 1 ? " " : "") + std::to_string(number);
    }
    text += '}';
    const std::size_t removed = part_count(set) - set.size();
    return removed == 0 ? text : text + " and " + std::to_string(removed) + " removed";
}
const char* text_of(TransferKind kind) {
    constexpr const char* words[] = {"changes", "difference", "state", "bucket difference"};
    return words[static_cast<std::size_t>(kind)];
}
template <class L>
std::string text_of(const Changes<L>& changes) {
    std::string text = text_of(changes.kind);
    text += changes.is_opening() ? " from the start" : " from " + std::to_string(changes.first);
    if (changes.has_position()) text += " to " + std::to_string(changes.last);
    text += ' ' + text_of(changes.delta);
    return changes.more_pieces ? text + ", more follows" : text;
}
template <class L>
std::string text_of(const Message<L>& message) {
    std::string text;
    const auto add = [&](bool is_there, const std::string& part) {
        if (is_there) text += (text.empty() ? "" : "; ") + part;
    };
    add(message.ack.has_value(), "ack " + std::to_string(message.ack.value_or(0)));
    if (message.changes) add(true, text_of(*message.changes));
    add(message.digest.has_value(), "request by digest");
    add(message.sketch.has_value(), "request by sketch");
    add(message.requests_digest, "requests a digest");
    add(message.invites_request, "invites a request");
    add(message.answer_pending, "answer pending");
    add(message.fingerprint.has_value(), "fingerprint");
    for (const auto& [epoch, position] : message.followed)
        add(true, "has log " + std::to_string(static_cast<std::uint64_t>(epoch)) + " to " +
                      std::to_string(position));
    return text.empty() ? "the epoch" : text;
}

/// Refuses sets with a number from `limit` on.
template <class L>
struct Below {
    std::shared_ptr<int> limit;

    std::optional<std::string> operator()(const L&, const L& change, const std::string&) const {
        for (const int number : change) {
            if (number >= *limit) return std::to_string(number) + " is too large";
        }
        return std::nullopt;
    }
};

template <class L>
class Cluster {
    using Replica = Replicator<L, std::string, Policy, Below<L>>;
    using Pair = std::pair<std::string, std::string>;

    struct Flight {
        std::string from, to, bytes;
    };
    struct Fate {
        int lost = 0;
        bool is_repeated = false, is_outdated = false;
        Duration late{};
    };

    Options options_;
    std::map<std::string, Replica> replicas_;
    std::map<std::string, std::shared_ptr<int>> limits_;
    std::set<Pair> neighbours_;
    std::multimap<Time, Flight> flights_;
    std::map<Pair, Fate> fates_;
    std::map<std::string, int> sides_;
    Time now_{};
    std::uint64_t epochs_ = 0;
    std::string output_;

  public:
    /// Runs a command. Returns what it leads to, a line each.
    std::string run(const std::string& line) {
        output_.clear();
        Words words = words_of(line);
        const std::string verb = words.front();
        for (std::string& word : words) std::erase(word, ',');
        const auto found = commands().find(verb);
        if (found == commands().end()) throw std::invalid_argument("no such command: " + line);
        found->second(*this, words);
        return std::exchange(output_, {});
    }

  private:
    using Command = std::function<void(Cluster&, const Words&)>;

    static const std::map<std::string, Command>& commands() {
        static const std::map<std::string, Command> all = {
            {"options", [](Cluster& c, const Words& w) { c.set_options(w); }},
            {"replicas",
             [](Cluster& c, const Words& w) {
                 c.create({w.begin() + 1, w.end()});
             }},
            {"neighbours", [](Cluster& c, const Words& w) { c.set_neighbours(w); }},
            {"members",
             [](Cluster& c, const Words& w) {
                 const Words members(w.begin() + 2, w.end());
                 c.at(w[1]).set_peers(members, members, c.now_);
             }},
            {"insert",
             [](Cluster& c, const Words& w) {
                 for (const int n : numbers(w, 2))
                     c.at(w[1]).update([&](L& set) { return insert(set, w[1], n); });
             }},
            {"erase",
             [](Cluster& c, const Words& w) {
                 for (const int n : numbers(w, 2))
                     c.at(w[1]).update([&](L& set) { return erase(set, n); });
             }},
            {"tick", [](Cluster& c, const Words& w) { c.pass(duration(w[1])); }},
            {"drop",
             [](Cluster& c, const Words& w) {
                 c.fates_[{w[1], w[2]}].lost = w.size() > 3 ? std::stoi(w[3]) : 1;
             }},
            {"repeat",
             [](Cluster& c, const Words& w) {
                 c.fates_[{w[1], w[2]}].is_repeated = true;
             }},
            {"late",
             [](Cluster& c, const Words& w) {
                 c.fates_[{w[1], w[2]}].late = duration(w[3]);
             }},
            {"outdate",
             [](Cluster& c, const Words& w) {
                 c.fates_[{w[1], w[2]}].is_outdated = true;
             }},
            {"ack", [](Cluster& c, const Words& w) { c.forge_ack(w[1], w[2], std::stoull(w[3])); }},
            {"partition", [](Cluster& c, const Words& w) { c.partition(w); }},
            {"heal", [](Cluster& c, const Words&) { c.sides_.clear(); }},
            {"restart", [](Cluster& c, const Words& w) { c.restart(w[1]); }},
            {"stop", [](Cluster& c, const Words& w) { c.at(w[1]).stop(); }},
            {"start", [](Cluster& c, const Words& w) { c.at(w[1]).start(c.now_); }},
            {"expedite", [](Cluster& c, const Words& w) { c.at(w[1]).expedite(duration(w[2])); }},
            {"pass_on", [](Cluster& c, const Words& w) { c.at(w[1]).pass_on_relays(); }},
            {"disconnect", [](Cluster& c, const Words& w) { c.at(w[1]).disconnected(w[2]); }},
            {"connect", [](Cluster& c, const Words& w) { c.at(w[1]).connected(w[2], c.now_); }},
            {"refuse", [](Cluster& c, const Words& w) { *c.limits_.at(w[1]) = std::stoi(w[2]); }},
            {"accept", [](Cluster& c, const Words& w) { *c.limits_.at(w[1]) = 1 << 30; }},
            {"prune",
             [](Cluster& c, const Words& w) {
                 Replica& replica = c.at(w[1]);
                 replica.begin_generation(
                     replica.generation() + 1, [](const auto&) {}, c.now_);
             }},
            {"links", [](Cluster& c, const Words& w) { c.print_links(w[1]); }},
            {"state", [](Cluster& c, const Words& w) { c.print(text_of(c.at(w[1]).state())); }},
            {"metrics", [](Cluster& c, const Words& w) { c.print_metrics(w[1]); }},
        };
        return all;
    }

    Replica& at(const std::string& name) { return replicas_.at(name); }
    void print(const std::string& text) { output_ += "    " + text + '\n'; }

    void set_options(const Words& words) {
        for (std::size_t i = 1; i < words.size(); ++i) {
            const auto equals = words[i].find('=');
            const std::string key = words[i].substr(0, equals), value = words[i].substr(equals + 1);
            if (key == "interval")
                options_.interval = duration(value);
            else if (key == "ack")
                options_.ack_delay = duration(value);
            else if (key == "retry")
                options_.retry_limit = duration(value);
            else if (key == "log")
                options_.log_limit = std::stoul(value);
            else if (key == "eager")
                options_.eager_cost = std::stoul(value);
            else if (key == "message")
                options_.message_limit = std::stoul(value);
            else
                throw std::invalid_argument("no such option: " + key);
        }
    }
    void make(const std::string& name) {
        const auto& limit = limits_[name] = std::make_shared<int>(1 << 30);
        replicas_.insert_or_assign(name, Replica(Epoch{++epochs_}, options_, Below<L>{limit}));
    }
    void set_view(const std::string& name) {
        std::vector<std::string> members, neighbours;
        for (const auto& [other, replica] : replicas_) {
            if (other == name) continue;
            members.push_back(other);
            if (neighbours_.empty() || neighbours_.contains({name, other}))
                neighbours.push_back(other);
        }
        at(name).set_peers(members, neighbours, now_);
        at(name).start(now_);
    }
    void create(const Words& names) {
        for (const std::string& name : names) make(name);
        for (const std::string& name : names) set_view(name);
    }
    void set_neighbours(const Words& words) {
        for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
            neighbours_.insert({words[i], words[i + 1]});
            neighbours_.insert({words[i + 1], words[i]});
        }
        for (const auto& [name, replica] : replicas_) set_view(name);
    }
    void restart(const std::string& name) {
        make(name);
        set_view(name);
    }
    void partition(const Words& words) {
        int side = 0;
        for (std::size_t i = 1; i < words.size(); ++i) {
            if (words[i] == "|")
                ++side;
            else
                sides_[words[i]] = side;
        }
    }
    void forge_ack(const std::string& from, const std::string& to, Sequence position) {
        Message<L> message;
        message.from_epoch = at(from).epoch();
        message.to_epoch = at(to).epoch();
        message.ack = position;
        at(to).on_message(from, message, now_);
    }

    /// Processes all events until then, in the order of their times, and of names.
    void pass(Duration span) {
        const Time end = now_ + span;
        tick();
        while (true) {
            std::optional<Time> next;
            if (!flights_.empty()) next = flights_.begin()->first;
            for (const auto& [name, replica] : replicas_)
                next = earlier(next, replica.next_deadline());
            if (!next || *next > end) break;
            now_ = (std::max)(now_, *next);
            deliver();
            tick();
        }
        now_ = end;
    }
    void tick() {
        for (auto& [name, replica] : replicas_) {
            for (auto& outgoing : replica.on_tick(now_)) send(name, outgoing.to, outgoing.message);
        }
    }
    void send(const std::string& from, const std::string& to, const Message<L>& message) {
        Fate& fate = fates_[{from, to}];
        std::string line = text_of(now_) + ' ' + from + " -> " + to + ": " + text_of(message);
        const auto side = [&](const std::string& name) {
            return sides_.contains(name) ? sides_[name] : -1;
        };
        const bool is_lost = fate.lost > 0 || side(from) != side(to);
        if (is_lost) line += "  [lost]";
        if (fate.is_repeated) line += "  [twice]";
        if (fate.is_outdated) line += "  [version 1]";
        if (fate.late != Duration{}) line += "  [late]";
        print(line);
        if (is_lost) {
            fate.lost -= fate.lost > 0 ? 1 : 0;
            return;
        }
        std::string bytes = binary::encode_value(message);
        if (fate.is_outdated) bytes.front() = 1;
        const Time arrival = now_ + std::chrono::milliseconds{10} + fate.late;
        for (int copy = fate.is_repeated ? 2 : 1; copy > 0; --copy)
            flights_.emplace(arrival, Flight{from, to, bytes});
        fate = {};
    }
    void deliver() {
        while (!flights_.empty() && flights_.begin()->first <= now_) {
            const Flight flight = std::move(flights_.begin()->second);
            flights_.erase(flights_.begin());
            const auto message = binary::try_decode_value<Message<L>>(flight.bytes);
            if (!message) {
                print(text_of(now_) + ' ' + flight.to +
                      " rejects it: " + message.error().to_string());
                continue;
            }
            const L growth = at(flight.to).on_message(flight.from, *message, now_);
            if (!growth.is_bottom())
                print(text_of(now_) + ' ' + flight.to + " grows by " + text_of(growth));
        }
    }

    void print_links(const std::string& name) {
        constexpr const char* sending[] = {"probing", "transferring", "replicating"};
        constexpr const char* receiving[] = {"unknown", "transferring", "following"};
        for (const auto& link : at(name).links()) {
            std::string text = link.peer + ": " + sending[static_cast<std::size_t>(link.sending)] +
                               ", " + receiving[static_cast<std::size_t>(link.receiving)] + ", " +
                               std::to_string(link.in_flight) + " in flight, " +
                               std::to_string(link.cost_held) + " held";
            if (!link.is_neighbour) text += ", no neighbour";
            if (!link.is_connected) text += ", disconnected";
            if (link.is_silent) text += ", silent";
            if (link.unacknowledged_since)
                text += ", unacknowledged since " + text_of(*link.unacknowledged_since);
            text += ", sent " + std::to_string(link.traffic.messages_sent) + ", received " +
                    std::to_string(link.traffic.messages_received);
            print(text);
        }
    }
    void print_metrics(const std::string& name) {
        const Metrics& m = at(name).metrics();
        const std::pair<const char*, std::uint64_t> all[] = {
            {"retransmissions", m.retransmissions},
            {"relays_spared", m.relays_spared},
            {"gaps", m.gaps},
            {"repairs", m.repairs},
            {"truncations", m.truncations},
            {"epoch_changes", m.epoch_changes},
            {"foreign_epochs", m.foreign_epochs},
            {"other_generations", m.other_generations},
            {"refused", m.refused},
            {"rejected", m.rejected},
            {"answers_sent", m.answers_sent},
            {"redundant_received", m.redundant_received}};
        std::string text;
        for (const auto& [label, count] : all) {
            if (count != 0) text += std::string(label) + ' ' + std::to_string(count) + "  ";
        }
        print(text.empty() ? "nothing" : text.substr(0, text.size() - 2));
    }
};

/// Returns the transcript with what its commands lead to.
template <class L>
std::string replay(const std::vector<std::string>& lines) {
    Cluster<L> cluster;
    std::string result;
    for (const std::string& line : lines) {
        result += line + '\n';
        if (line.empty() || line.starts_with('#') || line.starts_with("type ")) continue;
        result += cluster.run(line);
    }
    return result;
}

std::string run_transcript(const std::string& transcript) {
    std::vector<std::string> lines;
    std::istringstream in(transcript);
    bool is_causal = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("    ")) continue;  // what was expected
        is_causal |= line == "type awset";
        lines.push_back(line);
    }
    return is_causal ? replay<AWSet<int>>(lines) : replay<GSet<int>>(lines);
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("replication: every transcript runs as it is written") {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(TRANSCRIPT_DIR))
        if (entry.path().extension() == ".txt") paths.push_back(entry.path());
    CHECK(paths.size() >= 30);
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
        const std::string expected = read(path), found = run_transcript(expected);
        if (std::getenv("CRDT_UPDATE_TRANSCRIPTS") != nullptr) std::ofstream(path) << found;
        CAPTURE(path.filename().string());
        CHECK(found == expected);
    }
}

TEST_CASE("replication: a transcript with an unknown command or another message fails") {
    CHECK_THROWS_AS(run_transcript("replicas n0 n1\nshout n0\n"), std::invalid_argument);
    const std::string wrong = "replicas n0 n1\ninsert n0 1\ntick 3s\n    0.000 n0 -> n1: ack 3\n";
    CHECK(run_transcript(wrong) != wrong);
    CHECK(run_transcript(run_transcript(wrong)) == run_transcript(wrong));
}

}  // namespace transcripts_tests
