// SPDX-License-Identifier: MIT
#include "service.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "answers.hpp"

namespace counterd {

Service::Service(crdt::nats::Connection& connection, crdt::nats::Mailbox& mailbox, ClientPort* port,
                 Gossip& gossip, CounterStore& store, std::uint64_t rate_limit,
                 Duration forget_after, crdt::nats::Connection::Log log)
    : Replies(connection, port, gossip.self().node()),
      connection_(&connection),
      mailbox_(&mailbox),
      port_(port),
      gossip_(&gossip),
      store_(&store),
      self_(gossip.self()),
      any_subject_(self_.prefix() + "svc."),
      this_subject_(self_.prefix() + "node." + self_.node() + '.'),
      limit_(rate_limit),
      pruning_(connection, mailbox, gossip, store, forget_after, std::move(log)),
      refills_(connection, mailbox, gossip, store),
      at_port_{{"", ""},
               [this](const Message& message) { on_request(message); },
               [this](const Message& message) { reject(message); }} {
    for (const auto& [name, verb] : verbs()) requests_[name] = 0;
    gossip.on_message([this] { waiting_.notify(); });
    this_node_ = subscribe("node." + self_.node() + ".>");
    if (port_ == nullptr) return;
    port_->on_request = [this](Message request) {
        mailbox_->put(at_port_, std::move(request), monotonic_now());
    };
}

Service::~Service() {
    if (port_ != nullptr) port_->on_request = {};
    mailbox_->remove(at_port_);
}

void Service::open() {
    if (!any_node_) any_node_ = subscribe("svc.>", "svc");
    if (port_ != nullptr) port_->open();
}

void Service::on_change(const CounterKey& key) {
    note_change();
    watchers_.note(key);
    reads_.note(key.name);
}

std::optional<Time> Service::next_deadline() const {
    std::optional<Time> next;
    for (const auto& due : {refills_.next_deadline(monotonic_now()), waiting_.next_deadline(),
                            reads_.next_deadline(), watchers_.next_deadline()})
        if (due) next = std::min(next.value_or(*due), *due);
    return next;
}

void Service::poll(Time now) {
    poll_refills(now);
    waiting_.poll(now);
    poll_reads(now);
    guard("", [&] {
        watchers_.poll(
            now, connection_->max_payload(),
            [&](const CounterKey& key) { return entry_of(counters(), key); },
            [&](const std::string& subject, const Entries& changes) { report(subject, changes); });
    });
}

void Service::drain() {
    if (any_node_) any_node_->drain();
    this_node_->drain();
    if (port_ != nullptr) port_->drain();
}

bool Service::is_drained() const {
    return (!any_node_ || any_node_->is_drained()) && this_node_->is_drained() &&
           !mailbox_->has_waiting() && (port_ == nullptr || !port_->has_output());
}

void Service::reject_pending() {
    poll_refills(Time::max());
    waiting_.poll(Time::max());
    poll_reads(Time::max());
}

Metrics Service::metrics() const {
    Metrics all{
        {"names", "Counters, with those that were reset and not yet removed",
         store_->counters().size()},
        {"request_records", "Requests with an id of which the node keeps a record",
         store_->counters().request_count()},
        {"requests_repeated_total", "Requests with an id that was applied before", repeated_},
        {"watchers", "Clients that receive changes", watchers_.size()},
        {"pending_reads", "Reads that wait for what their session has seen", reads_.size()},
        {"errors_total", "Requests answered with an error", errors_},
        {"rate_limited_total", "Requests above the rate limit", limited_},
        {"overloaded_total", "Requests rejected as too many waited", overloaded_},
        {"requests_lost_total", "Requests dropped as the queue was full",
         (any_node_ ? any_node_->dropped() : 0) + this_node_->dropped()},
    };
    for (Metric& metric : refills_.metrics()) all.push_back(std::move(metric));
    for (Metric& metric : pruning_.metrics()) all.push_back(std::move(metric));
    if (port_ != nullptr)
        for (Metric& metric : port_->metrics()) all.push_back(std::move(metric));
    for (const auto& [verb, count] : requests_)
        all.push_back({"requests_" + verb + "_total", "Requests with this verb", count});
    return all;
}

std::unique_ptr<crdt::nats::Subscription> Service::subscribe(const std::string& subject,
                                                             const std::string& queue) {
    return std::make_unique<Subscription>(
        *connection_, *mailbox_, self_.prefix() + subject,
        [this](const Message& message) { on_request(message); }, queue,
        [this](const Message& message) { reject(message); });
}

bool Service::is_in_time(const Request& request, const std::string& reply) const {
    const Duration timeout = request.timeout();  // throws for all verbs if it is invalid
    return reply.empty() || timeout == Duration{} || monotonic_now() <= deadline_of(request);
}

// Under overload most requests are rejected. So this function throws no exception, which would take
// longer than an add.
void Service::reject(const Message& message) {
    ++overloaded_;
    const std::string reply(message.reply());
    if (!is_valid_reply(reply)) return;
    guard(reply, [&] {
        fail(reply, ErrorCode::temporarily_unavailable, "too many requests at this node");
    });
}

bool Service::is_valid_reply(const std::string& reply) {
    // With such a reply subject, a client could make this node send messages to nodes of this or
    // another cluster.
    const bool is_valid = !reply.starts_with("crdt.");
    if (!is_valid) ++errors_;
    return is_valid;
}

namespace {

/// Returns whether a verb uses only counters that the request names. It then gets the names from
/// Request::name(), names() or prefix(), which check the prefix.
bool is_limited_to_names(std::string_view verb) {
    constexpr std::array<std::string_view, 7> verbs{"add",   "delete",   "list", "read",
                                                    "reset", "transfer", "watch"};
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

}  // namespace

std::pair<std::string_view, std::string> Service::verb_and_prefix(std::string_view subject) const {
    const std::string* const begin = subject.starts_with(any_subject_)    ? &any_subject_
                                     : subject.starts_with(this_subject_) ? &this_subject_
                                                                          : nullptr;
    // The servers deliver no other subjects.
    if (begin == nullptr)
        throw Error(ErrorCode::not_supported, "this port answers subjects that begin with " +
                                                  any_subject_ + " or " + this_subject_);
    subject.remove_prefix(begin->size());
    const std::size_t dot = subject.find('.');
    if (dot == subject.npos) return {subject, ""};
    return {subject.substr(dot + 1), std::string(subject.substr(0, dot)) + '/'};
}

void Service::on_request(const Message& message) {
    const std::string reply(message.reply());
    if (!is_valid_reply(reply)) return;
    guard(reply, [&] {
        if (!limit_.admit(monotonic_now())) {
            ++limited_;
            return fail(reply, ErrorCode::temporarily_unavailable,
                        "rate limit exceeded, try again later");
        }
        const auto [name, prefix] = verb_and_prefix(message.subject());
        const auto verb = verbs().find(name);
        if (verb == verbs().end()) throw Error(ErrorCode::not_supported, "unknown verb");
        if (!prefix.empty() && !is_limited_to_names(name))
            throw Error(ErrorCode::not_supported,
                        "a subject with a prefix does not support this verb");
        ++requests_.find(verb->first)->second;
        const Request request(message.data(), verb->second.members, prefix);
        if (!is_in_time(request, reply))
            return fail(reply, ErrorCode::temporarily_unavailable,
                        "the request has waited for its timeout in the queue of this node");
        (this->*verb->second.handler)(request, reply);
    });
}

}  // namespace counterd
