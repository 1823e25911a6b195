// SPDX-License-Identifier: MIT
//! The texts of the page on merge speed.
#pragma once

namespace bench {

inline constexpr char about_races[] = R"(# Merge speed

Each row compares three contenders: this library (ours), a hand-written kernel for this one case (limit), and a simple
version with the standard containers (std). The contenders run in turns. N is the number of entries. Each figure is the
median time of one operation over all turns.

| cases | the limit |
|---|---|
| counters | sorted rows of ids and counts. Rows of ids are compared as bytes in memory. If ids are names, the limit either has numbers in their place (known peer), or looks up each name in a hash table (new peer) |
| GSet | a sorted row. For a delta of 10, a hash table |
| AWSet | a row of elements, a row with the numbers of their dots, and a hash table. The limit supports dots of only one replica, and keeps the places of erased elements |
| ORMap and nested maps, half overlap, digest, decompose | the limit of an AWSet with as many elements. This limit has no counters, no flags and no inner maps, so the ratio includes their cost |
| ORMap update, delta of 10 | a hash table of the names, with a count for each name |
| encode, decode | the time to copy the encoded bytes |

- The values of an ORMap are counters. The values of nested maps are inner maps of eight keys, and the values of inner
  maps are flags. Keys are numbers, except in the rows "ormap update" and "ormap delta of 10", where they are names of
  16 letters. Replica ids are numbers.
- "Half overlap" means that half of the entries of each replica are also at the other replica.
- "Ours / merge" is the ratio of the time of our absorb or difference to that of our merge of the same states. The two
  run in turns.
- The std version of an AWSet merges a delta of 10 without a walk through all its elements, because the delta removes
  nothing.
- An insert, an erase, an update and a delta of 10 change copies of a state. The number of changes of a copy is a
  sixteenth of its entries, but at least eight. So the size of the copy stays about the same. The first change of each
  copy is not measured, because it also makes internal data that a copy does not have yet.
- "GB/s of state" counts 8 bytes for each key, each number and each number of a dot. In nested maps it also counts the
  keys of the inner maps.

)";

inline constexpr char about_ids[] = R"(
## String ids beside number ids

The same operations of this library, once with names of 16 letters as replica ids and once with numbers. The two run in
turns.

)";

inline constexpr char about_bytes[] = R"(
## Memory

The column "ours" has the bytes per entry that malloc has allocated after the entries were added in random order.
"Copied" has the bytes per entry of a copy of that state. 0 means that the entries are inside the object itself. The
limit is the size of the key, of the numbers, and of one number for the dot. An entry of a list is a value that was
inserted at a random position. An entry of a text is a letter that was inserted at a random position, so almost every
letter is a run of its own. [Texts](text.md) has the memory of real texts.

)";

inline constexpr char about_allocations[] = R"(
## Allocations

Allocations per operation: the mean of a thousand operations. Before each operation, one change was made that a peer
lacks. The changes are: an add to a slot of a counter that exists already, an insert of a new element, an erase, and an
update of a new key.

)";

}  // namespace bench
