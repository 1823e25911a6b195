// SPDX-License-Identifier: MIT
//! Runs one small, fixed case the given number of times: cases CASE TIMES. See count.sh.
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <crdt/awset.hpp>
#include <crdt/codec/binary.hpp>
#include <crdt/codec/forms/lattice.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/ormap.hpp>
#include <crdt/pncounter.hpp>
#include <crdt/random.hpp>
#include <crdt/resettable_counter.hpp>
#include <crdt/system/decimal.hpp>
#include <crdt/text.hpp>

namespace {

using U64 = std::uint64_t;

template <class Counter>
Counter counter_of(std::size_t size, std::int64_t amount, U64 seed = 1) {
    crdt::Random random(seed);
    Counter counter;
    for (std::size_t i = 0; i < size; ++i) {
        if constexpr (std::is_same_v<typename Counter::id_type, U64>)
            counter.add(random.next(), amount);
        else
            counter.add("a replica of number " + std::to_string(random.next()), amount);
    }
    return counter;
}

/// Keeps what nobody looks at.
volatile U64 sink = 0;
void use(U64 value) { sink = sink + value; }

/// Two states. Each in turn becomes larger than the other.
template <class Counter>
void merges(std::size_t size, long times) {
    Counter a = counter_of<Counter>(size, 1);
    const Counter b = counter_of<Counter>(size, 2);
    for (long i = 0; i < times; ++i) use(a.merge(b) ? 1 : 0);
}
template <class Set>
void set_deltas(Set set, long times) {
    for (long i = 0; i < times; ++i) {
        Set delta;
        delta.insert(static_cast<U64>(i) * 37);
        use(set.merge(delta) ? 1 : 0);
    }
}

/// Elements of three replicas, in random order.
crdt::AWSet<U64, U64> set_of_256() {
    crdt::Random random(1);
    crdt::AWSet<U64, U64> set;
    for (U64 i = 0; i < 256; ++i) set.insert(1 + i % 3, random.next() >> 32U);
    return set;
}

/// A text of `size` letters in many runs, some of which are erased.
crdt::Text<> edited_text(std::size_t size) {
    crdt::Random random(1);
    crdt::Text<> text("ann", std::string(size, 'x'));
    for (std::size_t i = 0; i < size / 10; ++i) {
        text.erase(random.below(text.size()));
        text.insert("ann", random.below(text.size()), "y");
    }
    return text;
}
/// Types letters, and passes the delta of each to use_delta(delta).
void type_letters(long times, auto&& use_delta) {
    crdt::Text<> text = edited_text(1000);
    for (long i = 0; i < times; ++i)
        use_delta(text.insert("ann", 500 + static_cast<std::size_t>(i), "z"));
}

int run(const std::string& name, long times) {
    using Counter = crdt::GCounter<U64>;
    if (name == "increment") {
        Counter counter = counter_of<Counter>(256, 1);
        for (long i = 0; i < times; ++i) use(counter.add(U64{7}, 1).is_bottom() ? 1 : 0);
    } else if (name == "read-256") {
        const Counter counter = counter_of<Counter>(256, 1);
        for (long i = 0; i < times; ++i) use(counter.value());
    } else if (name == "merge-3") {
        merges<Counter>(3, times);
    } else if (name == "merge-256") {
        merges<Counter>(256, times);
    } else if (name == "merge-names-256") {
        merges<crdt::GCounter<>>(256, times);
    } else if (name == "merge-pn-256") {
        merges<crdt::PNCounter<U64>>(256, times);
    } else if (name == "union-3") {
        const Counter a = counter_of<Counter>(3, 1), b = counter_of<Counter>(3, 1, 2);
        for (long i = 0; i < times; ++i) {
            Counter both = a;
            use(both.merge(b) ? 1 : 0);
        }
    } else if (name == "union-256") {
        const Counter a = counter_of<Counter>(256, 1), b = counter_of<Counter>(256, 1, 2);
        for (long i = 0; i < times; ++i) {
            Counter both = a;
            use(both.merge(b) ? 1 : 0);
        }
    } else if (name == "absorb-256") {
        const Counter a = counter_of<Counter>(256, 1), b = counter_of<Counter>(256, 1, 2);
        for (long i = 0; i < times; ++i) {
            Counter both = a;
            use(both.absorb(b).is_bottom() ? 1 : 0);
        }
    } else if (name == "difference-256") {
        const Counter a = counter_of<Counter>(256, 1), b = counter_of<Counter>(256, 1, 2);
        for (long i = 0; i < times; ++i) use(difference(b, a).is_bottom() ? 1 : 0);
    } else if (name == "gset-delta-10") {
        crdt::Random random(1);
        crdt::GSet<U64> set, known;
        for (U64 i = 0; i < 100'000; ++i) set.insert(i * 37);
        for (int i = 0; i < 10; ++i) known.insert(random.below(100'000) * 37);
        for (long i = 0; i < times; ++i) use(set.merge(known) ? 1 : 0);
    } else if (name == "gset-delta") {
        crdt::GSet<U64> set;
        for (U64 i = 0; i < 100'000; ++i) set.insert(i * 37);
        set_deltas(std::move(set), times);
    } else if (name == "awset-add") {
        crdt::AWSet<U64, U64> set;
        for (long i = 0; i < times; ++i)
            use(set.insert(1, static_cast<U64>(i)).is_bottom() ? 1 : 0);
    } else if (name == "awset-remove") {
        crdt::AWSet<U64, U64> set;
        for (U64 i = 0; i < 10'000; ++i) set.insert(1, i);
        for (long i = 0; i < times; ++i)
            use(set.erase(static_cast<U64>(i) * 7).is_bottom() ? 1 : 0);
    } else if (name == "awset-delta-10") {
        crdt::Random random(1);
        crdt::AWSet<U64, U64> set, writer;
        for (U64 i = 0; i < 10'000; ++i) set.insert(1, i << 50U);
        for (long i = 0; i < times; ++i) {
            crdt::AWSet<U64, U64> delta;
            for (int j = 0; j < 10; ++j) delta.merge(writer.insert(2, random.next()));
            use(set.merge(delta) ? 1 : 0);
        }
    } else if (name == "ormap-apply") {
        using Value = crdt::ResettableCounter<U64>;
        crdt::ORMap<std::string, Value> map;
        const auto count_up = [&](U64 key) {
            return map.update("key " + std::to_string(key),
                              [](Value& value) { return value.add(U64{1}, 1); });
        };
        for (U64 key = 0; key < 1000; ++key) count_up(key);
        for (long i = 0; i < times; ++i)
            use(count_up(static_cast<U64>(i) * 7 % 1000).is_bottom() ? 1 : 0);
    } else if (name == "encode-256") {
        const Counter counter = counter_of<Counter>(256, 1);
        for (long i = 0; i < times; ++i) use(crdt::binary::encode(counter).size());
    } else if (name == "decode-256") {
        const std::string bytes = crdt::binary::encode(counter_of<Counter>(256, 1));
        for (long i = 0; i < times; ++i) use(crdt::binary::try_decode<Counter>(bytes) ? 1 : 0);
    } else if (name == "awset-encode-256") {
        const auto set = set_of_256();
        for (long i = 0; i < times; ++i) use(crdt::binary::encode(set).size());
    } else if (name == "awset-decode-256") {
        const std::string bytes = crdt::binary::encode(set_of_256());
        using Set = crdt::AWSet<U64, U64>;
        for (long i = 0; i < times; ++i) use(crdt::binary::try_decode<Set>(bytes) ? 1 : 0);
    } else if (name == "text-type") {
        type_letters(times, [](const crdt::Text<>& delta) { use(delta.is_bottom() ? 1 : 0); });
    } else if (name == "text-erase") {
        crdt::Text<> text = edited_text(10'000);
        for (long i = 0; i < times; ++i)
            use(text.erase(5000 - static_cast<std::size_t>(i)).is_bottom() ? 1 : 0);
    } else if (name == "text-delta") {
        std::vector<std::string> deltas;
        type_letters(1000, [&](const crdt::Text<>& delta) {
            deltas.push_back(crdt::binary::encode_value(delta));
        });
        crdt::Text<> text = edited_text(1000);
        for (std::size_t i = 0; i < static_cast<std::size_t>(times); ++i)
            use(text.merge(*crdt::binary::try_decode_value<crdt::Text<>>(deltas[i])) ? 1 : 0);
    } else if (name == "text-load-1000") {
        const std::string bytes = crdt::binary::encode(edited_text(1000));
        for (long i = 0; i < times; ++i) use(crdt::binary::try_decode<crdt::Text<>>(bytes)->size());
    } else if (name == "text-encode-1000") {
        const crdt::Text<> text = edited_text(1000);
        for (long i = 0; i < times; ++i) use(crdt::binary::encode(text).size());
    } else {
        std::cerr << "no such case: " << name << '\n';
        return 2;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const auto times = argc == 3 ? crdt::system::decimal<long>(argv[2]) : std::nullopt;
    if (!times) {
        std::cerr << "cases CASE TIMES\n";
        return 2;
    }
    return run(argv[1], *times);
}
