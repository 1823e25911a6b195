// SPDX-License-Identifier: MIT
//! A Maelstrom node for the workload that its first argument names: correct, or wrong in the way
//! that its second argument names.
//!
//! Each node keeps the writes of every node and sends all of them to all others ten times per
//! second.
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include <poll.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace {

using json = nlohmann::json;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto gossip_interval = 100ms;
constexpr auto lateness = 1500ms;

class Node {
    struct Delayed {
        Clock::time_point due;
        json message;
    };

    std::string workload_;
    std::string flaw_;
    std::string id_;
    std::vector<std::string> peers_;
    std::map<std::string, std::int64_t> sums_;
    std::set<json> elements_;
    std::deque<Delayed> delayed_;
    Clock::time_point next_gossip_ = Clock::now() + gossip_interval;
    Clock::time_point last_received_ = Clock::now();
    std::int64_t ids_ = 0;
    std::map<int, json> waiting_;  ///< for lin-tso, by the msg_id of its request
    int requests_to_tso_ = 0;
    int requests_ = 0;

    bool flawed(const char* flaw) const { return flaw_ == flaw; }

    void write(const json& message) { std::cout << message.dump() << '\n' << std::flush; }

    void reply(const json& request, json body) {
        body["in_reply_to"] = request["body"]["msg_id"];
        json message{{"src", id_}, {"dest", request["src"]}, {"body", std::move(body)}};
        const bool client = request["src"].get<std::string>()[0] == 'c' && requests_ > 5;
        if (client && flawed("extra-key")) message["colour"] = "blue";
        if (client && flawed("extra-body-key")) message["body"]["colour"] = "blue";
        if (client && flawed("unknown-dest")) message["dest"] = "nobody";
        if (client && flawed("wrong-src")) message["src"] = nullptr;
        if (client && flawed("mute")) return;
        if (client && flawed("late") && requests_ % 10 == 0)
            delayed_.push_back({Clock::now() + lateness, std::move(message)});
        else
            write(message);
    }

    void init(const json& request) {
        id_ = request["body"]["node_id"];
        for (const json& node : request["body"]["node_ids"])
            if (node != id_) peers_.push_back(node);
        reply(request, {{"type", "init_ok"}});
    }

    void add(const json& request, const json& body) {
        if (flawed("error"))
            return reply(request, {{"type", "error"}, {"code", 11}, {"text", "no"}});
        if (body.contains("delta")) {
            sums_[id_] += body["delta"].get<std::int64_t>();
        } else {
            elements_.insert(body.contains("element") ? body["element"] : body["message"]);
        }
        reply(request, {{"type", body["type"].get<std::string>() + "_ok"}});
    }

    json elements() const {
        json list = json::array();
        for (const json& element : elements_)
            if (!flawed("lose") || element.get<int>() % 10 != 3) list.push_back(element);
        if (flawed("invent") && requests_ > 20) list.push_back(1'000'000);
        if (flawed("repeat") && !list.empty()) list.push_back(list[0]);
        return list;
    }

    json total() const {
        std::int64_t sum = 0;
        for (const auto& [node, value] : sums_) sum += value;
        if (flawed("float")) return static_cast<double>(sum) + 0.5;
        return sum;
    }

    void read(const json& request) {
        json body{{"type", "read_ok"}};
        if (workload_ == "broadcast") {
            body["messages"] = elements();
        } else {
            body["value"] = workload_ == "g-set" ? elements() : total();
        }
        reply(request, std::move(body));
    }

    void request_stamp(const json& request) {
        waiting_[++requests_to_tso_] = request;
        write({{"src", id_},
               {"dest", "lin-tso"},
               {"body", {{"type", "ts"}, {"msg_id", requests_to_tso_}}}});
    }

    void generate(const json& request) {
        if (flawed("use-lin-tso")) return request_stamp(request);
        const auto prefix = flawed("duplicate") ? std::string() : id_ + "-";
        reply(request, {{"type", "generate_ok"}, {"id", prefix + std::to_string(ids_++)}});
    }

    void gossip() {
        next_gossip_ = Clock::now() + gossip_interval;
        if (flawed("no-gossip") || id_.empty()) return;
        const json body{{"type", "gossip"}, {"sums", sums_}, {"elements", elements_}};
        for (const auto& peer : peers_) write({{"src", id_}, {"dest", peer}, {"body", body}});
    }

    void merge(const std::string& from, const json& body) {
        // If no message of a peer has arrived for a long time, there was a partition.
        const bool was_cut = Clock::now() - last_received_ > 600ms;
        last_received_ = Clock::now();
        if (flawed("reset") && was_cut) sums_[id_] = 0;
        const auto theirs = body["sums"].value(from, std::int64_t{0});
        sums_[from] = flawed("double") ? sums_[from] + theirs : theirs;
        for (const json& element : body["elements"]) elements_.insert(element);
    }

  public:
    Node(std::string workload, std::string flaw)
        : workload_(std::move(workload)), flaw_(std::move(flaw)) {}

    void receive(const std::string& line) {
        const json request = json::parse(line);
        const json& body = request["body"];
        const std::string type = body["type"];
        if (type == "gossip") return merge(request["src"], body);
        if (type == "ts_ok")
            return reply(waiting_[body["in_reply_to"]],
                         {{"type", "generate_ok"}, {"id", body["ts"]}});
        if (++requests_ > 20 && flawed("exit")) std::exit(3);
        if (requests_ == 20 && flawed("garbage")) std::cout << "hello there\n" << std::flush;
        if (flawed("exit-early")) std::exit(4);
        if (type == "init") return init(request);
        if (type == "topology") return reply(request, {{"type", "topology_ok"}});
        if (type == "add" || type == "broadcast") return add(request, body);
        if (type == "read") return read(request);
        if (type == "generate") return generate(request);
        if (type == "echo")
            return reply(request, {{"type", "echo_ok"},
                                   {"echo", flawed("wrong-echo") ? json("?") : body["echo"]}});
    }

    void tick() {
        while (!delayed_.empty() && delayed_.front().due <= Clock::now()) {
            write(delayed_.front().message);
            delayed_.pop_front();
        }
        if (next_gossip_ <= Clock::now()) gossip();
    }
};

/// Calls `on_line` for each received line of stdin. Returns false at the end of stdin.
template <class OnLine>
bool read_lines(std::string& partial, OnLine on_line) {
    std::array<char, 65536> chunk;
    const auto got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got <= 0) return false;
    partial.append(chunk.data(), static_cast<std::size_t>(got));
    std::size_t start = 0;
    for (auto end = partial.find('\n'); end != partial.npos; end = partial.find('\n', start)) {
        on_line(partial.substr(start, end - start));
        start = end + 1;
    }
    partial.erase(0, start);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    Node node(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "");
    std::string partial;
    pollfd input{STDIN_FILENO, POLLIN, 0};
    for (;;) {
        ::poll(&input, 1, 20);
        const bool more = input.revents == 0 ||
                          read_lines(partial, [&](const std::string& line) { node.receive(line); });
        if (!more) return 0;
        node.tick();
    }
}
