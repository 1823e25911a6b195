# SPDX-License-Identifier: MIT
# Prepares a header for Doxygen: sed -z -E -f headers.sed HEADER.

# The first line describes the file, not the namespace that follows.
s#(^|\n)//! #\1/// @file\n/// #

# A primary template that only refuses its arguments is no class of its own.
s#\n(/// [^\n]*\n)*template <[^\n]*>\nclass [^;]*// prints why\n#\n#g

# The rows of a type's table become paragraphs, and its example becomes code.
s#\n( *)/// (State|Order|Join|Bottom|Concurrent|Writes|Units|Durable|Cost|Memory|Errors|Iterators|Lifetime|Threads|Source|Use|Beware) {2,}#\n\1/// @par \2\n\1/// #g
s#\n( *)/// (Example [^\n]*)\n#\n\1/// @par \2\n\1///\n#g

# A function in brackets, because of a macro of its name.
s#\(check\)\(# check(#g

# A specialization of a class of the standard library is not documented (EXCLUDE_SYMBOLS).
s#\nstruct std::#\nstruct std_#g
