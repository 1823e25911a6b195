// SPDX-License-Identifier: MIT
//! The joins of the state and its bytes.
#include <string>

#include <crdt/codec/binary/reader.hpp>
#include <crdt/codec/binary/writer.hpp>
#include <crdt/codec/forms/causal.hpp>
#include <crdt/codec/keyed_hash.hpp>

#include "counters.hpp"

namespace counterd {

Counters::Counters() = default;
Counters::Counters(const Counters&) = default;
Counters::Counters(Counters&&) noexcept = default;
Counters& Counters::operator=(const Counters&) = default;
Counters& Counters::operator=(Counters&&) noexcept = default;
Counters::~Counters() = default;

bool Counters::merge(const Counters& other) { return Composed::merge(other); }
Counters Counters::absorb(const Counters& other) { return Composed::absorb(other); }
bool Counters::leq(const Counters& other) const { return Composed::leq(other); }

}  // namespace counterd

namespace crdt {

using counterd::Counters;

void Serializer<Counters>::write(auto& out, const Counters& state) {
    serialize(out, state.lattice());
}
Counters Serializer<Counters>::read(auto& in) {
    return Counters::from_lattice(deserialize<Counters::lattice_type>(in));
}

template void Serializer<Counters>::write(binary::Writer<>&, const Counters&);
template void Serializer<Counters>::write(binary::Writer<binary::ByteCount>&, const Counters&);
template void Serializer<Counters>::write(detail::HashWriter&, const Counters&);
template Counters Serializer<Counters>::read(binary::Reader&);

}  // namespace crdt

template class crdt::ColumnMap<std::string, counterd::Plain::lattice_type::store_type>;
template class crdt::ColumnMap<std::string, counterd::Bounded>;
template class crdt::DotFun<counterd::Plain::Slot, counterd::ReplicaId>;
template class crdt::DotMap<std::string, counterd::Plain::lattice_type::store_type>;
template class crdt::MapOf<std::string, counterd::Bounded>;
