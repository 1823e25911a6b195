// SPDX-License-Identifier: MIT
//! Tests the law kit itself: each wrong type is rejected, with the name of the law that it breaks.
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <crdt/awset.hpp>
#include <crdt/gset.hpp>
#include <crdt/laws/check.hpp>
#include <crdt/laws/choices.hpp>
#include <crdt/laws/codec_laws.hpp>
#include <crdt/laws/history.hpp>
#include <crdt/laws/laws.hpp>
#include <crdt/laws/list.hpp>
#include <crdt/laws/report.hpp>
#include <crdt/laws/shrink.hpp>
#include <crdt/lww_register.hpp>
#include <crdt/ormap.hpp>
#include <crdt/random.hpp>
#include <crdt/to_string.hpp>

namespace check_tests {

using namespace crdt;

namespace {

using Slots = MapOf<int, Max<unsigned>>;

/// A correct counter. Each type below differs from it in one respect.
template <class Self>
struct Twin {
    Slots slots;

    bool merge(const Self& other) { return slots.merge(other.slots); }
    Self absorb(const Self& other) { return of(slots.absorb(other.slots)); }
    bool leq(const Self& other) const { return slots.leq(other.slots); }
    bool is_bottom() const { return slots.is_bottom(); }
    Self add(int id, unsigned amount) {
        return of(slots.update(
            id, [&](Max<unsigned>& slot) { return slot.advance(slot.value() + amount); }));
    }

    static Self of(Slots slots) {
        Self self;
        self.slots = std::move(slots);
        return self;
    }
    friend bool operator==(const Self& a, const Self& b) { return a.slots == b.slots; }

    // These functions take a Twin, so that overload resolution prefers a type's own version.
    friend std::uint64_t hash_value(const Twin& a) { return hash_value(a.slots); }
    friend std::size_t part_count(const Twin& a) { return part_count(a.slots); }
    friend Self digest(const Twin& a) { return of(a.slots); }
    friend Self difference(const Twin& a, const Twin& b) {
        return of(difference(a.slots, b.slots));
    }
    friend void decompose(const Twin& a, auto&& visit) {
        decompose(a.slots, [&](const Slots& part) { visit(of(part)); });
    }
    friend std::string to_string(const Self& a) { return crdt::to_string(a.slots); }
};

struct Right : Twin<Right> {};

struct SumsOnMerge : Twin<SumsOnMerge> {
    bool merge(const SumsOnMerge& other) {
        bool grew = false;
        for (const auto& [id, slot] : Slots(other.slots)) {
            grew |= !add(id, slot.value()).is_bottom();
        }
        return grew;
    }
};

struct LosesASlot : Twin<LosesASlot> {
    bool merge(const LosesASlot& other) {
        Slots kept;
        for (const auto& [id, slot] : other.slots) {
            if (id != 2) kept.merge(Slots{{id, slot}});
        }
        return slots.merge(kept);
    }
};

struct DifferenceNotMinimal : Twin<DifferenceNotMinimal> {
    friend DifferenceNotMinimal difference(const DifferenceNotMinimal& a,
                                           const DifferenceNotMinimal& b) {
        return a.leq(b) ? DifferenceNotMinimal{} : a;
    }
};

struct DifferenceTooSmall : Twin<DifferenceTooSmall> {
    friend DifferenceTooSmall difference(const DifferenceTooSmall& a, const DifferenceTooSmall& b) {
        Slots result;
        for (const auto& [id, slot] : difference(a.slots, b.slots)) {
            if (result.is_bottom()) result.merge(Slots{{id, slot}});
        }
        return of(result);
    }
};

struct RedundantPart : Twin<RedundantPart> {
    friend void decompose(const RedundantPart& a, auto&& visit) {
        decompose(a.slots, [&](const Slots& part) { visit(of(part)); });
        if (a.slots.contains(0)) visit(of(Slots{{0, Max<unsigned>(1U)}}));
    }
};

struct ReduciblePart : Twin<ReduciblePart> {
    friend void decompose(const ReduciblePart& a, auto&& visit) {
        if (!a.is_bottom()) visit(a);
    }
};

struct ChangesThenThrows : Twin<ChangesThenThrows> {
    ChangesThenThrows add(int id, unsigned amount) {
        const auto delta = Twin::add(id, amount);
        if (slots.at(id).value() > 3) throw std::overflow_error("too much, too late");
        return delta;
    }
};

struct DeltaIsTheState : Twin<DeltaIsTheState> {
    DeltaIsTheState add(int id, unsigned amount) {
        Twin::add(id, amount);
        return *this;
    }
};

struct DeltaForgotten : Twin<DeltaForgotten> {
    DeltaForgotten add(int id, unsigned amount) {
        Twin::add(id, amount);
        return {};
    }
};

struct MutatorShrinks : Twin<MutatorShrinks> {
    MutatorShrinks add(int id, unsigned amount) {
        if (amount == 3) slots = {};
        return Twin::add(id, amount);
    }
};

struct SaysItGrew : Twin<SaysItGrew> {
    bool merge(const SaysItGrew& other) {
        slots.merge(other.slots);
        return true;
    }
};

struct AbsorbReturnsAll : Twin<AbsorbReturnsAll> {
    AbsorbReturnsAll absorb(const AbsorbReturnsAll& other) {
        slots.merge(other.slots);
        return other;
    }
};

struct LeqBySize : Twin<LeqBySize> {
    bool leq(const LeqBySize& other) const { return slots.size() <= other.slots.size(); }
};

struct DigestLies : Twin<DigestLies> {
    friend DigestLies digest(const DigestLies& a) {
        DigestLies result = a;
        result.slots.merge(Slots{{0, Max<unsigned>(9U)}});
        return result;
    }
};

struct MergesTheMean : Twin<MergesTheMean> {
    bool merge(const MergesTheMean& other) {
        Slots result = slots;
        result.merge(other.slots);
        if (slots.contains(0) && other.slots.contains(0)) {
            const unsigned sum = slots.at(0).value() + other.slots.at(0).value();
            Slots mean{{0, Max<unsigned>((sum + 1) / 2)}};
            for (const auto& [id, slot] : result) {
                if (id != 0) mean.merge(Slots{{id, slot}});
            }
            result = mean;
        }
        return !(std::exchange(slots, result) == slots);
    }
};

struct FullIsBottom : Twin<FullIsBottom> {
    bool is_bottom() const { return slots.is_bottom() || slots.size() == 3; }
};

struct AllAreLeq : Twin<AllAreLeq> {
    bool leq(const AllAreLeq&) const { return true; }
};

struct LeqIsStrict : Twin<LeqIsStrict> {
    bool leq(const LeqIsStrict& other) const {
        return slots.leq(other.slots) && !(slots == other.slots);
    }
};

struct HashOfTheHistory : Twin<HashOfTheHistory> {
    std::uint64_t merges = 0;
    bool merge(const HashOfTheHistory& other) {
        merges += 1 + other.slots.size();
        return slots.merge(other.slots);
    }
    friend std::uint64_t hash_value(const HashOfTheHistory& a) {
        return hash_combine(a.merges, hash_value(a.slots));
    }
};

struct RangesOfTheHistory : Twin<RangesOfTheHistory> {
    std::uint64_t merges = 0;
    bool merge(const RangesOfTheHistory& other) {
        merges += 1 + other.slots.size();
        return slots.merge(other.slots);
    }
    friend void decompose_by_ranges(const RangesOfTheHistory& a, auto&& visit) {
        if (a.merges % 2 == 0)
            decompose(a, visit);
        else if (!a.is_bottom())
            visit(a);
    }
};

struct PartMissing : Twin<PartMissing> {
    friend void decompose(const PartMissing& a, auto&& visit) {
        decompose(a.slots, [&](const Slots& part) {
            if (!part.contains(2)) visit(of(part));
        });
    }
};

struct CompactsInOrder : Twin<CompactsInOrder> {
    bool in_order = true;
    bool merge(const CompactsInOrder& other) {
        in_order = in_order && other.in_order &&
                   (slots.is_bottom() || other.slots.is_bottom() ||
                    slots.begin()->first <= other.slots.begin()->first);
        return slots.merge(other.slots);
    }
    friend std::uint64_t hash_value(const CompactsInOrder& a) {
        return hash_combine(a.in_order ? 1 : 2, hash_value(a.slots));
    }
};

struct Miscounts : Twin<Miscounts> {
    friend std::size_t part_count(const Miscounts& a) { return a.slots.size() / 2; }
};

struct BottomHasAPart : Twin<BottomHasAPart> {
    friend void decompose(const BottomHasAPart& a, auto&& visit) {
        if (a.is_bottom()) visit(a);
        decompose(a.slots, [&](const Slots& part) { visit(of(part)); });
    }
};

struct DiffersFromItself : Twin<DiffersFromItself> {
    friend DiffersFromItself difference(const DiffersFromItself& a, const DiffersFromItself& b) {
        return a == b ? a : of(difference(a.slots, b.slots));
    }
};

struct AbsorbForgets : Twin<AbsorbForgets> {
    AbsorbForgets absorb(const AbsorbForgets& other) { return of(difference(other.slots, slots)); }
};

struct LastWriteWins : Twin<LastWriteWins> {
    bool merge(const LastWriteWins& other) {
        Slots result = other.slots;
        for (const auto& [id, slot] : slots) {
            if (!other.slots.contains(id)) result.merge(Slots{{id, slot}});
        }
        return !(std::exchange(slots, result) == slots);
    }
};

struct PartsReplace : Twin<PartsReplace> {
    bool merge(const PartsReplace& other) {
        if (other.slots.size() == 1 && other.slots.contains(2))
            return !(std::exchange(slots, other.slots) == slots);
        return slots.merge(other.slots);
    }
};

struct ThrowsWhenFull : Twin<ThrowsWhenFull> {
    bool leq(const ThrowsWhenFull& other) const {
        if (slots.size() == 3) throw std::runtime_error("too large to compare");
        return slots.leq(other.slots);
    }
};

struct SymmetricHash : Twin<SymmetricHash> {
    friend std::uint64_t hash_value(const SymmetricHash& a) {
        std::uint64_t hash = 0;
        for (const auto& [id, slot] : a.slots)
            hash ^= hash_value(id) ^ hash_value(static_cast<int>(slot.value()));
        return hash;
    }
};

struct AlwaysInConflict : Twin<AlwaysInConflict> {
    friend bool conflicts(const AlwaysInConflict&, const AlwaysInConflict&) { return true; }
};

/// A type that reports a conflict with all writes of other replicas.
struct InConflictWithOthers : Twin<InConflictWithOthers> {
    friend bool conflicts(const InConflictWithOthers& a, const InConflictWithOthers& b) {
        return a.slots.contains(0) && !a.slots.contains(1) && b.slots.contains(1) &&
               !b.slots.contains(0);
    }
};

/// A table that keeps only the best scores in a merge. It is correct while it is small.
struct HighScores : Twin<HighScores> {
    inline static std::size_t most = 10;

    bool merge(const HighScores& other) {
        Slots all = slots;
        all.merge(other.slots);
        std::vector<std::pair<unsigned, int>> best;
        for (const auto& [player, score] : all) best.emplace_back(score.value(), player);
        std::sort(best.rbegin(), best.rend());
        if (best.size() > most) best.resize(most);
        Slots kept;
        for (const auto& [score, player] : best) kept.merge(Slots{{player, Max<unsigned>(score)}});
        return !(std::exchange(slots, kept) == slots);
    }
};

struct MergesWhileSmall : Twin<MergesWhileSmall> {
    inline static std::size_t most = 40;

    bool merge(const MergesWhileSmall& other) {
        return slots.size() <= most && slots.merge(other.slots);
    }
};

/// A type with a form that keeps only two digits of each number.
struct LosesDigits : Twin<LosesDigits> {};

/// A type with bytes that depend on the number of its merges.
struct BytesOfTheHistory : Twin<BytesOfTheHistory> {
    std::uint64_t merges = 0;
    bool merge(const BytesOfTheHistory& other) {
        merges += 1 + other.slots.size();
        return slots.merge(other.slots);
    }
};

/// A type that writes an additional byte in every other call.
struct WritesInTurns : Twin<WritesInTurns> {};

/// A type that writes a zero first, and accepts any byte there.
struct ReadsAnyMark : Twin<ReadsAnyMark> {};

/// A type that writes a byte and does not read it.
struct WritesMore : Twin<WritesMore> {};

}  // namespace

}  // namespace check_tests

template <>
struct crdt::Serializer<check_tests::LosesDigits> {
    static unsigned rounded(unsigned number) {
        unsigned unit = 1;
        while (number / unit >= 100) unit *= 10;
        return number / unit * unit;
    }
    static void write(auto& out, const check_tests::LosesDigits& state) {
        check_tests::Slots slots;
        for (const auto& [id, slot] : state.slots)
            slots.merge(check_tests::Slots{{id, Max<unsigned>(rounded(slot.value()))}});
        serialize(out, slots);
    }
    static check_tests::LosesDigits read(auto& in) {
        return check_tests::LosesDigits::of(deserialize<check_tests::Slots>(in));
    }
};

template <>
struct crdt::Serializer<check_tests::BytesOfTheHistory> {
    static void write(auto& out, const check_tests::BytesOfTheHistory& state) {
        serialize_tuple(out, state.merges, state.slots);
    }
    static check_tests::BytesOfTheHistory read(auto& in) {
        auto [merges, slots] = deserialize_tuple<std::uint64_t, check_tests::Slots>(in);
        check_tests::BytesOfTheHistory state = check_tests::BytesOfTheHistory::of(std::move(slots));
        state.merges = merges;
        return state;
    }
};

template <>
struct crdt::Serializer<check_tests::WritesInTurns> {
    static void write(auto& out, const check_tests::WritesInTurns& state) {
        static std::uint64_t turn = 0;
        serialize_tuple(out, ++turn % 2 == 0 ? std::uint64_t{1000} : turn % 2, state.slots);
    }
    static check_tests::WritesInTurns read(auto& in) {
        auto [turn, slots] = deserialize_tuple<std::uint64_t, check_tests::Slots>(in);
        return check_tests::WritesInTurns::of(std::move(slots));
    }
};

template <>
struct crdt::Serializer<check_tests::ReadsAnyMark> {
    static void write(auto& out, const check_tests::ReadsAnyMark& state) {
        serialize_tuple(out, std::uint64_t{0}, state.slots);
    }
    static check_tests::ReadsAnyMark read(auto& in) {
        auto [mark, slots] = deserialize_tuple<std::uint64_t, check_tests::Slots>(in);
        return check_tests::ReadsAnyMark::of(std::move(slots));
    }
};

template <>
struct crdt::Serializer<check_tests::WritesMore> {
    static void write(auto& out, const check_tests::WritesMore& state) {
        serialize_tuple(out, state.slots, true);
    }
    static check_tests::WritesMore read(auto& in) {
        return check_tests::WritesMore::of(deserialize<check_tests::Slots>(in));
    }
};

namespace check_tests {

namespace {

/// A change at each replica, with three slots and small amounts.
constexpr auto add_a_little = [](auto& counter, std::size_t replica, laws::Choices& choices) {
    return counter.add(static_cast<int>(replica), static_cast<unsigned>(choices.below(4)));
};
/// Of many slots.
constexpr auto add_anywhere = [](auto& counter, std::size_t, laws::Choices& choices) {
    const auto slot = static_cast<int>(choices.below(10'000));
    return counter.add(slot, static_cast<unsigned>(1 + choices.below(1'000)));
};

template <class L>
laws::Report check_twin(auto mutate) {
    return laws::check<L>(mutate);
}
template <class L>
laws::Report check_twin() {
    return check_twin<L>(add_a_little);
}

/// The broken laws that the kit has found.
std::set<std::string_view> bitten;

template <class L>
void expect_violation(const char* law, auto mutate) {
    const laws::Report report = check_twin<L>(mutate);
    CHECK_MESSAGE(report.violates(law), law, " was not found violated; ", report.text());
    for (const laws::Violation& violation : report.violations) {
        CHECK_FALSE(violation.counterexample.empty());
        CHECK_MESSAGE(laws::find_law(violation.law) != nullptr, violation.law, " is not listed");
    }
    bitten.insert(law);
}
template <class L>
void expect_violation(const char* law) {
    expect_violation<L>(law, add_a_little);
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("the law kit accepts the right type") {
    const laws::Report report = check_twin<Right>();
    CHECK_MESSAGE(report.ok(), report.text());
}

TEST_CASE("the law kit rejects each wrong type, and names the law that it breaks") {
    expect_violation<SumsOnMerge>("merge is idempotent");
    expect_violation<LosesASlot>("merge is commutative");
    expect_violation<LosesASlot>("bottom is the identity of merge");
    expect_violation<DifferenceNotMinimal>("a difference is minimal");
    expect_violation<DifferenceTooSmall>("difference(a, b) joined with b is a joined with b");
    expect_violation<RedundantPart>("no part is redundant");
    expect_violation<ReduciblePart>("every part is irreducible");
    expect_violation<ChangesThenThrows>("a failed mutator changes nothing");
    expect_violation<DeltaIsTheState>("a delta is optimal");
    expect_violation<DeltaForgotten>("a delta makes the change");
    expect_violation<MutatorShrinks>("a mutator inflates");
    expect_violation<SaysItGrew>("merge returns whether the state grew");
    expect_violation<AbsorbReturnsAll>("absorb returns the difference");
    expect_violation<LeqBySize>("a.leq(b) iff a joined with b is b");
    expect_violation<DigestLies>("difference(a, digest(b)) is difference(a, b)");
    expect_violation<MergesTheMean>("merge is associative");
    expect_violation<FullIsBottom>("is_bottom is true exactly for bottom");
    expect_violation<AllAreLeq>("leq is reflexive and antisymmetric");
    expect_violation<LeqIsStrict>("a join is an upper bound");
    expect_violation<HashOfTheHistory>("equal states have equal hashes");
    expect_violation<RangesOfTheHistory>("equal states have equal ranges");
    expect_violation<PartMissing>("the parts join to the state");
    expect_violation<CompactsInOrder>("the parts join to the same state in any order");
    expect_violation<Miscounts>("part_count counts the parts");
    expect_violation<BottomHasAPart>("bottom has no parts");
    expect_violation<DiffersFromItself>("difference(a, a) is bottom");
    expect_violation<AbsorbForgets>("absorb joins as merge does");
    expect_violation<LastWriteWins>("deltas join in any order, number and grouping");
    expect_violation<PartsReplace>("any parts of a state are a safe delta");
    expect_violation<ThrowsWhenFull>("lattice operations do not throw");
    expect_violation<DigestLies>("digests are ordered as their states are");
    expect_violation<SymmetricHash>("unequal states have unequal hashes");
    expect_violation<AlwaysInConflict>("no state is in conflict with itself or with bottom");
    expect_violation<AlwaysInConflict>("states of one history are not in conflict");
    expect_violation<InConflictWithOthers>("conflicts is symmetric");
    expect_violation<InConflictWithOthers>("states of one history are not in conflict");
    expect_violation<LosesDigits>("binary: decode(encode(x)) is x", add_anywhere);
    expect_violation<BytesOfTheHistory>("binary: equal values have equal bytes");
    expect_violation<WritesInTurns>("binary: size(x) is the number of bytes of x");
    expect_violation<ReadsAnyMark>("binary: a value has one form");
    expect_violation<WritesMore>("binary: truncated bytes are refused");

    for (const laws::Law& law : laws::all_laws)
        CHECK_MESSAGE(bitten.contains(law.name), law.name, " is broken by no type");
}

TEST_CASE("long histories find errors that only large states have") {
    for (const std::size_t most : {1U, 2U, 10U, 40U, 100U}) {
        CAPTURE(most);
        HighScores::most = MergesWhileSmall::most = most;
        const laws::Report scores = check_twin<HighScores>(add_anywhere);
        CHECK(scores.violates("a join is an upper bound"));
        CHECK(scores.violations.front().diverges());
        const laws::Report merges = check_twin<MergesWhileSmall>(add_anywhere);
        CHECK(merges.violates("merge is commutative"));
        CHECK(merges.violations.front().diverges());
    }
}

TEST_CASE("a report contains the number of parts of the largest checked state") {
    HighScores::most = MergesWhileSmall::most = 100'000;
    for (const laws::Report& report :
         {check_twin<HighScores>(add_anywhere), check_twin<MergesWhileSmall>(add_anywhere)}) {
        CHECK_MESSAGE(report.ok(), report.text());
        CHECK(report.most_parts > 200);
        CHECK(report.most_parts < 1'000);
        const std::string parts = "reached at most " + std::to_string(report.most_parts) + " parts";
        CHECK(report.text().find(parts) != std::string::npos);
    }
    CHECK(check_twin<Right>().most_parts == 3);
}

TEST_CASE("a violation has the value found, the value expected and the effect on replicas") {
    const laws::Report twice = check_twin<SumsOnMerge>();
    CHECK_MESSAGE(twice.text().find("violated: merge is idempotent (replicas can diverge)\n"
                                    "  got {0: 2}, expected {0: 1}\n") != std::string::npos,
                  twice.text());
    const laws::Report large = check_twin<DeltaIsTheState>();
    REQUIRE(large.violates("a delta is optimal"));
    for (const laws::Violation& violation : large.violations)
        CHECK_MESSAGE(!violation.diverges(), violation.law);
    CHECK_MESSAGE(
        large.text().find("(replicas converge, but send or keep too much)") != std::string::npos,
        large.text());
    const laws::Report thrown = check_twin<ThrowsWhenFull>();
    CHECK(thrown.text().find("got the exception \"too large to compare\"") != std::string::npos);
}

TEST_CASE("a type without a serializer is not reported to have a codec") {
    CHECK_FALSE(check_twin<Right>().has_form);
    CHECK(check_twin<Right>().text().find("no codec was checked") != std::string::npos);
    CHECK(check_twin<ReadsAnyMark>().has_form);
}

TEST_CASE("the page of laws has each law and the effect of breaking it") {
    std::string table = "| law | if a type breaks it | effect |\n|---|---|---|\n";
    for (const laws::Law& law : laws::all_laws) {
        table += "| " + std::string(law.name) + " | " + std::string(law.without) + " | " +
                 std::string(laws::text_of(law.consequence)) + " |\n";
    }
    const std::string path = PROJECT_ROOT "/docs/reference/laws.md";
    const std::string page = text_of(path);
    const std::size_t begin = page.find("| law |");
    REQUIRE(begin != std::string::npos);
    const std::size_t end = page.find("\n\n", begin) + 1;
    if (std::getenv("CRDT_UPDATE_DOCS") != nullptr)
        std::ofstream(path) << page.substr(0, begin) + table + page.substr(end);
    CHECK(text_of(path).substr(begin, table.size()) == table);
}

namespace {

/// A key with only the required members. It has no to_string() and no Serializer.
struct Place {
    int x = 0, y = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
    friend std::uint64_t hash_value(const Place& place) {
        return hash_combine(hash_value(place.x), hash_value(place.y));
    }
    static Place some(laws::Choices& choices) {
        return {static_cast<int>(choices.below(3)), static_cast<int>(choices.below(3))};
    }
};

}  // namespace

TEST_CASE("keys and values need neither a to_string() nor a Serializer") {
    const auto expect_lawful = [](const laws::Report& report) {
        CHECK_MESSAGE(report.ok(), report.text());
        CHECK_FALSE(report.has_form);
    };
    expect_lawful(laws::check<GSet<Place>>([](auto& set, std::size_t, laws::Choices& choices) {
        return set.insert(Place::some(choices));
    }));
    using Places = AWSet<Place, Place>;
    const auto add = [](Places& set, std::size_t replica, laws::Choices& choices) {
        return set.insert(Place{static_cast<int>(replica), 0}, Place::some(choices));
    };
    expect_lawful(laws::check<Places>(add));
    using Nested = ORMap<Place, Places>;
    expect_lawful(
        laws::check<Nested>([&](Nested& map, std::size_t replica, laws::Choices& choices) {
            return map.update(Place::some(choices),
                              [&](Places& set) { return add(set, replica, choices); });
        }));
    using Register = LWWRegister<Place, int>;
    expect_lawful(
        laws::check<Register>([](Register& place, std::size_t replica, laws::Choices& choices) {
            const HybridTime later{place.stamp().time.wall + 1, 0};
            return place.assign({later, static_cast<int>(replica)}, Place::some(choices));
        }));

    GSet<Place> set;
    set.insert({1, 2});
    CHECK(to_string(set) ==
          "{<8 bytes, hash " + std::to_string(hash_value(Place{1, 2})) + ">: true}");
}

TEST_CASE("a type that breaks one law keeps the others") {
    const laws::Report report = check_twin<ChangesThenThrows>();
    CHECK(report.violations.size() == 1);
    CHECK_FALSE(check_twin<DifferenceNotMinimal>().violates("merge is idempotent"));
}

TEST_CASE("a counterexample is shrunk, and its seed is reported") {
    laws::Options options;
    options.seed = 42;
    options.small_states = 0;
    const auto report = laws::check<ChangesThenThrows>(
        [](auto& counter, std::size_t replica, laws::Choices& choices) {
            return counter.add(static_cast<int>(replica),
                               static_cast<unsigned>(choices.below(100)));
        },
        options);
    REQUIRE(report.violations.size() == 1);
    const std::string& text = report.violations.front().counterexample;
    // One step is enough to break the law, so only this step may be left.
    CHECK_MESSAGE(std::count(text.begin(), text.end(), '\n') == 4, text);
    CHECK(report.text().find("seed 42") != std::string::npos);
}

TEST_CASE("the same seed gives the same report") {
    CHECK(check_twin<SumsOnMerge>().text() == check_twin<SumsOnMerge>().text());
}

TEST_CASE("enumeration visits every decision once") {
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
    std::vector<std::uint64_t> decisions;
    int runs = 0;
    do {
        laws::Choices choices(decisions);
        const auto first = choices.below(3);
        const auto second = first == 1 ? choices.below(2) : 0;
        seen.emplace(first, second);
        ++runs;
        decisions = choices.successor(10);
    } while (!decisions.empty());
    CHECK(runs == 4);
    CHECK(seen.size() == 4);
}

}  // namespace check_tests
