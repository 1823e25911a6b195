// SPDX-License-Identifier: MIT
//! Who is online: signs of life in a set where adds win, with times that no wrong clock turns back.
#include <compare>
#include <cstdint>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string>

#include <crdt/awset.hpp>
#include <crdt/hlc.hpp>

/// Somebody was there at that time.
struct Sign {
    std::string user;
    crdt::HybridTime at;

    friend auto operator<=>(const Sign&, const Sign&) = default;
    friend std::uint64_t hash_value(const Sign& sign) {
        return crdt::hash_combine(crdt::hash_value(sign.user), hash_value(sign.at));
    }
};

/// What one server knows. Times are seconds of its own clock.
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

    /// `user` is here: on joining, and as a heartbeat.
    void hear(const std::string& user, std::uint64_t now) {
        leave(user);
        signs_.insert(server_, {user, clock_.tick(now).time()});
    }
    /// Removes the signs that are known here; one that another server hears meanwhile stays.
    void leave(const std::string& user) {
        remove_if([&](const Sign& sign) { return sign.user == user; });
    }
    void expire(std::uint64_t now) {
        remove_if([&](const Sign& sign) { return sign.at.wall + time_to_live < now; });
    }
    /// Throws std::invalid_argument, unchanged, if a sign is from the far future: nobody could
    /// outlive it.
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
    paris.hear("ann", 1000);
    paris.hear("bob", 1000);
    tokyo.merge(paris, 1001);
    show("all have joined", tokyo);

    paris.leave("ann");       // ann closes her laptop, while
    tokyo.hear("ann", 1005);  // her telephone speaks to the other server
    paris.leave("bob");       // bob leaves, and nobody hears of him elsewhere
    paris.merge(tokyo, 1006);
    tokyo.merge(paris, 1006);
    show("ann left and joined, bob left", paris);

    tokyo.hear("cyd", 1030);
    paris.merge(tokyo, 1031);
    paris.expire(1040);  // nothing was heard of ann for 35 seconds
    show("ann fell silent", paris);

    Presence broken("broken");
    broken.hear("eve", 999999);  // its clock is days ahead
    try {
        paris.merge(broken, 1041);
    } catch (const std::invalid_argument& error) {
        std::cout << "refused: " << error.what() << "\n";
    }
    show("after that", paris);
}
