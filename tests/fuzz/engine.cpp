// SPDX-License-Identifier: MIT
//! Fuzzes the replication engine with any calls, and any messages from any sender, in any order.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <crdt/awset.hpp>
#include <crdt/replication/replicator.hpp>

#include "input.hpp"

using namespace crdt;
using namespace crdt::replication;

namespace {

using Set = AWSet<std::uint8_t, std::uint8_t>;
/// Makes a digest expensive, so that the engine also sends requests by sketch.
struct Weighing : replication::Policy {
    static std::size_t digest_cost(const DigestOf<Set>& digest) {
        return digest.context.range_count();
    }
};
using Engine = Replicator<Set, std::uint8_t, Weighing>;

/// Reads decisions from the input.
class Input : public FuzzInput {
  public:
    using FuzzInput::FuzzInput;

    /// Returns a number that is small or near a limit of the range.
    std::uint64_t number() {
        const std::uint64_t value = byte();
        return value < 200 ? value : ~std::uint64_t{0} - (255 - value);
    }
    Set set() {
        Set set;
        for (unsigned count = byte() % 8; count > 0; --count) {
            const std::uint8_t writer = byte() % 4, element = byte() % 16;
            if (byte() % 4 == 0)
                set.erase(element);
            else
                set.insert(writer, element);
        }
        if (byte() % 4 == 0) {
            // Removed dots, up to the greatest possible number.
            const std::uint64_t first = number(), last = number();
            if (first != 0 && first <= last)
                set.merge(Set::from_lattice(Set::lattice_type(
                    {}, DotSet<std::uint8_t>(DotRange<std::uint8_t>{7, first, last}))));
        }
        return set;
    }
    Changes<Set> changes() {
        Changes<Set> changes{set(), number(), number()};
        const std::uint8_t parts = byte();
        changes.kind = static_cast<TransferKind>(parts % 4);
        changes.more_pieces = (parts & 4U) != 0;
        if ((parts & 8U) != 0) changes.sketch = Sketch::of(set(), {number()});
        return changes;
    }
    Message<Set> message(const Engine& engine) {
        Message<Set> message;
        const std::uint8_t parts = byte();
        message.from_epoch = Epoch{number()};
        message.to_epoch = (parts & 1U) != 0 ? engine.epoch() : Epoch{number()};
        if ((parts & 2U) != 0) message.ack = number();
        if ((parts & 4U) != 0) message.changes = changes();
        if ((parts & 8U) != 0) message.digest = digest(set());
        message.requests_digest = (parts & 16U) != 0;
        message.invites_request = (parts & 32U) != 0;
        message.answer_pending = (parts & 64U) != 0;
        if ((parts & 128U) != 0) message.sketch = Sketch::of(set(), {number()});
        if ((parts & 1U) != 0) message.fingerprint = Fingerprint{number(), number(), number()};
        return message;
    }
    std::vector<std::uint8_t> peers() {
        std::vector<std::uint8_t> peers;
        const unsigned chosen = byte();
        for (std::uint8_t id = 0; id < 4; ++id) {
            if (((chosen >> id) & 1U) != 0) peers.push_back(id);
            if (((chosen >> id) & 16U) != 0) peers.push_back(id);  // may be the second time
        }
        return peers;
    }
};

void expect(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Options options;
    options.log_limit = 1U + input.byte();
    options.message_limit = 1U + input.byte() % 16U;
    options.digest_limit = input.byte() % 4U;
    Engine engine(Epoch{5}, options);
    Time now{Duration{1000}};
    engine.set_peers({0, 1, 2, 3}, {0, 1}, now);
    engine.start(now);

    while (input.has_more()) {
        Set before = engine.state();
        switch (input.byte() % 8) {
            case 0:
                engine.update([&](Set& set) { return set.insert(9, input.byte() % 16); });
                break;
            case 1: {
                const auto members = input.peers();
                engine.set_peers(members, input.peers(), now);
                break;
            }
            case 2: engine.stop(); break;
            case 3: engine.start(now); break;
            case 4: now += Duration{input.number() % 4'000'000}; break;
            default: {
                const std::uint8_t from = input.byte() % 5;
                const Set novel = engine.on_message(from, input.message(engine), now);
                before.merge(novel);
                expect(before == engine.state());
            }
        }
        for (const auto& outgoing : engine.on_tick(now)) {
            expect(outgoing.message.from_epoch == Epoch{5});
            if (!outgoing.message.changes) continue;
            const Set& delta = outgoing.message.changes->delta;
            expect(range_count(delta) <= 2 * options.message_limit);
            expect(delta.leq(engine.state()));
        }
        expect(engine.log().cost() <= options.log_limit + 32 * options.message_limit);
    }
    return 0;
}
