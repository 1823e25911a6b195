// SPDX-License-Identifier: MIT
//! The simulated network: it delays messages. When a message arrives on a cut link, the network
//! drops it.
#include "network.hpp"

namespace cluster {

Micros Latency::draw(Random& random) const {
    const double mean = mean_ms * 1000;
    switch (spread) {
        case Spread::constant: return static_cast<Micros>(mean);
        case Spread::uniform: return static_cast<Micros>(2 * mean * random.unit());
        case Spread::exponential: return static_cast<Micros>(random.exponential(mean));
    }
    return 0;
}

void Network::send(Envelope message, std::size_t bytes, Micros now) {
    const bool with_client = is_client(message.src) || is_client(message.dest);
    for (Flow* flow : {&traffic_.all, with_client ? &traffic_.clients : &traffic_.servers}) {
        ++flow->messages;
        flow->bytes += bytes;
    }
    const Micros due = now + latency_.draw(random_);
    pending_.push({due, sent_++, std::move(message)});
}

std::optional<std::pair<std::uint64_t, Envelope>> Network::receive(Micros now) {
    while (!pending_.empty() && pending_.top().due <= now) {
        // The queue gives const access only; the element is popped before any other access.
        auto next = std::move(const_cast<Pending&>(pending_.top()));
        pending_.pop();
        if (cuts_.count({next.message.src, next.message.dest}) == 0)
            return std::pair{next.id, std::move(next.message)};
        ++traffic_.dropped;
    }
    return std::nullopt;
}

std::optional<Micros> Network::next_due() const {
    if (pending_.empty()) return std::nullopt;
    return pending_.top().due;
}

}  // namespace cluster
