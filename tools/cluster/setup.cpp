// SPDX-License-Identifier: MIT
//! Start of the nodes: init and topology requests, and their replies.
#include "setup.hpp"

#include <limits>
#include <utility>

namespace cluster {
namespace {

constexpr Micros timeout = 10'000'000;

}  // namespace

void Setup::request(std::size_t node, const std::string& type, json body) {
    body["type"] = type;
    body["msg_id"] = 1;
    const std::string client = nodes_.open_client();
    expected_[client] = {node, type, clock_.now() + timeout};
    nodes_.send({client, history_.nodes[node], std::move(body)});
}

void Setup::init(std::size_t node) {
    request(node, "init", {{"node_id", history_.nodes[node]}, {"node_ids", history_.nodes}});
}

void Setup::topology(std::size_t node, const json& neighbours) {
    request(node, "topology", {{"topology", neighbours}});
}

void Setup::abandon(std::size_t node) {
    std::erase_if(expected_, [&](const auto& entry) {
        if (entry.second.node != node) return false;
        nodes_.close_client(entry.first);
        return true;
    });
}

void Setup::pause(std::size_t node) { set_deadline(node, std::numeric_limits<Micros>::max()); }

void Setup::resume(std::size_t node) { set_deadline(node, clock_.now() + timeout); }

void Setup::set_deadline(std::size_t node, Micros deadline) {
    for (auto& entry : expected_)
        if (entry.second.node == node) entry.second.deadline = deadline;
}

void Setup::fail(const Expected& expected, const std::string& how) {
    history_.exits.push_back({clock_.now(), history_.nodes[expected.node], how});
}

void Setup::receive(const Envelope& message) {
    const auto found = expected_.find(message.dest);
    if (found == expected_.end()) return;
    const Expected& expected = found->second;
    if (message.body["type"] != expected.request + "_ok")
        fail(expected, "answered " + expected.request + " with " + message.body.dump());
    nodes_.close_client(found->first);
    expected_.erase(found);
}

void Setup::expire() {
    for (auto it = expected_.begin(); it != expected_.end();) {
        if (clock_.now() < it->second.deadline) {
            ++it;
            continue;
        }
        fail(it->second, "did not answer " + it->second.request + " within 10 s");
        nodes_.close_client(it->first);
        it = expected_.erase(it);
    }
}

}  // namespace cluster
