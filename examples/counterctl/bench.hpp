// SPDX-License-Identifier: MIT
//! Bench: measures the rate and the latency of a service with this client.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <crdt/system/decimal.hpp>

#include "client.hpp"

struct BenchOptions {
    std::string verb = "add", prefix = "bench/";
    std::uint64_t seconds = 5, outstanding = 64, counters = 100;
};

/// Sends requests for some seconds. Always keeps a given number of requests outstanding.
class Bench {
    using Clock = std::chrono::steady_clock;
    struct Slot {
        std::uint64_t number = 0;  // 0: free
        Clock::time_point sent{};
    };

    const Client& client_;
    const BenchOptions& options_;
    Json request_;
    std::string subject_, inbox_;
    natsSubscription* replies_ = nullptr;
    std::vector<Slot> slots_{options_.outstanding};
    std::vector<std::size_t> free_;
    std::uint64_t sent_ = 0;
    std::vector<double> latencies_;  ///< of successful requests, in ms
    std::map<int, std::uint64_t> errors_;
    std::uint64_t unanswered_ = 0;
    std::string first_error_;
    Clock::time_point last_reply_{};

    void send() {
        const std::size_t index = free_.back();
        free_.pop_back();
        Slot& slot = slots_[index];
        slot = {++sent_ * slots_.size() + index, Clock::now()};
        request_["name"] = options_.prefix + std::to_string(sent_ % options_.counters);
        const std::string reply = inbox_ + '.' + std::to_string(slot.number);
        check(natsConnection_PublishRequestString(client_.connection(), subject_.c_str(),
                                                  reply.c_str(), request_.dump().c_str()),
              options_.verb);
    }
    void release(Slot& slot) {
        slot.number = 0;
        free_.push_back(static_cast<std::size_t>(&slot - slots_.data()));
    }
    void note_error(int code, const std::string& text) {
        ++errors_[code];
        if (first_error_.empty()) first_error_ = text;
    }
    void receive(natsMsg* owned) {
        const crdt::nats::NatsMessage message(owned);
        const auto number = crdt::system::decimal<std::uint64_t>(
            message.subject().substr(std::min(inbox_.size() + 1, message.subject().size())));
        Slot* slot = number ? &slots_[*number % slots_.size()] : nullptr;
        if (slot == nullptr || slot->number != *number) return;  // the slot was freed by a timeout
        last_reply_ = Clock::now();
        if (message.data().find(R"("ok":true)") != std::string_view::npos) {
            latencies_.push_back(
                std::chrono::duration<double, std::milli>(last_reply_ - slot->sent).count());
        } else {
            const auto reply = crdt::json::parse(message.data());
            const bool is_error = reply && reply->is_object();
            note_error(is_error ? reply->value("code", 1) : unreachable,
                       is_error ? reply->value("text", "") : "invalid reply");
        }
        release(*slot);
    }
    void expire(Clock::time_point now) {
        for (Slot& slot : slots_) {
            if (slot.number == 0 || now - slot.sent < client_.reply_timeout()) continue;
            ++unanswered_;
            release(slot);
        }
    }

  public:
    Bench(const Client& client, const BenchOptions& options, Json request, const std::string& node)
        : client_(client),
          options_(options),
          request_(std::move(request)),
          subject_(client.subject(options.verb, node)),
          inbox_(client.inbox()) {
        check(natsConnection_SubscribeSync(&replies_, client.connection(), (inbox_ + ".*").c_str()),
              "bench");
        check(natsSubscription_SetPendingLimits(replies_, -1, -1), "bench");
        for (std::size_t i = slots_.size(); i > 0; --i) free_.push_back(i - 1);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    ~Bench() {
        crdt::nats::detail::stop(client_.connection(), replies_);
        natsSubscription_Destroy(replies_);
    }

    /// Runs the measurement and prints the result. Throws Failure if no request succeeded.
    void run(bool as_json) {
        const auto begin = Clock::now(), end = begin + std::chrono::seconds(options_.seconds);
        while (true) {
            auto now = Clock::now();
            while (!free_.empty() && now < end) {
                send();
                now = Clock::now();
            }
            if (free_.size() == slots_.size()) break;
            natsMsg* message = nullptr;
            const natsStatus status = natsSubscription_NextMsg(&message, replies_, 10);
            if (status == NATS_OK)
                receive(message);
            else if (status == NATS_TIMEOUT)
                expire(now);
            else
                check(status, options_.verb);
        }
        const double seconds =
            std::chrono::duration<double>(
                std::max(last_reply_, begin + std::chrono::milliseconds(1)) - begin)
                .count();
        print(seconds, as_json);
        if (!latencies_.empty()) return;
        if (errors_.empty()) throw Failure(unreachable, "no replies");
        throw Failure(errors_.begin()->first, first_error_);
    }

  private:
    void print(double seconds, bool as_json) {
        std::sort(latencies_.begin(), latencies_.end());
        const auto quantile = [&](double part) {
            return latencies_.empty()
                       ? 0.0
                       : latencies_[std::size_t(part * double(latencies_.size() - 1))];
        };
        const double rate = double(latencies_.size()) / seconds;
        if (as_json) {
            Json errors = Json::object();
            for (const auto& [code, count] : errors_) errors[std::to_string(code)] = count;
            std::cout << Json{{"verb", options_.verb},
                              {"outstanding", options_.outstanding},
                              {"seconds", seconds},
                              {"done", latencies_.size()},
                              {"rate", rate},
                              {"p50_ms", quantile(0.5)},
                              {"p99_ms", quantile(0.99)},
                              {"errors", errors},
                              {"unanswered", unanswered_}}
                      << "\n";
            return;
        }
        std::cout << std::fixed << std::setprecision(2) << "done\t" << latencies_.size() << " of "
                  << sent_ << " requests in " << seconds << " s\nrate\t" << std::setprecision(0)
                  << rate << " per second\n"
                  << std::setprecision(2) << "p50\t" << quantile(0.5) << " ms\np99\t"
                  << quantile(0.99) << " ms\n";
        std::uint64_t errors = unanswered_;
        for (const auto& [code, count] : errors_) errors += count;
        std::cout << "errors\t" << errors << "\n";
        for (const auto& [code, count] : errors_)
            std::cout << "\t" << count << " with code " << code << "\n";
        if (unanswered_ != 0) std::cout << "\t" << unanswered_ << " without a reply\n";
        std::cout << std::flush;
    }
};
