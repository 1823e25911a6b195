// SPDX-License-Identifier: MIT
//! Measures a request at a counter node, from the line of the request to the line of the reply. The
//! pipe is not included.
#include <string>

#include <benchmark/benchmark.h>

#include <crdt/gcounter.hpp>
#include <crdt/maelstrom/gossip.hpp>
#include <crdt/maelstrom/node.hpp>

namespace {

using namespace crdt::maelstrom;
using Counter = crdt::GCounter<>;

void request_to_reply(benchmark::State& state, const std::string& line) {
    Node node;
    Gossip<Counter> counter{node, crdt::replication::Epoch{1}};
    node.on("add", [&](const Request& request) {
        counter.update([&](Counter& slots) { return slots.add("n0", request.integer("delta")); });
        request.ok();
    });
    node.on("read", [&](const Request& request) { request.ok("value", counter.state().value()); });
    node.receive(
        R"({"src":"c0","dest":"n0","body":{"type":"init","msg_id":1,"node_id":"n0","node_ids":["n0"]}})",
        Time{});
    for (auto _ : state) {
        node.receive(line, Time{});
        benchmark::DoNotOptimize(node.output().data());
        node.output().clear();
    }
    state.counters["requests/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(
    request_to_reply, add,
    R"({"id":12345,"src":"c1","dest":"n0","body":{"type":"add","delta":3,"msg_id":12345}})");
BENCHMARK_CAPTURE(request_to_reply, read,
                  R"({"id":12345,"src":"c1","dest":"n0","body":{"type":"read","msg_id":12345}})");
// An escape sequence in a line makes the node use its JSON parser.
BENCHMARK_CAPTURE(
    request_to_reply, add_by_parser,
    R"({"id":12345,"src":"c1","dest":"n0","body":{"type":"\u0061dd","delta":3,"msg_id":12345}})");

}  // namespace

BENCHMARK_MAIN();
