# SPDX-License-Identifier: MIT
# Prepares a header for Doxygen: awk -f headers.awk HEADER.
#
# The tables of comments on types (State, Order, ...) become paragraphs, their examples become code;
# and words that mean the same in every class get the comment that the file `words` has for them,
# where they have none. So headers need not repeat it.

BEGIN {
    while ((getline line < "docs/reference/words") > 0)
        if (match(line, /^[^ #]+ +/)) meaning[trim(substr(line, 1, RLENGTH))] = substr(line, RLENGTH + 1)
}

function trim(text) {
    gsub(/^ +| +$/, "", text)
    return text
}

# What a line at the level of a namespace or of a class declares; empty if nothing.
function declared(line) {
    if (line !~ /^(    )?[a-zA-Z]/ || line ~ /^ *(return|if|for|while|switch|else|throw|case)[ (]/) return ""
    if (match(line, /using [A-Za-z_]+ =/)) return substr(line, RSTART + 6, RLENGTH - 8)
    if (match(line, /(operator[=<>]+|[A-Za-z_]+)\(/)) return substr(line, RSTART, RLENGTH - 1)
    if (match(line, /[A-Za-z_]+( =|;)/)) return trim(substr(line, RSTART, RLENGTH - (line ~ / =/ ? 2 : 1)))
    return ""
}

# What a header holds is told of the file, not of the namespace that follows.
/^\/\/! / { sub(/^\/\/! /, "/// @file\n/// ") }

# A template's parameters belong to the declaration that follows.
/^ *(template <|requires )/ && held < 6 {
    if (held == 0) documented = is_comment
    lines[++held] = $0
    is_comment = 0
    next
}

# What is there for arguments that are refused is no class of its own, and its specialisation is the class.
/^class .*\/\/ says / {
    refusing[$2] = 1
    held = 0
    next
}
/^class [A-Za-z]+</ {
    name = $2
    sub(/<.*/, "", name)
    if (name in refusing) sub(/<[^>]*>/, "")
}

# In brackets in the header, because of macros of that name.
{ gsub(/\(check\)\(/, " check(") }

{
    if (held == 0) documented = is_comment
    is_comment = /^ *\/\/\//
    word = declared($0)
    if (word in meaning && !documented && !is_comment && $0 !~ /\/\/\/</) print "    /// " meaning[word]
    for (i = 1; i <= held; ++i) print lines[i]
    held = 0
}

/^ *\/\/\/ (State|Order|Join|Bottom|Writes|Units|Durable|Source|Cost|Errors|Use) +/ {
    match($0, /^ *\/\/\/ [A-Z][a-z]+ +/)
    head = substr($0, 1, RLENGTH)
    indent = substr(head, 1, index(head, "/") - 1)
    print indent "/// @par " trim(substr(head, length(indent) + 5))
    print indent "/// " substr($0, RLENGTH + 1)
    next
}
/^ *\/\/\/ Example / {
    print
    print "///"
    next
}
{ print }
