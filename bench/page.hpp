// SPDX-License-Identifier: MIT
//! The texts of the page on merge speed.
#pragma once

namespace bench {

inline constexpr char about_races[] = R"(# Merge speed

Each row compares three contenders: this library (ours), a hand-written kernel for this one case (limit), and a simple
version with the standard containers (std). The contenders take turns. N is the number of entries. The figures are times
per operation, the medians of all turns.

| cases | the limit |
|---|---|
| counters | sorted rows of ids and counts. Equal rows of ids are compared as memory. Of names, it has the numbers (known peer), or looks each up in a hash table (new peer) |
| GSet | a sorted row. For a delta of 10, a hash table |
| AWSet | a row of elements, a row of numbers of dots, and a hash table. It has the dots of only one replica, and keeps the places of erased elements |
| ORMap and nested maps, half overlap, digest, decompose | the limit of an AWSet with as many elements. It has no counters, no flags and no inner maps, so the ratio contains the cost of these |
| ORMap update, delta of 10 | a hash table of the names, with a count at each |
| encode, decode | a copy of the encoded bytes |

- An ORMap has counters. Nested maps have flags, in inner maps of eight keys each. Keys are numbers, and in the rows
  "update" and "delta of 10" names of 16 letters. Replica ids are numbers.
- "Half overlap" means that two replicas share half of the entries, and each has its own other half.
- "Ours / merge" compares absorb or difference with our merge of the same states, which took turns with it.
- The std version of an AWSet merges a delta of 10 without a walk through all its elements, because the delta removes
  nothing.
- An insert, an erase, an update and a delta of 10 change copies of a state. A copy has as many changes as a sixteenth
  of its entries, but at least eight, so its size stays about the same. The first change of each copy is not measured,
  because it makes what a copy lacks.
- "GB/s of state" counts 8 bytes each for the key, for each number and for the number of a dot. In nested maps it also
  counts the key of each inner map.

)";

inline constexpr char about_ids[] = R"(
## String ids beside number ids

The same operations of this library, with replica ids that are names of 16 letters, and with numbers. They take turns.

)";

inline constexpr char about_bytes[] = R"(
## Memory

Bytes per entry that malloc has allocated, after the entries were added in random order, and in a copy of that state. 0
means that the entries are inside the object itself. The limit is the size of the key, the numbers, and one number for
the dot. In a list, an entry is a value at a random place. In a text, it is a letter at a random place, so almost every
letter is a run of its own. [Texts](text.md) has the memory of real texts.

)";

inline constexpr char about_allocations[] = R"(
## Allocations

Allocations per operation, the mean of a thousand. Each operation follows one change, which a peer lacks. The changes
are: an add to a known slot of a counter, an insert of a new element, an erase, and an update of a new key.

)";

}  // namespace bench
