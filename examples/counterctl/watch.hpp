// SPDX-License-Identifier: MIT
//! Watch: a watch of counters, which is renewed regularly. If its node stops, another node takes
//! over.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "client.hpp"

class Watch {
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds renewal{10};  // a node drops a watch after 30 s

    const Client& client_;
    std::string request_;
    std::string inbox_;
    natsSubscription* replies_ = nullptr;
    std::string node_;
    Clock::time_point renewed_;

    void renew() {
        renewed_ = Clock::now();
        check(natsConnection_PublishRequestString(client_.connection(),
                                                  client_.subject("watch", node_).c_str(),
                                                  inbox_.c_str(), request_.c_str()),
              "watch");
    }

  public:
    Watch(const Client& client, const Json& request)
        : client_(client), request_(request.dump()), inbox_(client.inbox()) {
        check(natsConnection_SubscribeSync(&replies_, client.connection(), inbox_.c_str()),
              "watch");
        renew();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
        crdt::nats::detail::stop(client_.connection(), replies_);
        natsSubscription_Destroy(replies_);
    }

    /// Returns the next report of changes, or nothing if none arrives within `wait`.
    std::optional<Json> next(std::chrono::milliseconds wait) {
        if (Clock::now() - renewed_ > renewal) renew();
        natsMsg* message = nullptr;
        const natsStatus status = natsSubscription_NextMsg(&message, replies_, wait.count());
        if (status == NATS_NO_RESPONDERS) {
            if (node_.empty()) check(status, "watch");
            node_.clear();
            renew();
            return std::nullopt;
        }
        if (status == NATS_TIMEOUT) return std::nullopt;
        check(status, "watch");
        Json changes = json_of(message);
        if (changes.contains("ok")) node_ = accepted(changes).value("node", "");
        return changes;
    }
};
