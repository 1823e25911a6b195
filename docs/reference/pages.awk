# SPDX-License-Identifier: MIT
# Prepares a page for Doxygen: awk -f pages.awk PAGE.
#
# Headings get labels as the web shows them, made unique by their page, and links lead to those; links
# to what is no page lead to the file in the project, three folders above the reference. Pictures lie
# in the folder of the reference.

function page_of(path) {
    gsub(/^(.*\/)?\.\.\/|\.md$/, "", path)
    gsub(/[^A-Za-z0-9]/, "-", path)
    return tolower(path)
}
function label(heading) {
    heading = tolower(heading)
    gsub(/[^a-z0-9 -]/, "", heading)
    gsub(/ /, "-", heading)
    return heading
}
# The link target as Doxygen takes it.
function target(link,    parts) {
    if (link ~ /^[a-z]+:/) return link
    if (split(link, parts, "#") == 2) return "#" page_of(parts[1] == "" ? page : folder parts[1]) "-" parts[2]
    if (link ~ /\.md$/) return link
    return "../../../" resolved(folder link)
}
function resolved(path) {
    while (sub(/[^\/.]+\/\.\.\//, "", path)) {}
    return path
}

BEGIN {
    page = ARGV[1]
    sub("^" ENVIRON["PWD"] "/", "", page)
    folder = page
    sub(/[^\/]*$/, "", folder)
}

# What a picture shows may take several lines.
picture != "" || /^!\[/ {
    picture = picture (picture == "" ? "" : " ") $0
    if (picture !~ /\)$/) next
    split(substr(picture, 3, length(picture) - 3), parts, /\]\(/)
    sub(/.*\//, "", parts[2])
    print "<img src=\"" parts[2] "\" alt=\"" parts[1] "\"/>"
    picture = ""
    next
}
/^```/ { is_code = !is_code }
is_code { print; next }
/^<!-- .* -->$/ { print ""; next }
/^##+ / { $0 = $0 " {#" page_of(page) "-" label(substr($0, index($0, " ") + 1)) "}" }
{
    line = ""
    while (match($0, /\]\([^)]*\)/)) {
        line = line substr($0, 1, RSTART + 1) target(substr($0, RSTART + 2, RLENGTH - 3)) ")"
        $0 = substr($0, RSTART + RLENGTH)
    }
    $0 = line $0
    # Stars are not understood around code.
    while (/\*\*/) sub(/\*\*/, (is_bold = !is_bold) ? "<b>" : "</b>")
    print
}
