// SPDX-License-Identifier: MIT
//! The workers: each has a client and at most one pending operation.
#include "workers.hpp"

#include <algorithm>
#include <utility>

namespace cluster {

Workers::Workers(const RunOptions& options, Nodes& nodes, const Clock& clock, History& history,
                 Random random)
    : nodes_(nodes),
      clock_(clock),
      history_(history),
      workload_(*options.workload),
      timeout_(micros(options.timeout)),
      calls_(workload_, random.fork()),
      random_(random.fork()),
      workers_(options.workers) {
    for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i].node = i % options.node_count;
}

void Workers::begin() {
    for (Worker& worker : workers_) worker.client = nodes_.open_client();
}

bool Workers::any_free() const {
    return std::any_of(workers_.begin(), workers_.end(),
                       [](const Worker& worker) { return worker.call == nullptr; });
}

bool Workers::all_free() const {
    return std::all_of(workers_.begin(), workers_.end(),
                       [](const Worker& worker) { return worker.call == nullptr; });
}

void Workers::invoke_one() {
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < workers_.size(); ++i)
        if (workers_[i].call == nullptr) free.push_back(i);
    invoke(free[random_.below(free.size())], calls_.next(), false);
}

void Workers::read_finally() {
    for (std::size_t i = 0; i < workers_.size(); ++i) invoke(i, {&*workload_.read, nullptr}, true);
}

void Workers::invoke(std::size_t index, CallSource::Next next, bool final_read) {
    Worker& worker = workers_[index];
    if (workload_.kind == Kind::set && next.call->has_effect) ++elements_attempted_;

    worker.call = next.call;
    worker.operation = history_.operations.size();
    ++worker.msg_id;
    Operation operation;
    operation.worker = index;
    operation.client = worker.client;
    operation.node = worker.node;
    operation.type = next.call->type;
    operation.argument = next.argument;
    operation.invoked = clock_.now();
    operation.final_read = final_read;
    history_.operations.push_back(std::move(operation));

    nodes_.send({worker.client, history_.nodes[worker.node],
                 request_body(*next.call, next.argument, worker.msg_id)});
}

void Workers::complete(Worker& worker, Answer answer) {
    Operation& operation = history_.operations[worker.operation];
    worker.call = nullptr;
    operation.completed = clock_.now();
    operation.outcome = answer.outcome;
    operation.error = std::move(answer.error);
    operation.result = std::move(answer.result);
    if (workload_.kind != Kind::set || !operation.result.is_array()) return;
    operation.seen = view_of(operation.result, elements_attempted_);
    // In a long run the complete lists of all reads would fill the memory.
    if (!operation.final_read) operation.result = operation.seen->count;
}

/// After an operation with an unknown outcome, a worker continues as another client.
void Workers::replace_client(Worker& worker) {
    nodes_.close_client(worker.client);
    worker.client = nodes_.open_client();
    worker.msg_id = 0;
}

void Workers::receive(const Envelope& message) {
    const auto found = std::find_if(workers_.begin(), workers_.end(), [&](const Worker& worker) {
        return worker.client == message.dest;
    });
    if (found == workers_.end() || found->call == nullptr) return;
    const auto in_reply_to = message.body.find("in_reply_to");
    if (in_reply_to == message.body.end() || *in_reply_to != found->msg_id) return;

    Answer answer = read_answer(*found->call, message.body);
    if (answer.ill_formed)
        history_.protocol_errors.push_back(
            {clock_.now(), message.src, answer.error, message.body.dump().substr(0, 300)});
    const bool unknown = answer.outcome == Outcome::info;
    complete(*found, std::move(answer));
    if (unknown) replace_client(*found);
}

void Workers::expire() {
    for (Worker& worker : workers_) {
        if (worker.call == nullptr) continue;
        if (clock_.now() < history_.operations[worker.operation].invoked + timeout_) continue;
        const auto outcome = worker.call->has_effect ? Outcome::info : Outcome::fail;
        complete(worker, {outcome, nullptr, "timeout", false});
        replace_client(worker);
    }
}

std::optional<Micros> Workers::next_due() const {
    std::optional<Micros> next;
    for (const Worker& worker : workers_) {
        if (worker.call == nullptr) continue;
        const Micros due = history_.operations[worker.operation].invoked + timeout_;
        if (!next || due < *next) next = due;
    }
    return next;
}

}  // namespace cluster
