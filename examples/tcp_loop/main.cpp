// SPDX-License-Identifier: MIT
//! A list that several processes on one machine share over TCP, and that each of them stores in a
//! file. The program shows how to use Endpoint and Journal in your own loop. tcp_loop FOLDER PORT
//! PEER_PORT... reads the commands `insert ITEM`, `erase ITEM` and `show`.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <crdt/awset.hpp>
#include <crdt/codec/frame.hpp>
#include <crdt/replication/endpoint.hpp>
#include <crdt/replication/message_serializer.hpp>
#include <crdt/replication/size_in_bytes.hpp>
#include <crdt/store/journal.hpp>
#include <crdt/system/clock.hpp>
#include <crdt/system/decimal.hpp>
#include <crdt/system/fresh.hpp>

#include "tcp.hpp"

using List = crdt::AWSet<std::string, std::uint64_t>;
using Message = crdt::replication::Message<List>;
using crdt::replication::Time;
using crdt::system::monotonic_now;
using namespace std::chrono_literals;

constexpr std::uint64_t cluster_id = 0x7C9;

crdt::replication::Options options() {
    crdt::replication::Options options;
    options.interval = options.ack_delay = 50ms;
    return options;
}

/// A replica and its file. Commits each change to the file before it sends the change or
/// acknowledges it.
class Node {
    /// The functions that the endpoint calls.
    struct Host {
        Node* node;

        static std::uint64_t replica_id(std::uint64_t incarnation) { return incarnation; }
        static std::uint64_t fresh_incarnation() { return crdt::system::fresh_number(); }
        void on_growth(const List& growth) { node->journal_.note(growth, node->now_); }
        void on_reincarnation(std::uint64_t) {  // the file was an old copy
            node->journal_.reincarnate(node->endpoint_.incarnation().current(), node->list());
        }
    };

    Time now_;
    std::uint64_t fresh_ = Host::fresh_incarnation();
    crdt::store::Journal<List> journal_;
    Host host_{this};
    crdt::replication::Endpoint<List, Port, Host, crdt::SizeInBytes> endpoint_;
    Time serve_at_;

  public:
    Node(const std::string& folder, Port port, const std::vector<Port>& peers, Time now)
        : now_(now),
          journal_(folder, "tcp_loop", std::to_string(port), fresh_),
          endpoint_(host_, crdt::replication::Epoch{fresh_}, options()),
          serve_at_(now + 3s) {
        endpoint_.resume(journal_.incarnation(), journal_.release());
        endpoint_.set_peers(peers, peers, now);
        endpoint_.start(now);
    }

    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    /// A neighbour has answered in full, or none was reachable for three seconds.
    bool can_serve(Time now) const { return endpoint_.is_current() || now >= serve_at_; }
    const List& list() const { return endpoint_.state(); }
    /// Inserts an item. The journal calls `acknowledge` after the commit, to answer the client.
    void insert(const std::string& item, std::function<void()> acknowledge) {
        const std::uint64_t id = endpoint_.incarnation().current();
        const auto change = [&](List& list) { return list.insert(id, item); };
        journal_.persist(endpoint_.update(change), std::move(acknowledge));
    }
    void erase(const std::string& item, std::function<void()> acknowledge) {
        const auto change = [&](List& list) { return list.erase(item); };
        journal_.persist(endpoint_.update(change), std::move(acknowledge));
    }

    void on_message(Port from, const Message& message, Time now) {
        now_ = now;
        endpoint_.receive(from, message, now);
    }

    /// Commits first, so nothing is sent that a crash could undo.
    template <class Send>
    void on_tick(Time now, Send&& send) {
        journal_.commit_if_due(list(), now);
        endpoint_.tick(now, send);
    }

    /// Returns the milliseconds until on_tick() is due, at most 1000.
    int time_left(Time now) const {
        Time next = now + 1s;
        for (const auto& due : {endpoint_.next_deadline(), journal_.next_deadline()})
            if (due && *due < next) next = *due;
        return next <= now ? 0 : static_cast<int>((next - now) / 1ms + 1);
    }
};

void execute(const std::string& line, Node& node) {
    const auto space = line.find(' ');
    const std::string verb = line.substr(0, space);
    const std::string item = line.substr(space == std::string::npos ? line.size() : space + 1);
    const auto acknowledge = [=] { std::cout << "done: " << line << std::endl; };
    if (verb == "insert") return node.insert(item, acknowledge);
    if (verb == "erase") return node.erase(item, acknowledge);
    if (!node.can_serve(monotonic_now())) return void(std::cout << "catching up" << std::endl);
    for (const std::string& each : node.list()) std::cout << each << " ";
    std::cout << "(" << node.list().size() << ")" << std::endl;
}

void run(const std::string& folder, Port port, const std::vector<Port>& peers) {
    Node node(folder, port, peers, monotonic_now());
    Network network(port, cluster_id);
    std::setvbuf(stdin, nullptr, _IONBF, 0);  // so that poll() reports unread input
    while (true) {
        if (network.wait(node.time_left(monotonic_now()))) {
            std::string line;
            if (!std::getline(std::cin, line)) return;
            execute(line, node);
        }
        network.receive([&](Port from, std::string_view payload) {
            const auto message = crdt::binary::try_decode_value<Message>(payload);
            if (message) node.on_message(from, *message, monotonic_now());
        });
        network.flush();
        node.on_tick(monotonic_now(), [&](Port to, const Message& message) {
            network.send(to, crdt::binary::encode_value(message));
        });
    }
}

Port port_of(const std::string& word) {
    const auto port = crdt::system::decimal<Port>(word);
    if (!port || *port == 0) throw std::invalid_argument("not a port: '" + word + "'");
    return *port;
}

int main(int argc, char** argv) {
    try {
        std::vector<Port> ports;
        for (int i = 2; i < argc; ++i) ports.push_back(port_of(argv[i]));
        if (ports.size() < 2) throw std::invalid_argument("tcp_loop FOLDER PORT PEER_PORT...");
        run(argv[1], ports.front(), {ports.begin() + 1, ports.end()});
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
