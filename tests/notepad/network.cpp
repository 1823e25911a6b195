// SPDX-License-Identifier: MIT
//! Tests the replica of the examples notepad and shared_list: datagrams over a real network.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/random.hpp>

#include "notepad/status.hpp"
#include "ports.hpp"

namespace notepad_tests {

namespace {

constexpr std::uint64_t cluster = 7;

/// Runs the replicas until condition() holds, for at most ten seconds. Returns whether it does.
template <class Condition>
bool run_until(const std::vector<Replica*>& replicas, Condition&& condition) {
    const auto end = crdt::system::monotonic_now() + std::chrono::seconds{10};
    bool holds = condition();
    while (!holds && crdt::system::monotonic_now() < end) {
        ::usleep(1000);
        for (Replica* const replica : replicas) replica->receive(), replica->send_due();
        holds = condition();
    }
    return holds;
}

/// Types `size` code points in short pieces at random places.
void type_at_random(Replica& replica, std::size_t size, crdt::Random& random) {
    while (replica.state().size() < size)
        replica.update([&](Text& text, Id id) {
            return text.insert(id, random.below(text.size() + 1), "some words, ");
        });
}

/// A message that a replica has sent to a peer that is not there, and its frame.
std::string message_of_a_replica() {
    const auto ports = free_ports(2);
    const UdpSocket listener(ports[1]);
    Replica replica({ports[0], {ports[1]}}, cluster);
    replica.update([](Text& text, Id id) { return text.insert(id, 0, "hello"); });
    std::string frame;
    CHECK(run_until({&replica}, [&] {
        if (const auto datagram = listener.receive()) frame = datagram->second;
        return !frame.empty();
    }));
    return frame;
}

}  // namespace

TEST_CASE("notepad: a replica that comes late receives a large text in datagrams") {
    const auto ports = free_ports(2);
    Replica first({ports[0], {ports[1]}}, cluster);
    crdt::Random random(24);
    type_at_random(first, 200000, random);
    Replica second({ports[1], {ports[0]}}, cluster);
    CHECK(run_until({&first, &second}, [&] { return second.state() == first.state(); }));
    CHECK(run_until({&first, &second},
                    [&] { return is_up_to_date(first) && is_up_to_date(second); }));
    CHECK(status_of(second) == "connected to 1 of 1 peers, up to date");
}

TEST_CASE("notepad: an insert that is larger than a datagram arrives in parts") {
    const auto ports = free_ports(2);
    Replica first({ports[0], {ports[1]}}, cluster), second({ports[1], {ports[0]}}, cluster);
    CHECK(run_until({&first, &second},
                    [&] { return is_up_to_date(first) && is_up_to_date(second); }));
    crdt::Random random(26);
    std::string letters;
    while (letters.size() < 3 * UdpSocket::max_size)
        letters += static_cast<char>('a' + random.below(26));
    first.update([&](Text& text, Id id) { return text.insert(id, 0, letters); });
    CHECK(run_until({&first, &second}, [&] { return second.state() == first.state(); }));
    CHECK(second.state().str() == letters);
}

TEST_CASE("notepad: datagrams that are no messages of a peer are rejected and counted") {
    const auto ports = free_ports(4);
    Replica ann({ports[0], {ports[1], ports[2]}}, cluster);
    Replica bob({ports[1], {ports[0]}}, cluster);
    const UdpSocket hostile(ports[2]), unknown(ports[3]);

    const std::string frame = message_of_a_replica();
    const std::string payload(*crdt::frame::decode(frame, cluster));
    const std::string malformed[] = {
        "",
        "no frame",
        std::string(65507, '\xFF'),
        frame.substr(0, frame.size() - 1),
        crdt::frame::encode(payload, cluster + 1),
        crdt::frame::encode(payload.substr(0, payload.size() / 2), cluster),
        crdt::frame::encode(payload + "x", cluster),
    };
    std::uint64_t sent = 0;
    for (const std::string& datagram : malformed) {
        hostile.send(ports[0], datagram);
        ++sent;
        CHECK(run_until({&ann, &bob}, [&] { return ann.rejected() == sent; }));
    }
    unknown.send(ports[0], frame);
    CHECK(run_until({&ann, &bob}, [&] { return ann.rejected() == sent + 1; }));
    CHECK(ann.state().empty());
    CHECK(status_of(ann).find(", rejected datagrams: 8") != std::string::npos);

    // A peer that sends changed messages with valid checksums harms nobody but itself.
    crdt::Random random(25);
    for (int i = 0; i < 3000; ++i) {
        std::string changed = payload;
        for (std::uint64_t count = 1 + random.below(3); count > 0; --count)
            changed[random.below(changed.size())] = static_cast<char>(random.below(256));
        hostile.send(ports[0], crdt::frame::encode(changed, cluster));
        if (i % 32 == 0) ann.receive(), ann.send_due();
    }
    bob.update([](Text& text, Id id) { return text.insert(id, 0, "still here"); });
    CHECK(run_until({&ann, &bob}, [&] {
        return ann.state() == bob.state() &&
               ann.state().str().find("still here") != std::string::npos;
    }));
    CHECK(ann.rejected() > sent + 1);
}

}  // namespace notepad_tests
