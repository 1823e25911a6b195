// SPDX-License-Identifier: MIT
//! A list that several processes on one machine share over UDP: shared_list PORT PEER_PORT...
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include <crdt/awset.hpp>

#include "../udp_replica.hpp"

using List = crdt::AWSet<std::string, std::uint64_t>;
using Replica = UdpReplica<List>;

/// A number that all processes share. Datagrams with another number are rejected.
constexpr std::uint64_t cluster_id = 0x115;

void show(const List& list) {
    std::cout << "[";
    for (const std::string& item : list) std::cout << " " << item;
    std::cout << " ]" << std::endl;
}

void run_command(const std::string& line, Replica& replica) {
    const std::string item = line.substr(std::min(line.find(' '), line.size() - 1) + 1);
    replica.update([&](List& list, std::uint64_t id) {
        if (line.starts_with("add ")) return list.insert(id, item);
        if (line.starts_with("remove ")) return list.erase(item);
        std::cout << "add ITEM or remove ITEM" << std::endl;
        return List{};
    });
    show(replica.state());
}

/// Returns a peer that has not acknowledged changes for 0.7 seconds. Writes wait for such a peer,
/// but not for a peer that has been silent for ten seconds.
std::optional<Port> stalled_peer(const Replica& replica) {
    for (const auto& link : replica.endpoint().replicator().links()) {
        if (!link.unacknowledged_since) continue;
        const auto age = crdt::system::monotonic_now() - *link.unacknowledged_since;
        if (age >= std::chrono::milliseconds{700} && age < std::chrono::seconds{10})
            return link.peer;
    }
    return std::nullopt;
}

/// Runs until standard input ends.
void run(const Ports& ports) {
    Replica replica(ports, cluster_id);
    std::optional<Port> stalled;
    std::setvbuf(stdin, nullptr, _IONBF, 0);  // so that poll() reports unread input
    while (true) {
        const auto before = std::exchange(stalled, stalled_peer(replica));
        if (stalled && stalled != before) std::cout << "waiting for " << *stalled << std::endl;
        // While a peer is stalled, no command is read, so nothing is written.
        pollfd files[] = {{stalled ? -1 : STDIN_FILENO, POLLIN, 0}, {replica.file(), POLLIN, 0}};
        // Checks for a stalled peer at least every 100 ms.
        ::poll(files, 2, replica.time_left(std::chrono::milliseconds{100}));
        if (files[0].revents != 0) {
            std::string line;
            if (!std::getline(std::cin, line)) return;
            run_command(line, replica);
        }
        if (replica.receive()) show(replica.state());
        replica.send_due();
    }
}

int main(int argc, char** argv) {
    try {
        run(ports_of(argc, argv));
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "shared_list: " << error.what() << "\n";
        return 1;
    }
}
