// SPDX-License-Identifier: MIT
//! A list of the users who are online: heartbeats in an add-wins set. The times of heartbeats come
//! from hybrid clocks, so they never go back, even if the clock of a server does.
#include <compare>
#include <cstdint>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string>

#include <crdt/awset.hpp>
#include <crdt/hlc.hpp>

/// A heartbeat: `user` was online at the time `at`.
struct Sign {
    std::string user;
    crdt::HybridTime at;

    friend auto operator<=>(const Sign&, const Sign&) = default;
    friend std::uint64_t hash_value(const Sign& sign) {
        return crdt::hash_combine(crdt::hash_value(sign.user), hash_value(sign.at));
    }
};

/// The state of one server. Times are seconds of the server's own clock.
class Presence {
    static constexpr std::uint64_t time_to_live = 30;
    static constexpr std::uint64_t largest_drift = 10;

    std::string server_;
    crdt::HLC clock_;
    crdt::AWSet<Sign> signs_;

    void remove_if(auto&& is_over) {
        const auto signs = signs_;
        for (const Sign& sign : signs)
            if (is_over(sign)) signs_.erase(sign);
    }

  public:
    explicit Presence(std::string server) : server_(std::move(server)) {}

    /// Records that `user` is online.
    void record(const std::string& user, std::uint64_t now) {
        leave(user);
        signs_.insert(server_, {user, clock_.tick(now).time()});
    }
    /// Removes the heartbeats of `user` that this server has received. A concurrent heartbeat at
    /// another server stays.
    void leave(const std::string& user) {
        remove_if([&](const Sign& sign) { return sign.user == user; });
    }
    void expire(std::uint64_t now) {
        remove_if([&](const Sign& sign) { return sign.at.wall + time_to_live < now; });
    }
    /// Joins `other`. If a heartbeat of `other` is from the far future, it would never expire. Then
    /// throws std::invalid_argument and changes nothing.
    void merge(const Presence& other, std::uint64_t now) {
        crdt::HLC clock = clock_;
        for (const Sign& sign : other.signs_) clock.receive(sign.at, now, largest_drift);
        clock_ = clock;
        signs_.merge(other.signs_);
    }

    std::set<std::string> online() const {
        std::set<std::string> users;
        for (const Sign& sign : signs_) users.insert(sign.user);
        return users;
    }
};

void show(const std::string& when, const Presence& presence) {
    std::cout << when << ":";
    for (const std::string& user : presence.online()) std::cout << " " << user;
    std::cout << "\n";
}

int main() {
    Presence paris("paris"), tokyo("tokyo");
    paris.record("ann", 1000);
    paris.record("bob", 1000);
    tokyo.merge(paris, 1001);
    show("all have joined", tokyo);

    paris.leave("ann");         // ann closes her laptop
    tokyo.record("ann", 1005);  // her telephone is connected to the other server
    paris.leave("bob");         // bob leaves, and is connected to no other server
    paris.merge(tokyo, 1006);
    tokyo.merge(paris, 1006);
    show("ann left and joined, bob left", paris);

    tokyo.record("cyd", 1030);
    paris.merge(tokyo, 1031);
    paris.expire(1040);  // ann's last heartbeat is 35 seconds old
    show("ann fell silent", paris);

    Presence broken("broken");
    broken.record("eve", 999999);  // its clock is days ahead
    try {
        paris.merge(broken, 1041);
    } catch (const std::invalid_argument& error) {
        std::cout << "refused: " << error.what() << "\n";
    }
    show("after that", paris);
}
