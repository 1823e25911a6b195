# SPDX-License-Identifier: MIT
# The layout of comments as Doxygen takes it: sed -E -f headers.sed HEADER.

# The first line of a header describes the file, not the namespace that follows.
s|^//! |/// @file\n/// |
# The lines of the table on a type become paragraphs.
s/^( *\/\/\/) (State|Order|Join|Bottom|Concurrent|Writes|Units|Durable|Cost|Memory|Errors|Iterators|Threads|Lifetime|Beware|Source|Use) +(.*)/\1 @par \2\n\1 \3/
# An example is code.
s/^( *\/\/\/) Example .*/&\n\1/
# In brackets in the header, because of a macro of that name.
s/\(check\)\(/ check(/
