// SPDX-License-Identifier: MIT
//! The system under test: node processes, the network between them, services and client ends.
#include "nodes.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>
#include <variant>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

namespace cluster {
namespace {

constexpr std::size_t clip = 300;
constexpr Micros reaping_interval = 20'000;

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
    auto pattern = (std::filesystem::temp_directory_path() / "cluster-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), "mkdtemp " + pattern);
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Nodes::Nodes(const RunOptions& options, const Clock& clock, History& history, Random random)
    : clock_(clock),
      history_(history),
      network_(options.latency, random.fork()),
      services_(random.fork()) {
    for (const auto& name : history.nodes) {
        const auto home = directory_.path() / name;
        std::filesystem::create_directory(home);
        const auto log = options.out / "node-logs" / (name + ".log");
        nodes_.push_back({name, {options.binary, options.node_arguments, home, log}, nullptr});
    }
}

Nodes::Node* Nodes::find(std::string_view name) {
    const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                    [&](const Node& node) { return node.name == name; });
    return found == nodes_.end() ? nullptr : &*found;
}

void Nodes::start(std::size_t index) {
    Node& node = nodes_[index];
    node.process = std::make_unique<Process>(node.command);
}

void Nodes::kill(std::size_t index) {
    Node& node = nodes_[index];
    if (!node.process) return;
    node.process->signal(SIGKILL);
    serve_to_end(node);
    node.process.reset();
}

void Nodes::pause(std::size_t node) {
    if (nodes_[node].process) nodes_[node].process->signal(SIGSTOP);
}

void Nodes::resume(std::size_t node) {
    if (nodes_[node].process) nodes_[node].process->signal(SIGCONT);
}

std::string Nodes::open_client() {
    return *clients_.insert("c" + std::to_string(clients_opened_++)).first;
}

void Nodes::send(Envelope message) {
    const auto bytes = format_message(0, message).size();
    network_.send(std::move(message), bytes, clock_.now());
}

/// Returns the reason why nothing can be sent to `dest`, or an empty text if it can be sent.
std::string Nodes::fault_of_destination(const std::string& dest) {
    if (find(dest) != nullptr || Services::has(dest) || clients_.count(dest) != 0) return {};
    if (is_client(dest)) return "a message to " + dest + ", a client that has left";
    return "a message to \"" + dest + "\", which does not exist";
}

void Nodes::mute(Node& node, std::string reason, std::string_view line) {
    // As under Maelstrom, one invalid line ends the output of a node.
    node.muted = true;
    history_.protocol_errors.push_back(
        {clock_.now(), node.name, std::move(reason), std::string(line.substr(0, clip))});
}

void Nodes::on_line(Node& node, std::string_view line) {
    if (node.muted) return;
    if (line.size() > Process::max_line) return mute(node, "a line that is too long", line);
    auto parsed = parse_message(line, node.name);
    if (auto* bad = std::get_if<BadLine>(&parsed)) return mute(node, std::move(bad->reason), line);
    auto& message = std::get<Envelope>(parsed);
    if (auto fault = fault_of_destination(message.dest); !fault.empty())
        return mute(node, std::move(fault), line);
    network_.send(std::move(message), line.size() + 1, clock_.now());
}

void Nodes::serve(Node& node) {
    node.process->read_lines([&](std::string_view line) { on_line(node, line); });
}

void Nodes::serve_to_end(Node& node) {
    while (node.process->output() >= 0) serve(node);
}

void Nodes::wait(Micros until) {
    std::vector<pollfd> descriptors;
    for (const Node& node : nodes_) {
        descriptors.push_back({node.process ? node.process->output() : -1, POLLIN, 0});
        descriptors.push_back({node.process ? node.process->blocked_input() : -1, POLLOUT, 0});
    }
    const Micros left = std::max<Micros>(until - clock_.now(), 0);
    const timespec timeout{left / 1'000'000, left % 1'000'000 * 1000};
    if (::ppoll(descriptors.data(), descriptors.size(), &timeout, nullptr) <= 0) return;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (descriptors[2 * i].revents != 0) serve(nodes_[i]);
        if (descriptors[2 * i + 1].revents != 0) nodes_[i].process->resume_sending();
    }
}

void Nodes::reap() {
    if (clock_.now() < next_reaping_) return;
    next_reaping_ = clock_.now() + reaping_interval;
    for (Node& node : nodes_) {
        if (!node.process) continue;
        auto end = node.process->reap();
        if (!end) continue;
        serve_to_end(node);
        history_.exits.push_back({clock_.now(), node.name, std::move(*end)});
        node.process.reset();
    }
}

void Nodes::deliver() {
    while (auto arrived = network_.receive(clock_.now())) {
        auto& [id, message] = *arrived;
        if (Services::has(message.dest)) {
            send(services_.handle(message));
        } else if (Node* node = find(message.dest)) {
            if (node->process) node->process->send(format_message(id, message));
        } else if (clients_.count(message.dest) != 0) {
            on_client_message_(message);
        }
    }
}

void Nodes::run(Micros until) {
    wait(std::min(until, network_.next_due().value_or(until)));
    deliver();
    reap();
}

void Nodes::stop(Micros deadline) {
    for (Node& node : nodes_)
        if (node.process) node.process->close_input();
    const auto running = [](const Node& node) {
        return node.process && node.process->output() >= 0;
    };
    while (clock_.now() < deadline && std::any_of(nodes_.begin(), nodes_.end(), running))
        wait(deadline);
    for (Node& node : nodes_) node.process.reset();
}

}  // namespace cluster
