// SPDX-License-Identifier: MIT
//! shrink: finds a smaller history that still fails in the same way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/laws/history.hpp>

namespace crdt::laws::detail {

/// Makes `history` smaller: drops steps, first many at a time and then one by one, and lowers
/// decisions. Keeps each change for which `still_fails` returns true. Runs at most `effort` steps
/// in total, which is enough to try all changes of a short history, but not of a long history.
template <class Predicate>
History shrink(History history, Predicate&& still_fails, std::size_t effort = 8'000) {
    const auto try_instead = [&](History candidate) {
        effort -= (std::min)(effort, candidate.size() + 1);
        if (effort == 0 || !still_fails(candidate)) return false;
        history = std::move(candidate);
        return true;
    };
    const auto drop_steps = [&](std::size_t count) {
        bool progress = false;
        for (std::size_t end = history.size(); end > 0 && effort > 0;) {
            const std::size_t begin = end - (std::min)(count, end);
            History candidate = history;
            candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(begin),
                            candidate.begin() + static_cast<std::ptrdiff_t>(end));
            progress |= try_instead(std::move(candidate));
            end = begin;
        }
        return progress;
    };
    // A mutator reads 0 for each missing decision, so the last decisions can be dropped.
    const auto drop_decisions = [&](std::size_t step) {
        for (std::size_t kept = 0; kept < history[step].choices.size(); ++kept) {
            History candidate = history;
            candidate[step].choices.resize(kept);
            if (try_instead(std::move(candidate))) return true;
        }
        return false;
    };
    const auto lower_decisions = [&](std::size_t step) {
        bool progress = false;
        for (std::size_t i = 0; i < history[step].choices.size(); ++i) {
            for (const std::uint64_t lower : {std::uint64_t{0}, history[step].choices[i] / 2}) {
                if (lower >= history[step].choices[i]) continue;
                History candidate = history;
                candidate[step].choices[i] = lower;
                progress |= try_instead(std::move(candidate));
            }
        }
        return progress;
    };
    for (std::size_t count = history.size() / 2; count > 1; count /= 2) drop_steps(count);
    for (bool progress = true; progress && effort > 0;) {
        progress = drop_steps(1);
        for (std::size_t step = 0; step < history.size() && effort > 0; ++step) {
            progress |= drop_decisions(step);
            progress |= lower_decisions(step);
        }
    }
    return history;
}

}  // namespace crdt::laws::detail
