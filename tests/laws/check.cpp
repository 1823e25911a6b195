// SPDX-License-Identifier: MIT
//! The law kit must bite: each wrong twin is rejected, by the name of the law that it breaks.
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/detail/random.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/laws/check.hpp>
#include <crdt/laws/choices.hpp>
#include <crdt/laws/history.hpp>
#include <crdt/laws/laws.hpp>
#include <crdt/show.hpp>

using namespace crdt;

namespace {

using Slots = MapOf<int, Max<unsigned>>;

/// A counter that is right, from which the twins below differ in one thing each.
template <class Self>
struct Twin {
    Slots slots;

    bool merge(const Self& other) { return slots.merge(other.slots); }
    Self absorb(const Self& other) { return of(slots.absorb(other.slots)); }
    bool leq(const Self& other) const { return slots.leq(other.slots); }
    bool is_bottom() const { return slots.is_bottom(); }
    Self add(int id, unsigned amount) {
        return of(slots.apply(
            id, [&](Max<unsigned>& slot) { return slot.advance(slot.value() + amount); }));
    }

    static Self of(Slots slots) {
        Self self;
        self.slots = std::move(slots);
        return self;
    }
    friend bool operator==(const Self& a, const Self& b) { return a.slots == b.slots; }

    // On Twins, so that a twin's own version for itself is the better match.
    friend std::uint64_t hash_value(const Twin& a) { return hash_value(a.slots); }
    friend std::size_t part_count(const Twin& a) { return part_count(a.slots); }
    friend Self digest(const Twin& a) { return of(a.slots); }
    friend Self difference(const Twin& a, const Twin& b) {
        return of(difference(a.slots, b.slots));
    }
    friend void decompose(const Twin& a, auto&& visit) {
        decompose(a.slots, [&](const Slots& part) { visit(of(part)); });
    }
    friend std::string show(const Self& a) { return crdt::show(a.slots); }
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

template <class L>
laws::Report check_twin() {
    return laws::check<L>([](L& counter, std::size_t replica, laws::Choices& choices) {
        return counter.add(static_cast<int>(replica), static_cast<unsigned>(choices.below(4)));
    });
}

template <class L>
void expect_violation(const char* law) {
    const laws::Report report = check_twin<L>();
    CHECK_MESSAGE(report.violates(law), law, " was not found violated; ", report.text());
    for (const laws::Violation& violation : report.violations) {
        CHECK_FALSE(violation.counterexample.empty());
    }
}

}  // namespace

TEST_CASE("the law kit accepts the right twin") {
    const laws::Report report = check_twin<Right>();
    CHECK_MESSAGE(report.ok(), report.text());
}

TEST_CASE("the law kit rejects each wrong twin by the law it breaks") {
    expect_violation<SumsOnMerge>("merge is idempotent");
    expect_violation<LosesASlot>("merge is commutative");
    expect_violation<LosesASlot>("bottom is the identity of merge");
    expect_violation<DifferenceNotMinimal>("a difference is the least");
    expect_violation<DifferenceTooSmall>("a difference makes up for what is lacking");
    expect_violation<RedundantPart>("no part is redundant");
    expect_violation<ReduciblePart>("every part is irreducible");
    expect_violation<ChangesThenThrows>("a failed mutator changes nothing");
    expect_violation<DeltaIsTheState>("a delta is optimal");
    expect_violation<DeltaForgotten>("a delta makes the change");
    expect_violation<MutatorShrinks>("a mutator inflates");
    expect_violation<SaysItGrew>("merge returns whether the state grew");
    expect_violation<AbsorbReturnsAll>("absorb returns the difference");
    expect_violation<LeqBySize>("a.leq(b) iff a joined with b is b");
    expect_violation<DigestLies>("a difference by digest is the difference");
    expect_violation<MergesTheMean>("merge is associative");
    expect_violation<FullIsBottom>("only the bottom is_bottom");
    expect_violation<AllAreLeq>("leq is reflexive and antisymmetric");
    expect_violation<LeqIsStrict>("a join is an upper bound");
    expect_violation<HashOfTheHistory>("equal states have equal hashes");
    expect_violation<PartMissing>("the parts join to the state");
    expect_violation<CompactsInOrder>("however its parts come, a state is as compact");
    expect_violation<Miscounts>("part_count counts the parts");
    expect_violation<BottomHasAPart>("bottom has no parts");
    expect_violation<DiffersFromItself>("nothing differs from itself");
    expect_violation<AbsorbForgets>("absorb joins as merge does");
    expect_violation<LastWriteWins>("deltas join in any order, number and grouping");
    expect_violation<PartsReplace>("any parts of a state are a safe delta");
    expect_violation<ThrowsWhenFull>("lattice operations do not throw");
}

TEST_CASE("a twin that is wrong in one thing is right in the others") {
    const laws::Report report = check_twin<ChangesThenThrows>();
    CHECK(report.violations.size() == 1);
    CHECK_FALSE(check_twin<DifferenceNotMinimal>().violates("merge is idempotent"));
}

TEST_CASE("a counterexample is shrunk, and its seed is told") {
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
    const std::string& shown = report.violations.front().counterexample;
    // One step is enough to show it: nothing but that step may be left.
    CHECK_MESSAGE(std::count(shown.begin(), shown.end(), '\n') == 4, shown);
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
