#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the compiler says of misuse: one error that names what is missing, and the place.
# refusals.sh INCLUDE_DIRECTORY COMPILER...
set -uo pipefail
include=$1
shift
status=0

# refused CODE MESSAGE...: each message is an error, and there is no other.
refused() {
    local code=$1 said errors message
    shift
    said=$(printf '#include <crdt/crdt.hpp>\n#include <crdt/codec/binary.hpp>\n#include <crdt/lattice/explain.hpp>\n%s\n' "$code" |
        "${compiler[@]}" -std=c++20 -fsyntax-only -I"$include" -x c++ - 2>&1)
    errors=$(grep -c 'error:' <<<"$said")
    [ "$errors" -eq $# ] || { echo "$errors errors instead of $#: $code"; status=1; }
    for message in "$@"; do
        grep -qF "$message" <<<"$(grep 'error:' <<<"$said")" || { echo "not said: $message"; status=1; }
    done
    grep -q '<stdin>:[0-9]' <<<"$said" || { echo "the place is not named: $code"; status=1; }
    [ $status -eq 0 ] || printf '%s\n' "$said" | head -n 40
}

compiler=("$@")
# All but what the struct lacks.
lattice='bool merge(const L&); L absorb(const L&); bool leq(const L&) const; bool is_bottom() const;
friend bool operator==(const L&, const L&) = default; friend std::uint64_t hash_value(const L&);
friend L difference(const L&, const L&); friend L digest(const L&); friend std::size_t part_count(const L&);
friend void decompose(const L&, auto&&);'

refused "struct L { ${lattice/L absorb(const L&);/} }; crdt::MapOf<int, L> x;" \
    'not a lattice: it lacks L absorb(const L&)'
refused "struct L { ${lattice/friend std::uint64_t hash_value(const L&);/} }; crdt::GMap<int, L> x;" \
    'not a lattice: it lacks std::uint64_t hash_value(const L&)'
refused "struct L { ${lattice/friend std::size_t part_count(const L&);/} }; crdt::MapOf<int, L> x;" \
    'not a lattice: it lacks std::size_t part_count(const L&)'
refused 'crdt::GMap<int*, crdt::GCounter<>> x;' 'not a key: it lacks <, =='
refused 'crdt::ORMap<int, crdt::GCounter<>> x;' 'not a causal type'
refused 'crdt::RWMap<int, crdt::GSet<int>> x;' 'belongs into a GMap'

point='struct Point { int x; auto operator<=>(const Point&) const = default; };
std::uint64_t hash_value(const Point& p) { return crdt::hash_value(p.x); }
template <> struct crdt::Form<Point> {
static void write(auto& out, const Point& p) { write_form(out, p.x); } static Point read(auto& in) { return {read_form<int>(in)}; } };'
refused "$point auto bytes = crdt::binary::encode(crdt::GMap<int, crdt::GSet<Point>>());" \
    'a type in a document lacks a name'
refused "${point/static void/static constexpr auto type_name = \"a<b>\"; static void} auto bytes = crdt::binary::encode(crdt::GSet<Point>());" \
    'a type_name is a word without < > ( ) and commas'
exit $status
