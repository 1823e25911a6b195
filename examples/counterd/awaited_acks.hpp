// SPDX-License-Identifier: MIT
//! AwaitedAcks: the acks of peers for the changes of requests.
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

/// Requests that wait for acks of peers. Each peer receives a random number of its own, and its ack
/// counts only with that number. So no peer can acknowledge for another.
class AwaitedAcks {
  public:
    /// A waiting request.
    class Request {
        friend AwaitedAcks;
        std::set<std::string> have_{};
        std::vector<std::uint64_t> numbers_{};

      public:
        /// The number of peers that have acknowledged.
        std::size_t have() const { return have_.size(); }
    };

    /// Returns a new number, with which `peer` must acknowledge.
    std::uint64_t expect(const std::shared_ptr<Request>& request, const std::string& peer) {
        const std::uint64_t number = crdt::system::fresh_number();
        if (expected_.try_emplace(number, Expected{peer, request}).second)
            request->numbers_.push_back(number);
        return number;
    }
    /// Whether `peer` has this number and has not acknowledged yet.
    bool expects(const std::string& peer, std::uint64_t number) const {
        const auto found = expected_.find(number);
        return found != expected_.end() && found->second.peer == peer;
    }
    /// Counts the ack of `peer`, if it is expected.
    void on_ack(const std::string& peer, std::uint64_t number) {
        if (!expects(peer, number)) return;
        const auto found = expected_.find(number);
        found->second.request->have_.insert(peer);
        expected_.erase(found);
    }
    /// Ends the wait of `request`. Its further acks are ignored.
    void end(Request& request) {
        for (const std::uint64_t number : std::exchange(request.numbers_, {}))
            expected_.erase(number);
    }
    /// The number of acks expected.
    std::size_t size() const { return expected_.size(); }

  private:
    struct Expected {
        std::string peer;
        std::shared_ptr<Request> request;
    };
    std::map<std::uint64_t, Expected> expected_;
};

}  // namespace counterd
