// SPDX-License-Identifier: MIT
//! Fuzzes the replication engine of a set.
#include "engine.hpp"

#include <cstddef>
#include <cstdint>

#include <crdt/awset.hpp>

namespace {

struct Sets {
    using State = crdt::AWSet<std::uint8_t, std::uint8_t>;

    static State any(engine_fuzz::EngineInput& input) {
        State set;
        for (unsigned count = input.byte() % 8; count > 0; --count) {
            const std::uint8_t writer = input.byte() % 4, element = input.byte() % 16;
            if (input.byte() % 4 == 0)
                set.erase(element);
            else
                set.insert(writer, element);
        }
        if (input.byte() % 4 == 0) input.merge_removed(set);
        return set;
    }
    static State write(State& set, engine_fuzz::EngineInput& input) {
        return set.insert(9, input.byte() % 16);
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    engine_fuzz::EngineFuzzer<Sets>(data, size).run();
    return 0;
}
