// SPDX-License-Identifier: MIT
//! A type of your own: composed, checked for the lattice laws, and replicated under faults.
#include <cstdint>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/lex.hpp>
#include <crdt/lattice/map_of.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/lattice/write_once.hpp>
#include <crdt/laws/check.hpp>
#include <crdt/sim/simulator.hpp>

/// The latest vote of a voter counts: a version, and the choice made with it.
using Vote = crdt::Lex<crdt::Max<std::uint64_t>, crdt::WriteOnce<std::string>>;

/// A poll. A second vote replaces the first. A replica that has received the close refuses votes.
class Poll
    : public crdt::Composed<Poll, crdt::Product<crdt::MapOf<std::string, Vote>, crdt::Max<bool>>> {
    template <std::size_t Part>
    Poll change(auto mutator) {
        return mutate([&](auto& state) { return state.template apply<Part>(mutator); });
    }
    const auto& votes() const { return lattice().get<0>(); }

  public:
    static constexpr std::string_view type_name = "poll";

    bool is_closed() const { return lattice().get<1>().value(); }

    /// Returns the delta. Throws std::logic_error, unchanged, if the poll is closed.
    Poll vote(const std::string& voter, const std::string& choice) {
        if (is_closed()) throw std::logic_error("the poll is closed");
        const auto version = votes().at(voter).first().value() + 1;
        const Vote next{crdt::Max<std::uint64_t>(version), crdt::WriteOnce(choice)};
        return change<0>([&](auto& votes) {
            return votes.update(voter, [&](Vote& vote) { return vote.absorb(next); });
        });
    }
    Poll close() {
        return change<1>([](auto& closed) { return closed.advance(true); });
    }

    std::map<std::string, int> result() const {
        std::map<std::string, int> counts;
        for (const auto& [voter, vote] : votes()) ++counts[vote.second().value()];
        return counts;
    }
};

/// A random change by the voter of this replica, for the laws and the simulator.
Poll change_somehow(Poll& poll, std::size_t replica, auto& choices) {
    if (choices.below(8) == 0) return poll.close();
    if (poll.is_closed()) return {};
    return poll.vote("voter " + std::to_string(replica), choices.below(2) == 0 ? "tea" : "cake");
}

int main() {
    Poll here, there;
    here.vote("ann", "tea");
    there.merge(here.vote("ann", "cake"));  // a delta is a state
    there.vote("bob", "cake");
    here.close();
    there.merge(here);
    for (const auto& [choice, count] : there.result()) std::cout << choice << ": " << count << "\n";

    const auto change = [](Poll& poll, std::size_t replica, auto& choices) {
        return change_somehow(poll, replica, choices);
    };
    const auto report = crdt::laws::check<Poll>(change);
    std::cout << (report.ok() ? "lawful" : report.text()) << "\n";

    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const auto run = crdt::sim::simulate<Poll>(seed, change);
        if (!run.ok()) std::cout << run.violation << crdt::sim::trace<Poll>(seed, change).text();
        if (!run.ok()) return 1;
    }
    std::cout << "converged in 50 worlds of faults\n";
}
