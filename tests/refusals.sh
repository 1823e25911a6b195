#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the compiler's errors for wrong programs. Each is one error that names the missing part, the solution and the
# position:
#     refusals.sh INCLUDE_DIRECTORY COMPILER...
set -uo pipefail
include=$1
shift
status=0

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# The headers that each program includes, compiled once for each standard: prints their name.
prelude() {
    local file=$work/$standard/prelude.hpp
    if [ ! -e "$file" ]; then
        mkdir "$work/$standard"
        printf '#include <%s>\n' crdt/crdt.hpp crdt/codec/binary.hpp crdt/lattice/diagnostics.hpp >"$file"
        "${compiler[@]}" -std="$standard" -I"$include" -x c++-header "$file" -o "$file.gch" >&2
    fi
    echo "$file"
}

# refused CODE MESSAGE...: each message is an error, and there is no other.
refused() {
    local code=$1 output errors message
    shift
    output=$(printf '%s\n' "${headers[@]}" "$code" |
        "${compiler[@]}" -std="$standard" -fsyntax-only -I"$include" -include "$(prelude)" -x c++ - 2>&1 | grep -v "from $work/")
    errors=$(grep -c 'error:' <<<"$output")
    [ "$errors" -eq $# ] || { echo "$errors errors instead of $#: $code"; status=1; }
    for message in "$@"; do
        grep -qF "$message" <<<"$(grep 'error:' <<<"$output")" || { echo "not printed: $message"; status=1; }
    done
    [ "$(wc -l <<<"$output")" -le $((12 * $#)) ] || { echo "many lines: $code"; status=1; }
    grep -q '<stdin>:[0-9]' <<<"$output" || { echo "the place is not named: $code"; status=1; }
    [ $status -eq 0 ] || printf '%s\n' "$output" | head -n 40
}

compiler=("$@")
standard=c++20
headers=()
# The members of a lattice. Each test removes one of them.
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
refused "struct L { L() = default; L(const L&); L& operator=(const L&); $lattice }; crdt::MapOf<int, L> x;" \
    'not a lattice: its moves can throw; declare its move constructor and its move assignment noexcept'
refused 'crdt::ORMap<int, crdt::GCounter<>> x;' 'not a causal type'
refused 'crdt::ORMap<int, crdt::Product<crdt::Max<int>, crdt::Max<int>>> x;' 'a Product is a Record here'
refused 'crdt::Record<crdt::Field<"hits", crdt::GCounter<>>> x;' 'not a causal type'
refused 'crdt::Record<crdt::Field<"on", crdt::EWFlag<>>, crdt::Field<"on", crdt::EWFlag<>>> x;' 'two fields of a record have one name'
refused 'crdt::Record<crdt::Field<"on", crdt::EWFlag<>>> x; auto y = x.view<"off">();' 'the record has no field of this name'
refused 'crdt::Record<crdt::Field<"on", crdt::EWFlag<>>> x; auto y = x.update<"off">([](auto& on) { return on.enable("a"); });' \
    'the record has no field of this name'
refused 'crdt::GCounter<std::string, int> x;' 'counts in an unsigned type'
refused 'crdt::PNCounter<std::string, double> x;' 'counts in an unsigned type'
refused 'crdt::LexCounter<std::string, unsigned> x;' 'a LexCounter in a signed one'
refused 'crdt::GCounter<double> x;' 'floating-point numbers have no total order'
refused 'crdt::EWFlag<double> x;' 'floating-point numbers have no total order'
refused 'crdt::VersionVector<double> x;' 'floating-point numbers have no total order'
refused 'struct V { int x; bool operator==(const V&) const = default; }; crdt::MVRegister<V> x;' 'it lacks == or a crdt::Serializer'
refused 'crdt::MVRegister<long double> x;' 'more than 64 bits'
refused 'crdt::RWMap<int, crdt::GSet<int>> x;' 'belongs into a GMap'

point='struct Point { int x; auto operator<=>(const Point&) const = default; };
std::uint64_t hash_value(const Point& p) { return crdt::hash_value(p.x); }
template <> struct crdt::Serializer<Point> {
static void write(auto& out, const Point& p) { serialize(out, p.x); } static Point read(auto& in) { return {deserialize<int>(in)}; } };'
refused "$point auto bytes = crdt::binary::encode(crdt::GMap<int, crdt::GSet<Point>>());" \
    'a type in a document lacks a name'
refused "${point/static void/static constexpr auto type_name = \"a<b>\"; static void} auto bytes = crdt::binary::encode(crdt::GSet<Point>());" \
    'it is a word without < > ( ) and commas'
# refused_each MESSAGE DECLARATION...: each declaration alone is refused with that message. All are compiled together,
# which is faster, so each needs its own type.
refused_each() {
    local message=$1 messages=() declarations
    shift
    declarations=$(printf '%s\n' "$@")
    for _ in "$@"; do messages+=("$message"); done
    refused "$declarations" "${messages[@]}"
}
headers=('#include <span>' '#include <functional>' '#include <memory>' '#include <optional>' '#include <set>'
    '#include <variant>' 'template <int> struct Tag { friend auto operator<=>(const Tag&, const Tag&) = default; };')
key='friend auto operator<=>(const K&, const K&) = default; friend std::uint64_t hash_value(const K&);'

# Tries the type as a key, as a value and as the id of a replica, in each template.
places=()
for place in 'GSet<K>' 'TwoPhaseSet<K>' 'AWSet<K>' 'AWSet<int, K>' 'RWSet<K>' 'Bag<K>' 'MVRegister<K>' 'MVRegister<int, K>' \
    'LWWRegister<K>' 'LWWRegister<int, K>' 'GMap<K, crdt::GCounter<>>' 'ORMap<K, crdt::AWSet<int>>' \
    'RWMap<K, crdt::AWSet<int>>' 'MapOf<K, crdt::Max<int>>' 'WriteOnce<K>'; do
    places+=("crdt::${place/K/X<${#places[@]}>} x${#places[@]};")
done
header='template <int> struct X { X() = default; X(const X&); X& operator=(const X&);
'"${key//K/X}"' };'
headers+=("$header")
refused_each 'declare its move constructor and its move assignment noexcept' "${places[@]}"
headers[-1]='template <int N> using X = std::tuple<std::string_view, Tag<N>>;'
refused_each 'use a type that owns its value, such as std::string' "${places[@]}"
unset 'headers[-1]'

views=()
for view in 'std::string_view' 'int*' 'const char*' 'std::u16string_view' 'std::span<int>' 'std::reference_wrapper<int>' \
    'std::set<int>::iterator' 'std::string::const_iterator' 'std::shared_ptr<int>' 'int std::string::*' 'std::nullptr_t' \
    'std::pair<int, const char*>' 'std::optional<std::string_view>' 'std::vector<std::pair<int, std::string_view>>' \
    'std::array<int*, 2>'; do
    views+=("crdt::MVRegister<$view> x${#views[@]};")
done
refused_each 'use a type that owns its value, such as std::string' "${views[@]}"
refused_each 'use an integer that counts the smallest unit' 'crdt::GSet<double> x;' 'crdt::AWSet<int, float> y;' 'crdt::GMap<std::vector<double>, crdt::Max<int>> z;'
refused_each 'declare its move constructor and its move assignment noexcept' \
    "struct K { K() = default; K(K&&); K& operator=(K&&) noexcept; K(const K&); K& operator=(const K&); $key }; crdt::GSet<K> x;" \
    "struct L { L() = default; L(L&&) noexcept; L& operator=(L&&); L(const L&); L& operator=(const L&); ${key//K/L} }; crdt::GSet<L> y;"
refused "struct K { explicit K(int); $key }; crdt::GSet<K> x;" 'it lacks a default constructor or copies; give it both'
refused "struct K { int n; friend std::uint64_t hash_value(const K&); }; crdt::GSet<K> x;" 'it lacks < or ==; give it'
refused "struct K { int n; friend auto operator<=>(const K&, const K&) = default; }; crdt::GSet<K> x;" \
    'it lacks a crdt::Serializer; give it one'
refused "struct K { int n; $key }; crdt::LWWRegister<int, K> x;" 'specialise crdt::Bounds for it'
for standard in c++20 gnu++20; do
    refused_each 'would lose its upper half in hashes and bytes; use a struct of two std::uint64_t' \
        'crdt::MVRegister<__int128> x;' 'crdt::AWSet<unsigned __int128> y;' 'enum E : __int128 {}; crdt::GMap<E, crdt::GCounter<>> z;'
done
exit $status
