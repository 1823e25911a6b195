// SPDX-License-Identifier: MIT
//! The amount of data that synchronisation sends: the experiment of Enes, Almeida, Baquero, Leitão
//! (Efficient synchronization of state-based CRDTs, ICDE 2019), with this library's engine. It
//! counts and measures no time, so the figures are the same on every machine.
//!
//! 15 replicas in a mesh of degree 4 or in a tree make 100 updates each, one per second, and gossip
//! once per second, each at its own time. It counts the elements sent, and 1 for each delta and
//! each ack.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <crdt/codec/binary.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/codec/json.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gmap.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/random.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/replicator.hpp>
#include <crdt/sim/network.hpp>

namespace {

using namespace crdt;
using replication::Duration;
using replication::Time;
constexpr Duration second = std::chrono::milliseconds{1000};
constexpr std::size_t replicas = 15;
constexpr std::size_t rounds = 100;

using Links = std::vector<std::vector<std::size_t>>;

const Links tree{{1, 8, 13}, {0, 6}, {5},        {10}, {5},  {4, 6, 2},  {1, 10, 5}, {13},
                 {9, 0, 14}, {8},    {12, 3, 6}, {13}, {10}, {11, 0, 7}, {8}};
const Links mesh{{14, 11, 4, 1}, {2, 5, 0, 12},  {1, 13, 6, 3},  {7, 14, 2, 4},  {8, 0, 5, 3},
                 {9, 6, 1, 4},   {5, 7, 10, 2},  {3, 11, 6, 8},  {4, 9, 12, 7},  {5, 8, 10, 13},
                 {11, 6, 9, 14}, {10, 7, 0, 12}, {13, 11, 1, 8}, {12, 2, 9, 14}, {0, 3, 13, 10}};

template <bool bp, bool rr, bool echo = false, bool relays = false>
struct TestPolicy : replication::Policy {
    static constexpr bool avoids_back_propagation = bp;
    static constexpr bool removes_redundancy = rr;
    static constexpr bool avoids_echo = echo;
    static constexpr bool holds_relays = relays;
};

Links full_mesh() {
    Links links(replicas);
    for (std::size_t i = 0; i < replicas; ++i)
        for (std::size_t j = 0; j < replicas; ++j)
            if (j != i) links[i].push_back(j);
    return links;
}

struct Sent {
    std::uint64_t elements = 0, units = 0;
    /// On the wire: frames of the binary form, and texts of JSON.
    std::uint64_t binary = 0, json = 0;
    std::uint64_t total() const { return elements + units; }

    /// A state or a message.
    template <class T>
    void note_bytes(const T& value) {
        binary += frame::overhead + crdt::binary::size(value);
        json += crdt::json::encode_value(value).size();
    }
};

// ---- the updates

using Set = GSet<std::uint64_t>;
using Counter = GCounter<std::size_t>;
using Map = GMap<std::size_t, Max<std::uint64_t>>;

Set insert(Set& set, std::size_t replica, std::size_t round) {
    return set.insert(round * replicas + replica);
}
Counter add(Counter& counter, std::size_t replica, std::size_t) { return counter.add(replica, 1); }

/// Writes random `percent` of the keys again: each replica has its own 67 of 1,000.
template <std::size_t percent>
Map restamp(Map& map, std::size_t replica, std::size_t round) {
    constexpr std::size_t own = 1000 / replicas + 1, count = percent * own / 100 + 1;
    crdt::Random random(round * replicas + replica);
    std::array<std::size_t, own> keys;
    for (std::size_t i = 0; i < own; ++i) keys[i] = replica * own + i;
    Map delta;
    for (std::size_t i = 0; i < std::min(count, own); ++i) {
        std::swap(keys[i], keys[i + random.below(own - i)]);
        delta.merge(map.update(
            keys[i], [&](Max<std::uint64_t>& stamp) { return stamp.advance(round + 1); }));
    }
    return delta;
}

// ---- the protocols

/// Each replica sends its state to each neighbour in each round, until all are equal.
template <class L, class Update>
Sent full_state(const Links& links, Update update) {
    std::vector<L> states(replicas);
    Sent sent;
    const auto converged = [&] {
        return std::all_of(states.begin(), states.end(),
                           [&](const L& state) { return state == states.front(); });
    };
    for (std::size_t round = 0; round < rounds || !converged(); ++round) {
        for (std::size_t i = 0; i < replicas; ++i) {
            if (round < rounds) update(states[i], i, round);
            for (const std::size_t to : links[i]) {
                states[to].merge(states[i]);
                sent.elements += part_count(states[i]);
            }
            Sent one;
            one.note_bytes(states[i]);
            sent.binary += one.binary * links[i].size();
            sent.json += one.json * links[i].size();
        }
    }
    return sent;
}

template <class L, class Policy>
class Group {
    using Replicator = replication::Replicator<L, std::size_t, Policy>;

    std::vector<Replicator> replicas_;
    /// Without faults and delays.
    sim::Network<replication::Message<L>> network_{/*seed=*/1};
    Time now_{second};

  public:
    Sent sent;

    explicit Group(const Links& links) {
        for (std::size_t i = 0; i < replicas; ++i) {
            replication::Options options;
            options.seed = i + 1;
            options.interval = second;
            options.ack_delay = second;  // acks are sent with the next round's delta
            options.retry_limit = 10 * second;
            options.log_limit = options.message_limit = 1U << 30U;
            replicas_.emplace_back(replication::Epoch{i + 1}, options);
            replicas_.back().set_peers(links[i], now_);
            replicas_.back().start(now_);
        }
        run_until_idle();
        sent = {};
    }

    /// Each replica has its own time in the second; messages arrive before the next one's time.
    template <class Update>
    void round(Update update) {
        const Time begin = now_;
        for (std::size_t i = 0; i < replicas; ++i) {
            now_ = begin + i * (second / replicas);
            replicas_[i].update([&](L& state) { return update(state, i); });
            for (int message = 0; message < 3; ++message, now_ += std::chrono::milliseconds{1})
                step();
        }
        now_ = begin + second;
    }
    void run_until_idle() {
        for (int i = 0; i < 20; ++i) round([](L&, std::size_t) { return L{}; });
    }

    /// Called after messages have arrived.
    std::function<void()> after_step = [] {};
    Time now() const { return now_; }

    template <class Predicate>
    bool all_of(Predicate predicate) const {
        return std::all_of(replicas_.begin(), replicas_.end(),
                           [&](const auto& replica) { return predicate(replica.state()); });
    }

  private:
    void step() {
        for (std::size_t i = 0; i < replicas; ++i) {
            for (auto& outgoing : replicas_[i].on_tick(now_))
                network_.send(i, outgoing.to, std::move(outgoing.message), now_);
        }
        while (const auto packet = network_.receive(now_)) {
            const replication::Message<L>& message = packet->payload;
            if (message.changes) sent.elements += part_count(message.changes->delta);
            sent.units += std::uint64_t{message.changes.has_value()} + message.ack.has_value();
            if (message.changes || message.ack) sent.note_bytes(message);
            replicas_[packet->to].on_message(packet->from, message, now_);
        }
        after_step();
    }
};

template <class L, class Policy, class Update>
Sent deltas(const Links& links, Update update) {
    Group<L, Policy> group(links);
    for (std::size_t round = 0; round < rounds; ++round)
        group.round([&](L& state, std::size_t replica) { return update(state, replica, round); });
    group.run_until_idle();
    return group.sent;
}

// ---- the tables

/// Relative to BP+RR, as in the paper.
struct Published {
    double full_state, delta, bp, rr;
};

/// What one kind of update sends with each protocol.
struct Row {
    const char* name;
    Published published;
    Sent full_state, delta, bp, rr, both, echo;
};

template <class L, class Update>
Row run(const char* name, const Links& links, Update update, const Published& published) {
    return {name,
            published,
            full_state<L>(links, update),
            deltas<L, TestPolicy<false, false>>(links, update),
            deltas<L, TestPolicy<true, false>>(links, update),
            deltas<L, TestPolicy<false, true>>(links, update),
            deltas<L, TestPolicy<true, true>>(links, update),
            deltas<L, TestPolicy<true, true, true>>(links, update)};
}

void print_elements(const std::vector<Row>& rows) {
    std::printf("Sent, relative to BP+RR (published figures in brackets)\n");
    std::printf("%-18s %14s %14s %14s %14s %9s %6s\n", "", "full state", "delta", "BP", "RR",
                "BP+RR", "echo");
    for (const Row& row : rows) {
        const auto ratio = [&](const Sent& sent) {
            return static_cast<double>(sent.total()) / static_cast<double>(row.both.total());
        };
        std::printf("%-18s %6.2f (%5.2f) %6.2f (%5.2f) %6.2f (%5.2f) %6.2f (%5.2f) %9llu %6.2f\n",
                    row.name, ratio(row.full_state), row.published.full_state, ratio(row.delta),
                    row.published.delta, ratio(row.bp), row.published.bp, ratio(row.rr),
                    row.published.rr, static_cast<unsigned long long>(row.both.total()),
                    ratio(row.echo));
    }
}

void print_bytes(const std::vector<Row>& rows) {
    std::printf("\nThe same runs in kB: frames of binary / texts of JSON\n");
    std::printf("%-18s %15s %15s %15s %15s %15s %15s\n", "", "full state", "delta", "BP", "RR",
                "BP+RR", "echo");
    for (const Row& row : rows) {
        std::printf("%-18s", row.name);
        for (const Sent& sent : {row.full_state, row.delta, row.bp, row.rr, row.both, row.echo}) {
            std::printf(" %7llu/%7llu", static_cast<unsigned long long>(sent.binary / 1000),
                        static_cast<unsigned long long>(sent.json / 1000));
        }
        std::printf("\n");
    }
}

void closed_form(const char* name, const Links& links) {
    std::size_t edges = 0;
    for (const auto& near : links) edges += near.size();
    const std::size_t updates = replicas * rounds;
    const auto rr = deltas<Set, TestPolicy<false, true>>(links, insert).elements;
    const auto both = deltas<Set, TestPolicy<true, true>>(links, insert).elements;
    std::printf("%-5s RR %llu (E U = %zu)   BP+RR %llu ((E-N+1) U = %zu)\n", name,
                static_cast<unsigned long long>(rr), edges * updates,
                static_cast<unsigned long long>(both), (edges - replicas + 1) * updates);
}

/// The delay that fewer copies cost, while all replicas write and gossip once per second.
template <class Policy>
void price(const char* name, const Links& links) {
    Group<Set, Policy> group(links);
    std::map<std::uint64_t, Time> begun;  // elements that some replica lacks
    double sum = 0, longest = 0;
    std::size_t number = 0;
    group.after_step = [&] {
        std::erase_if(begun, [&](const auto& element) {
            if (!group.all_of([&](const Set& set) { return set.contains(element.first); }))
                return false;
            const double seconds =
                std::chrono::duration<double>(group.now() - element.second).count();
            sum += seconds;
            longest = std::max(longest, seconds);
            return true;
        });
    };
    for (std::size_t round = 0; round < rounds; ++round) {
        group.round([&](Set& set, std::size_t) {
            begun.emplace(number, group.now());
            return set.insert(number++);
        });
    }
    group.run_until_idle();
    const auto updates = static_cast<double>(number);
    std::printf(
        "%-22s %5.1f elements an update, everywhere after %.1f s on average, %.1f s at most\n",
        name, static_cast<double>(group.sent.elements) / updates, sum / updates, longest);
}

}  // namespace

int main() {
    const std::vector<Row> rows{
        run<Set>("Tree GSet", tree, insert, {82.0, 80.8, 1.00, 1.79}),
        run<Counter>("Tree GCounter", tree, add, {1.60, 1.80, 1.00, 1.79}),
        run<Map>("Tree GMap 10 %", tree, restamp<10>, {17.4, 16.9, 1.00, 1.96}),
        run<Map>("Tree GMap 100 %", tree, restamp<100>, {2.03, 2.01, 1.00, 1.99}),
        run<Set>("Mesh GSet", mesh, insert, {58.4, 56.9, 56.7, 1.26}),
        run<Counter>("Mesh GCounter", mesh, add, {1.12, 1.27, 1.27, 1.26}),
        run<Map>("Mesh GMap 10 %", mesh, restamp<10>, {11.1, 11.2, 11.2, 1.30}),
        run<Map>("Mesh GMap 100 %", mesh, restamp<100>, {1.33, 1.32, 1.31, 1.30})};
    print_elements(rows);
    print_bytes(rows);
    std::printf("\nElements of GSet, against the closed form\n");
    closed_form("tree", tree);
    closed_form("mesh", mesh);
    std::printf("\nFewer copies of an update, and their price in time\n");
    price<TestPolicy<true, true>>("mesh, BP+RR", mesh);
    price<TestPolicy<true, true, true>>("mesh, BP+RR, no echo", mesh);
    price<TestPolicy<true, true, true>>("tree", tree);
    price<TestPolicy<true, true, true>>("full mesh, no echo", full_mesh());
    price<TestPolicy<true, true, true, true>>("full mesh, held back", full_mesh());
}
