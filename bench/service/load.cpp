// SPDX-License-Identifier: MIT
//! Sends requests to a service over NATS, and prints the results as JSON. The requests are adds to
//! counters of counterd, or messages to a JetStream stream. They are sent as fast as the service
//! replies, or at a fixed rate. A log of the adds allows `check` to compare them with the counters.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include <crdt/system/decimal.hpp>

#include "../../examples/counterctl/client.hpp"
#include "../../examples/numbers.hpp"
#include "../../examples/server_flags.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

struct LoadOptions {
    crdt::nats::ConnectionOptions server;
    std::string cluster = "bench";
    std::string node;
    std::string stream;
    std::string storage = "memory";
    std::string log;
    std::uint64_t clients = 4, outstanding = 64, names = 10000, count = 0, acks = 0, replicas = 1;
    double rate = 0, seconds = 5;
    bool retries = false;

    static constexpr std::chrono::seconds timeout{5};
    /// Within the window in which the service recognises a repeated request.
    static constexpr std::chrono::seconds longest_retry{60};
    static constexpr std::chrono::milliseconds retry_pause{200};

    std::string subject() const {
        if (!stream.empty()) return stream + ".add";
        return "crdt." + cluster + (node.empty() ? ".svc" : ".node." + node) + ".add";
    }
    std::string payload(std::uint64_t name, const std::string& id) const {
        return R"({"name":"c)" + std::to_string(name) + R"(","delta":1)" +
               (acks == 0 ? "" : R"(,"ack":)" + std::to_string(acks)) +
               (retries ? R"(,"id":")" + id + '"' : "") + "}";
    }
    /// A text that only successful replies contain.
    const char* yes() const { return stream.empty() ? R"("ok":true)" : R"("seq":)"; }
};

/// A file with a line per event of a request: "sent ID NAME" for each time it is sent, "added ID"
/// for its success, and "refused ID" if certainly no node has received what was sent last.
class EventLog {
    std::ofstream file_;
    std::string path_;
    std::mutex mutex_;

  public:
    /// An empty path means no log.
    explicit EventLog(const std::string& path) : path_(path) {
        if (path.empty()) return;
        file_.open(path);
        if (!file_) throw Failure(1, path + " cannot be written");
    }
    void write(const char* event, const std::string& id, const std::string& name = "") {
        if (path_.empty()) return;
        const std::lock_guard lock(mutex_);
        file_ << event << ' ' << id;
        if (!name.empty()) file_ << ' ' << name;
        file_ << '\n';
    }
    void finish() {
        if (!path_.empty() && !file_.flush()) throw Failure(1, path_ + " cannot be written");
    }
};

/// The requests of all clients. The names are in random order. Each name occurs once before any
/// name occurs again.
class Schedule {
    const LoadOptions& options_;
    Clock::time_point start_;
    std::atomic<std::uint64_t> next_{0};

  public:
    explicit Schedule(const LoadOptions& options) : options_(options) {}
    void start() { start_ = Clock::now(); }

    struct Request {
        std::uint64_t name;
        Clock::time_point due;
    };
    /// The next request, if it is due.
    std::optional<Request> next(Clock::time_point now) {
        const double passed = duration<double>(now - start_).count();
        if (options_.count == 0 && passed >= options_.seconds) return std::nullopt;
        const double due = options_.rate == 0 ? 1e18 : std::min(passed * options_.rate, 1e18);
        const std::uint64_t limit = std::min(options_.count == 0 ? UINT64_MAX : options_.count,
                                             static_cast<std::uint64_t>(due));
        std::uint64_t number = next_.load();
        do {
            if (number >= limit) return std::nullopt;
        } while (!next_.compare_exchange_weak(number, number + 1));
        const auto lag = options_.rate == 0
                             ? duration<double>(0)
                             : duration<double>(double(number) / options_.rate - passed);
        return Request{number * 7919 % options_.names,
                       now + std::chrono::duration_cast<Clock::duration>(lag)};
    }
    bool is_over(Clock::time_point now) const {
        return options_.count == 0 ? duration<double>(now - start_).count() >= options_.seconds
                                   : next_.load() >= options_.count;
    }
    double seconds_until(Clock::time_point end) const {
        return duration<double>(end - start_).count();
    }
};

/// A connection with outstanding requests, each in a slot of its own.
class LoadClient {
    struct Slot {
        bool is_free = true;
        std::uint64_t number = 0;  // of the last message; 0: waits until it is sent again
        std::uint64_t name = 0;
        std::string id{};
        Clock::time_point due{}, sent{}, first_sent{};
    };

    const LoadOptions& options_;
    Schedule& schedule_;
    EventLog& log_;
    crdt::nats::Connection connection_;
    std::string inbox_;
    natsSubscription* replies_ = nullptr;
    const std::string subject_ = options_.subject();

    std::mutex mutex_;
    std::vector<Slot> slots_{options_.outstanding};
    std::vector<std::size_t> free_;
    std::uint64_t last_number_ = 0, last_id_ = 0;
    std::string prefix_;

    static void on_reply(natsConnection*, natsSubscription*, natsMsg* message, void* self) {
        static_cast<LoadClient*>(self)->receive(message);
        natsMsg_Destroy(message);
    }

    void receive(natsMsg* message) {
        const std::lock_guard lock(mutex_);
        const auto number = crdt::system::decimal<std::uint64_t>(
            std::string_view(natsMsg_GetSubject(message)).substr(inbox_.size() + 1));
        if (!number) return;
        Slot& slot = slots_[*number % slots_.size()];
        if (slot.number != *number) return;  // timed out
        const std::string_view data(natsMsg_GetData(message),
                                    static_cast<std::size_t>(natsMsg_GetDataLength(message)));
        last_reply = Clock::now();
        if (data.find(options_.yes()) != std::string_view::npos) {
            log_.write("added", slot.id);
            latencies.push_back(duration<float, std::micro>(last_reply - slot.due).count());
            release(slot);
        } else if (natsMsg_IsNoResponders(message)) {
            log_.write("refused", slot.id);
            repeat_or_end(slot, refused);
        } else {
            if (first_error.empty()) first_error = data;
            // 11: temporarily unavailable. 13: the node failed.
            const bool is_temporary = data.find(R"("code":11,)") != std::string_view::npos ||
                                      data.find(R"("code":13,)") != std::string_view::npos;
            if (is_temporary) {
                repeat_or_end(slot, failed);
            } else {
                ++failed;
                release(slot);
            }
        }
        send_due();
    }

    void release(Slot& slot) {
        slot.number = 0;
        slot.is_free = true;
        free_.push_back(static_cast<std::size_t>(&slot - slots_.data()));
    }
    /// Keeps the slot, so that tick() sends its request again, or counts its end.
    void repeat_or_end(Slot& slot, std::uint64_t& count) {
        slot.number = 0;
        slot.sent = Clock::now();
        if (options_.retries && slot.sent - slot.first_sent < LoadOptions::longest_retry) return;
        ++count;
        release(slot);
    }
    void repeat(Slot& slot) {
        ++repeated;
        send(slot);
    }
    void send(Slot& slot) {
        last_number_ += 1;
        slot.number =
            last_number_ * slots_.size() + static_cast<std::size_t>(&slot - slots_.data());
        slot.sent = Clock::now();
        if (!options_.log.empty()) log_.write("sent", slot.id, 'c' + std::to_string(slot.name));
        // A request that cannot be sent during an outage has no reply. So it times out.
        connection_.request(subject_, inbox_ + "." + std::to_string(slot.number),
                            options_.payload(slot.name, slot.id));
    }

    /// Empty if nothing needs it.
    std::string next_id() {
        return options_.retries || !options_.log.empty() ? prefix_ + std::to_string(++last_id_)
                                                         : std::string();
    }
    void send_due() {
        while (!free_.empty()) {
            const auto now = Clock::now();
            const auto request = schedule_.next(now);
            if (!request) return;
            Slot& slot = slots_[free_.back()];
            free_.pop_back();
            slot = {false, 0, request->name, next_id(), request->due, now, now};
            send(slot);
        }
    }

    /// Each client connects to one server. The server sends it the addresses of the others.
    static crdt::nats::ConnectionOptions of_client(const LoadOptions& options, std::size_t number) {
        crdt::nats::ConnectionOptions server = options.server;
        server.urls = {server.urls[number % server.urls.size()]};
        server.at_once = options.outstanding == 1;
        return server;
    }

  public:
    std::vector<float> latencies;  ///< of adds that succeeded, in µs
    std::uint64_t refused = 0, failed = 0, unanswered = 0, repeated = 0;
    std::string first_error;
    Clock::time_point last_reply;

    LoadClient(const LoadOptions& options, Schedule& schedule, EventLog& log, std::size_t number)
        : options_(options),
          schedule_(schedule),
          log_(log),
          connection_(of_client(options, number), crdt::system::Log()) {
        natsInbox* inbox = nullptr;
        check(natsInbox_Create(&inbox), "inbox");
        inbox_ = inbox;
        natsInbox_Destroy(inbox);
        // An inbox has a random name.
        prefix_ = inbox_.substr(inbox_.find('.') + 1) + '-';
        check(natsConnection_Subscribe(&replies_, connection_.handle(), (inbox_ + ".*").c_str(),
                                       on_reply, this),
              "subscribe");
        check(natsSubscription_SetPendingLimits(replies_, -1, -1), "subscribe");
        check(natsConnection_Flush(connection_.handle()), "subscribe");
        for (std::size_t i = 0; i < slots_.size(); ++i) free_.push_back(i);
    }
    LoadClient(const LoadClient&) = delete;
    LoadClient& operator=(const LoadClient&) = delete;
    ~LoadClient() {
        crdt::nats::detail::stop(connection_.handle(), replies_);
        natsSubscription_Destroy(replies_);
    }

    /// Times out the requests without a reply, and sends what is due, for the first time or again.
    void tick() {
        const std::lock_guard lock(mutex_);
        const auto now = Clock::now();
        for (Slot& slot : slots_) {
            if (slot.is_free) continue;
            if (slot.number != 0 && now - slot.sent >= LoadOptions::timeout)
                repeat_or_end(slot, unanswered);
            else if (slot.number == 0 && now - slot.sent >= LoadOptions::retry_pause)
                repeat(slot);
        }
        send_due();
    }
    bool is_idle() {
        const std::lock_guard lock(mutex_);
        return free_.size() == slots_.size();
    }
};

void make_stream(const LoadOptions& options) {
    const crdt::nats::Connection connection(options.server, log_to_stderr);
    jsCtx* made = nullptr;
    check(natsConnection_JetStream(&made, connection.handle(), nullptr), "JetStream");
    const std::unique_ptr<jsCtx, void (*)(jsCtx*)> context{made, jsCtx_Destroy};
    jsStreamConfig stream;
    jsStreamConfig_Init(&stream);
    const std::string subjects = options.stream + ".>";
    const char* subject = subjects.c_str();
    stream.Name = options.stream.c_str();
    stream.Subjects = &subject;
    stream.SubjectsLen = 1;
    stream.Replicas = static_cast<std::int64_t>(options.replicas);
    stream.Storage = options.storage == "file" ? js_FileStorage : js_MemoryStorage;
    check(js_AddStream(nullptr, made, &stream, nullptr, nullptr), "stream");
}

Json summary(const LoadOptions& options, const Schedule& schedule,
             const std::vector<std::unique_ptr<LoadClient>>& clients) {
    std::vector<float> latencies;
    std::uint64_t refused = 0, failed = 0, unanswered = 0, repeated = 0;
    Clock::time_point end{};
    std::string first_error;
    for (const auto& client : clients) {
        latencies.insert(latencies.end(), client->latencies.begin(), client->latencies.end());
        refused += client->refused;
        failed += client->failed;
        unanswered += client->unanswered;
        repeated += client->repeated;
        end = std::max(end, client->last_reply);
        if (first_error.empty()) first_error = client->first_error;
    }
    std::sort(latencies.begin(), latencies.end());
    const auto quantile = [&](double part) {
        return latencies.empty() ? 0.0f
                                 : latencies[std::size_t(part * double(latencies.size() - 1))];
    };
    Json result{{"clients", options.clients},
                {"outstanding", options.outstanding},
                {"offered", options.rate},
                {"done", latencies.size()},
                {"rate", double(latencies.size()) / schedule.seconds_until(end)},
                {"p50_us", quantile(0.5)},
                {"p99_us", quantile(0.99)},
                {"refused", refused},
                {"failed", failed},
                {"unanswered", unanswered},
                {"repeated", repeated}};
    if (!first_error.empty()) result["first_error"] = first_error;
    return result;
}

void run(const LoadOptions& options) {
    if (!options.stream.empty()) make_stream(options);
    EventLog log(options.log);
    std::vector<std::unique_ptr<LoadClient>> clients;
    Schedule schedule(options);
    for (std::size_t i = 0; i < options.clients; ++i)
        clients.push_back(std::make_unique<LoadClient>(options, schedule, log, i));
    schedule.start();
    for (bool is_done = false; !is_done;) {
        is_done = schedule.is_over(Clock::now());
        for (const auto& client : clients) {
            client->tick();
            is_done = client->is_idle() && is_done;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    log.finish();
    std::cout << summary(options, schedule, clients) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
    LoadOptions options;
    CLI::App app{
        "Sends requests to a counter service or messages to a JetStream stream, and measures the "
        "replies."};
    app.option_defaults()->always_capture_default();
    add_server_flags(app, options.server);
    app.add_option("--cluster", options.cluster, "The service's cluster");
    app.add_option("--node", options.node, "Send all requests to this node");
    app.add_option("--stream", options.stream, "Create this JetStream stream, and publish to it");
    app.add_option("--storage", options.storage, "Storage of the stream")
        ->check(CLI::IsMember({"memory", "file"}));
    app.add_option("--replicas", options.replicas, "Number of copies of the stream")
        ->check(numbers(1, 5));
    app.add_option("--clients", options.clients, "Number of connections")->check(numbers(1, 10000));
    app.add_option("--outstanding", options.outstanding, "Outstanding requests of each connection")
        ->check(numbers(1, 1000000));
    app.add_option("--names", options.names, "Number of counters")->check(numbers(1, 100000000));
    app.add_option("--rate", options.rate,
                   "Requests per second of all connections; 0: as fast as they are answered")
        ->check(numbers(0.0, 1e9));
    app.add_option("--seconds", options.seconds, "Duration in seconds")->check(numbers(0.0, 1e6));
    app.add_option("--count", options.count, "Number of requests, in place of a duration")
        ->check(numbers<std::uint64_t>());
    app.add_option("--ack", options.acks,
                   "Number of further nodes that must have an add before the reply")
        ->check(numbers(0, 1024));
    app.add_option("--log", options.log, "File for the events of each add, which check reads");
    app.add_flag("--retry", options.retries,
                 "Give each add an id, and repeat it for a minute until it succeeds");
    CLI11_PARSE(app, argc, argv);
    try {
        run(options);
    } catch (const std::runtime_error& error) {
        std::cerr << "load: " << error.what() << "\n";
        return unreachable;
    }
    return 0;
}
