// SPDX-License-Identifier: MIT
//! Fuzzes the replication engine of a text. Messages contain edits, and slots that no mutator
//! makes.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <crdt/codec/binary.hpp>
#include <crdt/text.hpp>

#include "engine.hpp"

namespace {

struct Texts {
    using State = crdt::Text<std::uint8_t>;

    static State edit(State& text, std::uint8_t writer, engine_fuzz::EngineInput& input) {
        const std::size_t length = text.size(), index = input.byte() % (length + 1);
        switch (input.byte() % 8) {
            case 0: return text.compact(text.erased());
            case 1: return text.reset(writer);
            case 2:
            case 3: return text.erase(index, std::min<std::size_t>(input.byte(), length - index));
            default:
                if (text.context().last(writer) > 1U << 30U) return {};  // foreign dots
                return text.insert(writer, index, input.byte() % 4 == 0 ? "\xC3\xA9x" : "ab");
        }
    }
    static State any(engine_fuzz::EngineInput& input) {
        State text;
        for (unsigned count = input.byte() % 8; count > 0; --count)
            edit(text, input.byte() % 4, input);
        if (input.byte() % 4 == 0) input.merge_removed(text);
        if (input.byte() % 4 == 0) {
            const auto read = crdt::binary::try_decode_value<State>(input.bytes(input.byte()));
            if (read && !conflicts(text, *read)) text.merge(*read);
        }
        return text;
    }
    static State write(State& text, engine_fuzz::EngineInput& input) {
        return edit(text, 9, input);
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    engine_fuzz::EngineFuzzer<Texts>(data, size).run();
    return 0;
}
