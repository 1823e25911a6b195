// SPDX-License-Identifier: MIT
//! The scaling of replication from 3 to 10,000 replicas: how long an update takes to reach all, and
//! what each replica sends. Time is virtual, so the figures are the same on every machine. With a
//! folder as argument it writes scale.dat there, for bench/scale.gp.
//!
//! The cluster is updated ten times per second, at random replicas. A message takes 10 ms. Messages
//! to one neighbour are a second apart, which is one round. A replica has only its neighbours,
//! about four, as peers, and forwards what is new to it once: an update is a flood, with as many
//! hops as the overlay's diameter.
//!
//! In an idle cluster a hop takes the latency only, as a replica does not wait if it has sent a
//! neighbour nothing for a second. Under load an update waits at each hop for the next message of
//! the link, half a round on average. In the random overlay the fastest of many paths counts, and
//! in a large tree the links up from leaves are rarely busy: both need less than half a round per
//! hop.
//!
//! The comparison is with rounds of gossip with random partners in a complete graph: push-pull with
//! one, log_3 n + log_2 ln n (after Karp, Schindelhauer, Shenker, Vöcking: Randomized rumor
//! spreading, FOCS 2000), and push to four, log_5 n + (ln n) / 4 + 0.9 (after Pittel: On spreading
//! a rumor, SIAM J. Appl. Math. 1987). Their lesser terms are fitted to simulations.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/detail/mix64.hpp>
#include <crdt/gset.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/overlay.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/sim/network.hpp>

namespace {

using namespace crdt;
using replication::Duration;
using replication::Overlay;
using replication::Time;

constexpr Duration latency = std::chrono::milliseconds{10};
constexpr Duration interval = std::chrono::milliseconds{1000};
/// Clocks differ: the interval of a replica is up to this much longer or shorter. With equal
/// clocks, replicas would synchronise: each second a wave would pass all of them and carry updates
/// many hops.
constexpr Duration clock_error = interval / 20;
constexpr Duration between_updates = interval / 10;
constexpr std::size_t degree = 4;
constexpr std::size_t idle_updates = 8;
constexpr std::size_t warm_up = 100, measured = 300;

/// The messages and bytes that replicas have sent.
struct Sent {
    std::uint64_t messages = 0, bytes = 0;
};

/// Replicas in virtual time.
class Cluster {
  public:
    using Id = std::uint32_t;

    Cluster(std::size_t count, Overlay shape) : wake_at_(count, never) {
        std::vector<Id> members(count);
        std::iota(members.begin(), members.end(), Id{0});
        replicas_.reserve(count);
        for (const Id self : members) {
            replicas_.emplace_back(replication::Epoch{detail::mix64(self + 1)}, options_of(self));
            replicas_[self].set_peers(
                replication::neighbours(members, self, {shape, degree, /*seed=*/1}), now_);
            replicas_[self].start(now_);
            schedule(self);
        }
    }

    Sent sent;

    std::size_t size() const { return replicas_.size(); }
    std::size_t updates() const { return updates_.size(); }
    /// The time that an update took to reach all replicas; nothing if it has not.
    std::optional<Duration> delay(std::size_t update) const {
        if (updates_[update].missing > 0) return std::nullopt;
        return updates_[update].everywhere - updates_[update].begun;
    }

    /// Adds a new element: the number of the update, and noise.
    void update(Id at) {
        const std::uint64_t element =
            (updates() << noise_bits) | (detail::mix64(updates()) >> (64U - noise_bits));
        updates_.push_back({now_, now_, size() - 1});
        replicas_[at].update([&](Set& set) { return set.insert(element); });
        schedule(at);
    }

    /// Processes all events until then.
    void run_until(Time end) {
        while (step(end)) continue;
        now_ = end;
    }
    void run_for(Duration span) { run_until(now_ + span); }
    /// Runs until no event is left.
    void run_until_idle() {
        while (step(never - Duration{1})) continue;
    }
    Time now() const { return now_; }

  private:
    using Set = GSet<std::uint64_t>;
    using Replicator = replication::Replicator<Set, Id>;

    struct Wake {
        Time at;
        Id id;
        friend auto operator<=>(const Wake&, const Wake&) = default;
    };
    struct Update {
        Time begun, everywhere;
        std::size_t missing;
    };
    static constexpr Time never = Time::max();
    static constexpr unsigned noise_bits = 48;

    std::vector<Replicator> replicas_;
    std::vector<Update> updates_;
    sim::Network<replication::Message<Set>> network_{/*seed=*/1,
                                                     {0, 0, 0, 0, sim::Delay::constant, latency}};
    /// Only the events in wake_at_ are valid; others were rescheduled.
    std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
    std::vector<Time> wake_at_;
    Time now_{interval};

    static replication::Options options_of(Id self) {
        replication::Options options;
        constexpr auto spread = static_cast<std::uint64_t>((2 * clock_error).count()) + 1;
        options.interval =
            interval - clock_error + std::chrono::microseconds{detail::mix64(~self) % spread};
        options.ack_delay = interval;  // acks are sent with the next round's delta
        options.retry_limit = 10 * interval;
        return options;
    }

    void schedule(Id id) {
        const auto due = replicas_[id].next_deadline();
        const Time at = due ? std::max(*due, now_) : never;
        if (at != wake_at_[id] && at != never) wakes_.push({at, id});
        wake_at_[id] = at;
    }

    /// Processes the next event; false if there is none before the end.
    bool step(Time end) {
        const Time arrival = network_.next_arrival().value_or(never);
        const Time wake = wakes_.empty() ? never : wakes_.top().at;
        if (std::min(arrival, wake) > end) return false;
        now_ = std::min(arrival, wake);
        if (arrival <= wake) {
            deliver(*network_.receive(now_));
        } else {
            const Id id = wakes_.top().id;
            wakes_.pop();
            if (wake_at_[id] == now_) tick(id);
        }
        return true;
    }
    void deliver(const sim::Packet<replication::Message<Set>>& packet) {
        const Set novel =
            replicas_[packet.to].on_message(static_cast<Id>(packet.from), packet.payload, now_);
        for (const std::uint64_t element : novel) {
            Update& update = updates_[element >> noise_bits];
            if (--update.missing == 0) update.everywhere = now_;
        }
        schedule(static_cast<Id>(packet.to));
    }
    void tick(Id id) {
        wake_at_[id] = never;
        for (auto& outgoing : replicas_[id].on_tick(now_)) {
            ++sent.messages;
            sent.bytes += frame::overhead + binary::size(outgoing.message);
            network_.send(id, outgoing.to, std::move(outgoing.message), now_);
        }
        schedule(id);
    }
};

double ratio(Duration span, Duration unit) {
    return static_cast<double>(span.count()) / static_cast<double>(unit.count());
}

struct Delays {
    double mean = 0, longest = 0;
};

/// The delays of `count` updates from `first` on, which have reached all, in units of `unit`.
Delays delays(const Cluster& cluster, std::size_t first, std::size_t count, Duration unit) {
    Delays result;
    for (std::size_t update = first; update < first + count; ++update) {
        const double delay = ratio(*cluster.delay(update), unit);
        result.mean += delay / static_cast<double>(count);
        result.longest = std::max(result.longest, delay);
    }
    return result;
}

void update_anyone(Cluster& cluster, Random& random) {
    cluster.update(static_cast<Cluster::Id>(random.below(cluster.size())));
}

/// One update after another, each in an idle cluster.
Delays idle(Cluster& cluster, Random& random) {
    const std::size_t first = cluster.updates();
    cluster.run_until_idle();
    for (std::size_t i = 0; i < idle_updates; ++i) {
        cluster.run_for(2 * interval);
        update_anyone(cluster, random);
        cluster.run_until_idle();
    }
    return delays(cluster, first, idle_updates, latency);
}

/// Each update at a random time within its share of the period.
void load(Cluster& cluster, Random& random) {
    const Time begin = cluster.now();
    cluster.run_for(replication::random_below(random, between_updates));
    update_anyone(cluster, random);
    cluster.run_until(begin + between_updates);
}

struct Row {
    std::size_t nodes;
    Delays hops, rounds;
    /// Per node and second, under load.
    double messages, bytes;
};

/// The load continues until all measured updates have reached all replicas.
Row measure(std::size_t nodes, Overlay shape) {
    Cluster cluster(nodes, shape);
    Random random(nodes);
    const Delays hops = idle(cluster, random);
    for (std::size_t i = 0; i < warm_up; ++i) load(cluster, random);
    const std::size_t first = cluster.updates();
    cluster.sent = {};
    for (std::size_t i = 0; i < measured; ++i) load(cluster, random);
    const Sent sent = cluster.sent;
    for (std::size_t i = first; i < first + measured; ++i) {
        while (!cluster.delay(i)) load(cluster, random);
    }
    const double node_seconds =
        static_cast<double>(nodes * measured) * ratio(between_updates, interval);
    return {nodes, hops, delays(cluster, first, measured, interval),
            static_cast<double>(sent.messages) / node_seconds,
            static_cast<double>(sent.bytes) / node_seconds};
}

double push_pull(double nodes) {
    return std::log(nodes) / std::log(3) + std::log2(std::log(nodes));
}
double push(double nodes) {
    return std::log(nodes) / std::log(1.0 + degree) + std::log(nodes) / degree + 0.9;
}

std::vector<Row> measure_all(Overlay shape) {
    const std::vector<std::size_t> sizes{3, 10, 30, 100, 300, 1000, 3000, 10000};
    std::vector<Row> rows;
    for (const std::size_t nodes : sizes) rows.push_back(measure(nodes, shape));
    return rows;
}

/// Blank lines separate the tables for gnuplot.
void print(std::FILE* out, const char* name, const std::vector<Row>& rows) {
    std::fprintf(out, "# %s\n", name);
    std::fprintf(out, "#        idle, hops   loaded, rounds  predicted, rounds  a node a second\n");
    std::fprintf(out, "# nodes  mean longest  mean longest  push-pull   push    messages  bytes\n");
    for (const Row& row : rows) {
        const auto nodes = static_cast<double>(row.nodes);
        std::fprintf(out, "%7zu %5.1f %7.1f %5.2f %7.2f %10.2f %6.2f %11.2f %6.0f\n", row.nodes,
                     row.hops.mean, row.hops.longest, row.rounds.mean, row.rounds.longest,
                     push_pull(nodes), push(nodes), row.messages, row.bytes);
    }
    std::fprintf(out, "\n\n");
    std::fflush(out);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string path = argc > 1 ? std::string(argv[1]) + "/scale.dat" : "/dev/null";
    std::FILE* const file = std::fopen(path.c_str(), "w");
    if (file == nullptr) {
        std::perror(path.c_str());
        return 1;
    }
    const auto report = [&](const char* name, Overlay shape) {
        const auto rows = measure_all(shape);
        print(stdout, name, rows);
        print(file, name, rows);
    };
    report("random overlay of degree 4", Overlay::random);
    report("tree of arity 4", Overlay::tree);
    std::fclose(file);
}
