// SPDX-License-Identifier: MIT
//! Disk: what of a simulated replica outlives its crashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <crdt/lattice/concepts.hpp>
#include <crdt/random.hpp>

namespace crdt::sim {

/// What a crash takes: `unwritten` tears what was being written, `latest` leaves an old copy.
enum class Loss { nothing, unwritten, volatile_state, latest, everything };

inline const char* describe(Loss loss) {
    constexpr const char* words[] = {"", "tears a write", "keeps the durable",
                                     "goes back to an old copy", "loses all"};
    return words[static_cast<std::size_t>(loss)];
}

/// A state, and the incarnation under which it goes on: a new one whenever the state of the one
/// before is not all there.
template <DecomposableLattice L>
class Disk {
    struct Content {
        L state = {};
        std::uint64_t incarnation = 0;
    };

    Content content_;
    Content old_copy_;
    std::uint64_t last_incarnation_ = 0;
    bool is_doubtful_ = false;

  public:
    const L& state() const { return content_.state; }
    std::uint64_t incarnation() const { return content_.incarnation; }
    /// Has this incarnation perhaps written more than is known here?
    bool is_doubtful() const { return is_doubtful_; }

    void write(const L& change) { content_.state.merge(change); }
    void copy() { old_copy_ = content_; }
    void reincarnate() {
        content_.incarnation = ++last_incarnation_;
        is_doubtful_ = false;
    }
    void erase() { content_.state = L{}; }

    /// Of what was being written, only some parts are.
    void tear(const L& change, crdt::Random& random) {
        decompose(change, [&](const L& part) {
            if (random.below(2) == 0) write(part);
        });
    }
    /// The replica, whose state is `state`, crashes.
    void suffer(Loss loss, const L& state) {
        if (loss == Loss::nothing) write(state);
        if (loss == Loss::latest) {
            content_ = old_copy_;
            is_doubtful_ = true;
        }
        if (loss == Loss::everything) erase();
    }
};

}  // namespace crdt::sim
