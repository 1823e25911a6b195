// SPDX-License-Identifier: MIT
//! Fuzzes all input of a counter node: lines with requests, gossip and KV answers. libFuzzer (./dev
//! fuzz) and the replay of the corpus (the test suite) use the same function.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/kv_store.hpp>
#include <crdt/maelstrom/line_buffer.hpp>
#include <crdt/maelstrom/node.hpp>
#include <crdt/pncounter.hpp>

using namespace crdt::maelstrom;
using Counter = crdt::PNCounter<>;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Node node{Log{LogLevel::error}};
    crdt::replication::Options options;
    Gossip<Counter> counter{node, crdt::replication::Epoch{5}, options};
    KvStore<Counter> store{node, counter, "seq-kv", "final_result"};
    node.on("add", [&](const Request& request) {
        const Counter delta = counter.update(
            [&](Counter& state) { return state.add("n0.5", request.integer("delta")); });
        store.persist(delta, [reply = request.responder()] { reply.ok(); });
    });
    node.on("read", [&](const Request& request) {
        store.refresh([&, reply = request.responder()] {
            reply.guard([&] { reply.ok("value", counter.state().value()); });
        });
    });

    Time now{};
    LineBuffer lines(1 << 16);
    const auto receive = [&](std::string_view line) {
        node.receive(line, now += std::chrono::milliseconds{100});
        node.tick(now);
    };
    receive(
        R"({"src":"c0","dest":"n0","body":{"type":"init","msg_id":1,"node_id":"n0","node_ids":["n0","n1"]}})");
    lines.feed({reinterpret_cast<const char*>(data), size}, receive, [&] { node.skip_line(); });
    lines.finish(receive);

    // For any input, each output line must be one that the network accepts.
    std::istringstream output(node.output());
    for (std::string line; std::getline(output, line);) {
        const auto message = nlohmann::json::parse(line, nullptr, false);
        if (!message.is_object() || message.size() != 3 || message.at("src") != "n0") std::abort();
    }
    return 0;
}
