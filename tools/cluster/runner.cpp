// SPDX-License-Identifier: MIT
//! A run, from the first init to the last read.
#include "runner.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "topology.hpp"

namespace cluster {
namespace {

constexpr Micros longest_turn = 50'000;
constexpr Micros farewell = 1'000'000;
constexpr Micros forever = std::numeric_limits<Micros>::max();

History empty_history(const RunOptions& options) {
    History history;
    history.workers = options.workers;
    for (std::size_t i = 0; i < options.node_count; ++i)
        history.nodes.push_back("n" + std::to_string(i));
    return history;
}

}  // namespace

Runner::Runner(const RunOptions& options, const volatile std::sig_atomic_t& interrupted)
    : options_(options),
      interrupted_(interrupted),
      random_(options.seed),
      history_(empty_history(options)),
      nodes_(options, clock_, history_, random_.fork()),
      setup_(nodes_, clock_, history_),
      nemesis_(history_.nodes, options.faults, options.nemesis_interval, random_.fork()),
      workers_(options, nodes_, clock_, history_, random_.fork()),
      progress_(!options.quiet) {
    nodes_.on_client_message([this](const Envelope& message) {
        setup_.receive(message);
        workers_.receive(message);
    });
    if (options.log_stderr) follow_logs();
}

void Runner::follow_logs() {
    for (const auto& name : history_.nodes)
        logs_.follow(name, options_.out / "node-logs" / (name + ".log"));
}

void Runner::run_once(Micros until) {
    const Micros now = clock_.now();
    until = std::min({until, now + longest_turn, workers_.next_due().value_or(forever)});
    nodes_.run(until);
    workers_.expire();
    setup_.expire();
    logs_.copy();
    if (progress_.due(now)) progress_.show(now, history_, nodes_.network().traffic(), phase_);
    if (interrupted_ != 0) throw Interrupted();
}

void Runner::run(Micros end, const std::function<bool()>& done) {
    while (clock_.now() < end && !done()) run_once(end);
}

void Runner::start_nodes() {
    phase_ = "init";
    for (std::size_t i = 0; i < options_.node_count; ++i) nodes_.start(i);
    for (std::size_t i = 0; i < options_.node_count; ++i) setup_.init(i);
    const auto settled = [this] { return setup_.done() || !history_.exits.empty(); };
    run(forever, settled);
    if (options_.workload->name != "broadcast" || !history_.exits.empty()) return;

    const json map = neighbours(options_.topology, history_.nodes);
    for (std::size_t i = 0; i < options_.node_count; ++i) setup_.topology(i, map);
    run(forever, settled);
}

/// Starts the due operation if a worker is free, and schedules the next one.
Micros Runner::invoke_due(Micros due) {
    const Micros now = clock_.now();
    if (now < due) return due;
    // If no worker is free, the operation and all later ones wait.
    if (!workers_.any_free()) return now;
    workers_.invoke_one();
    return due + micros(2 / options_.rate * random_.unit());
}

void Runner::main_phase() {
    phase_ = "running";
    const Micros end = clock_.now() + micros(options_.time_limit);
    Micros next_operation = clock_.now();
    workers_.begin();
    nemesis_.begin(clock_.now());
    while (clock_.now() < end) {
        while (nemesis_.next_due().value_or(forever) <= clock_.now()) apply(nemesis_.step());
        next_operation = invoke_due(next_operation);
        const Micros next = workers_.any_free() ? next_operation : forever;
        run_once(std::min({end, next, nemesis_.next_due().value_or(forever)}));
    }
}

void Runner::apply(const FaultStep& step) {
    if (step.starts)
        begin_fault(step);
    else
        end_fault(step);
}

void Runner::begin_fault(const FaultStep& step) {
    history_.faults.push_back({step.fault, step.what, clock_.now(), forever});
    phase_ = std::string(name_of(step.fault)) + ": " + step.what;
    if (step.fault == Fault::partition) nodes_.network().cut(step.cuts);
    for (const auto node : step.nodes) step.fault == Fault::kill ? kill(node) : pause(node);
}

void Runner::kill(std::size_t node) {
    nodes_.kill(node);
    setup_.abandon(node);
}

void Runner::pause(std::size_t node) {
    nodes_.pause(node);
    setup_.pause(node);
}

void Runner::restart(std::size_t node) {
    nodes_.start(node);
    setup_.init(node);
}

void Runner::resume(std::size_t node) {
    nodes_.resume(node);
    setup_.resume(node);
}

void Runner::end_fault(const FaultStep& step) {
    for (auto& period : history_.faults)
        if (period.fault == step.fault && period.stop == forever) period.stop = clock_.now();
    phase_ = "running";
    if (step.fault == Fault::partition) nodes_.network().heal();
    for (const auto node : step.nodes) step.fault == Fault::kill ? restart(node) : resume(node);
}

void Runner::drain() {
    run(forever, [this] { return workers_.all_free(); });
}

void Runner::heal() {
    for (const auto& step : nemesis_.heal()) end_fault(step);
    run(forever, [this] { return setup_.done(); });
}

void Runner::quiesce() {
    phase_ = "quiet before the final reads";
    const Flow before = nodes_.network().traffic().servers;
    run(clock_.now() + micros(options_.quiesce), [] { return false; });
    const Flow after = nodes_.network().traffic().servers;
    history_.quiet_servers = {after.messages - before.messages, after.bytes - before.bytes};
}

void Runner::final_reads() {
    phase_ = "final reads";
    workers_.read_finally();
    drain();
}

History Runner::run() {
    start_nodes();
    if (history_.exits.empty()) {
        main_phase();
        drain();
        heal();
        if (options_.workload->has_final_read()) {
            quiesce();
            final_reads();
        }
    }
    history_.ended = clock_.now();
    nodes_.stop(clock_.now() + farewell);
    logs_.copy();
    progress_.end();
    history_.traffic = nodes_.network().traffic();
    return std::move(history_);
}

}  // namespace cluster
