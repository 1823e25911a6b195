// SPDX-License-Identifier: MIT
//! AwaitedAcks: which peers have said that they have what a request changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <crdt/system/fresh.hpp>

namespace counterd {

/// Requests that wait for peers. Each peer is asked with a number of its own, which nobody else can
/// guess, and counts under that number alone: no peer can answer for another.
class AwaitedAcks {
  public:
    /// A request, as long as it waits.
    class Request {
        friend AwaitedAcks;
        std::set<std::string> have_{};
        std::vector<std::uint64_t> numbers_{};

      public:
        /// How many peers have what it changed.
        std::size_t have() const { return have_.size(); }
    };

    /// The number for `peer` to answer with.
    std::uint64_t expect(const std::shared_ptr<Request>& request, const std::string& peer) {
        const std::uint64_t number = crdt::system::fresh_number();
        if (expected_.try_emplace(number, Expected{peer, request}).second)
            request->numbers_.push_back(number);
        return number;
    }
    /// Was `peer` asked with this number, and has not answered yet?
    bool expects(const std::string& peer, std::uint64_t number) const {
        const auto found = expected_.find(number);
        return found != expected_.end() && found->second.peer == peer;
    }
    /// Takes the answer of `peer`, if it is expected.
    void on_ack(const std::string& peer, std::uint64_t number) {
        if (!expects(peer, number)) return;
        const auto found = expected_.find(number);
        found->second.request->have_.insert(peer);
        expected_.erase(found);
    }
    /// Nothing is expected for `request` any more.
    void end(Request& request) {
        for (const std::uint64_t number : std::exchange(request.numbers_, {}))
            expected_.erase(number);
    }
    /// How many answers are expected.
    std::size_t size() const { return expected_.size(); }

  private:
    struct Expected {
        std::string peer;
        std::shared_ptr<Request> request;
    };
    std::map<std::uint64_t, Expected> expected_;
};

}  // namespace counterd
