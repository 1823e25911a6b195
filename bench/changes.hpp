// SPDX-License-Identifier: MIT
//! Inputs of small changes: copies of one state, which change a little.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "inputs.hpp"
#include "race.hpp"

namespace bench {

/// The keys of a large state, and changes of it, which have a few keys each. The changes are
/// distributed among copies of the state, so that the size of a copy stays about the same. The
/// first change of each copy is not measured: it makes what a copy lacks.
struct Changes {
    std::vector<U64> keys;
    std::size_t per_copy, copies;  // without the first change
    std::vector<std::vector<U64>> changes{};

    enum class Of { known, fresh };
    Changes(std::size_t size, Of which, std::size_t keys_each)
        : per_copy(std::clamp<std::size_t>(size / (16 * keys_each), 8, 1024)),
          copies(std::clamp<std::size_t>(8192 / size, 1, 64)) {
        Random random(size);
        for (std::size_t i = 0; i < size; ++i) keys.push_back(random.next() | 1U);
        for (std::size_t i = 0; i < copies; ++i) change_copy(random, which, keys_each);
        std::sort(keys.begin(), keys.end());
    }
    /// Returns the number of changes that are measured.
    std::size_t measured() const { return copies * per_copy; }

  private:
    /// Makes the changes of one copy. No key is changed twice.
    void change_copy(Random& random, Of which, std::size_t keys_each) {
        std::size_t next = 0;
        for (std::size_t i = 0; i <= per_copy; ++i) {
            auto& change = changes.emplace_back();
            for (std::size_t j = 0; j < keys_each; ++j, ++next) {
                if (which == Of::known)
                    std::swap(keys[next], keys[next + random.below(keys.size() - next)]);
                change.push_back(which == Of::known ? keys[next] : random.next() | 1U);
            }
            std::sort(change.begin(), change.end());
        }
    }
};

/// Merges one of the deltas for each change.
template <class State>
auto merge_each(const std::vector<State>& deltas) {
    return [&deltas](State& state, std::size_t i) { merge(state, deltas[i]); };
}

/// A state of which each turn changes new copies.
template <class State>
struct Large {
    State state;
    std::vector<State> copies{};
};
template <class State>
Large(State) -> Large<State>;

/// Calls change(copy, i) for each change i.
template <class State, class Change>
auto changes(const char* name, Large<State>& large, const Changes& input, Change change) {
    const std::size_t step = input.per_copy + 1;
    return Contender{name,
                     [&, change, step] {
                         large.copies.assign(input.copies, large.state);
                         for (std::size_t i = 0; i < input.copies; ++i)
                             change(large.copies[i], i * step);
                     },
                     [&, change, step] {
                         for (std::size_t i = 0; i < input.copies; ++i)
                             for (std::size_t j = 1; j < step; ++j)
                                 change(large.copies[i], i * step + j);
                     }};
}

}  // namespace bench
