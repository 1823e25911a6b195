# SPDX-License-Identifier: MIT
"""Makes gdb print states as crdt::to_string() does:  (gdb) source tools/gdb/crdt.py"""

import re

import gdb


def template_name(kind):
    """Returns the name of a template: for 'crdt::detail::SmallVector<int, 2>', 'crdt::detail::SmallVector'."""
    return re.sub("<.*", "", kind.strip_typedefs().unqualified().tag or "")


def in_brackets(items, brackets):
    return brackets[0] + ", ".join(items) + brackets[1]


# ---- the containers of which states consist


def column(row):
    """Returns the values of a SmallVector. A few are in the object itself, many are in allocated memory."""
    item, room = row.type.strip_typedefs().template_argument(0), int(
        row.type.strip_typedefs().template_argument(1))
    inside = int(row["capacity_"]) <= room
    values = row["room_"].address.cast(item.pointer()) if inside else row["heap_"]
    return [values[i] for i in range(int(row["size_"]))]


def entries(table):
    if template_name(table.type) == "crdt::detail::DotSlots":
        yield from slots(table)
        return
    for leaf in column(table["leaves_"]["leaves_"]):
        yield from zip(column(leaf["keys"]), column(leaf["values"]))


def slots(table):
    capacity, size = int(table["capacity_"]), int(table["size_"])
    if capacity == 0:
        yield from entries(table["many_"].dereference())
    elif size != 0:
        row = table["one_"].address if capacity == 1 else table["row_"]
        for index in range(size):
            yield row[index]["key"], row[index]["value"]


def ranges(dots):
    """Yields (replica, first, last) for each range of an InlineRanges. Ranges of one replica have None as replica."""
    many = dots.type.strip_typedefs().template_argument(1).strip_typedefs()
    only = template_name(many) == "crdt::detail::IntervalMap"
    bits = int(dots["range_"]["bits_"])  # see PackedRange
    if bits % 2 == 1:
        first = bits >> 24
        yield None if only else dots["replica_"], first, first + (bits >> 1 & (1 << 23) - 1)
    elif bits != 0:
        runs = gdb.Value(bits).cast(many.pointer()).dereference()
        if only:
            for first, run in entries(runs["runs_"]):
                yield None, int(first), int(run["last"])
        else:
            for replica, line in entries(runs["lines_"]):
                for _, first, last in ranges(line):
                    yield replica, first, last


# ---- containers of the standard library (libstdc++)


def heads(values):
    """Yields (index, value) for each component of a std::tuple. The components are nested base classes."""
    for field in values.type.strip_typedefs().fields():
        base = values[field]
        if template_name(field.type) == "std::_Head_base":
            # A component without members is a base class of _Head_base.
            yield int(field.type.template_argument(0)), base[field.type.fields()[0]]
        else:
            yield from heads(base)


def components(values):
    return [value for _, value in sorted(heads(values), key=lambda head: head[0])]


def optional(value):
    payload = value["_M_payload"]
    return payload["_M_payload"]["_M_value"] if payload["_M_engaged"] else None


def vector(values):
    first, end = values["_M_impl"]["_M_start"], values["_M_impl"]["_M_finish"]
    return [first[i] for i in range(int(end - first))]


def string(value):
    length = int(value["_M_string_length"])
    return value["_M_dataplus"]["_M_p"].string("utf-8", "replace", length)


# ---- the text of each type


def entries_to_string(store):
    return in_brackets([to_string(key) + ": " + to_string(value) for key, value in entries(store["entries_"])], "{}")


def dots_to_string(dots):
    def one(replica, first, last):
        start = to_string(replica) + "#" + str(first)
        return start if last == first else start + ".." + str(last)

    return in_brackets([one(*found) for found in ranges(dots["dots_"])], "{}")


def write_once_to_string(state):
    value = optional(state["value_"])
    return "-" if value is None else to_string(value["value"])


def shared_id_to_string(name):
    cell = name["id_"]["cell_"]
    if int(cell) != 0:
        return to_string(cell.dereference()["value"])
    # No object is allocated for the default id: an empty string.
    return '""'


def side_to_string(state):
    side = "upper" if state["is_upper_"] else "lower"
    return side + " " + to_string(state[side + "_"])


def numbers_to_string(first, last):
    return str(first) if first == last else "%d..%d" % (first, last)


LEFT = 0  # crdt::Side::left


def run_to_string(first, last, parent, side, replica, direction):
    place = "start"
    if parent != 0:
        place = ("left of " if side == LEFT else "right of ") + to_string(replica) + "#" + str(parent)
    return numbers_to_string(first, last) + " " + place + (", to the left" if direction == LEFT else "")


def letters_of(chunks):
    """(number, code point) of each letter of a Letters."""
    for first, chunk in entries(chunks):
        wide = column(chunk["wide"])
        units, gap = (wide, 0xFFFFFFFF) if wide else (column(chunk["narrow"]), 0xFF)
        for i, unit in enumerate(units):
            if int(unit) != gap:
                yield int(first) + i, chr(int(unit))


def line_to_string(replica, runs, erased, letters):
    stretches, end = [], 0
    for number, letter in letters:
        if stretches and number == end + 1:
            stretches[-1] = (stretches[-1][0], stretches[-1][1] + letter)
        else:
            stretches.append((number, letter))
        end = number
    return to_string(replica) + ": " + in_brackets(runs, "[]") + " erased " + in_brackets(
        erased, "{}") + " text " + in_brackets(['%d: "%s"' % stretch for stretch in stretches], "{}")


def parent_of(piece):
    other = piece["other_parent"]["value_"]
    return piece["replica"] if int(other) == 0 else other.dereference()


def piece_to_string(piece):
    first, last, status = int(piece["first"]), int(piece["last"]), piece["status"]
    if first == 0:
        return "{}"
    content = int(status["content"])
    side, direction, parent = int(piece["side"]), int(piece["direction"]), int(piece["parent"])
    runs = []
    if status["has_origin"]:
        runs = [run_to_string(first, last, parent, side, parent_of(piece), direction)]
    erased = [numbers_to_string(first, last)] if content == 2 else []
    letters = enumerate(string(piece["text"]), first) if content == 1 else []
    return in_brackets([line_to_string(piece["replica"], runs, erased, letters)], "{}")


def slots_to_string(store):
    """Of a DotSequence: a piece or, where there is more than one run, columns."""
    slots = store["slots_"]["slots_"]
    if int(slots["columns_"]["value_"]) == 0:
        return piece_to_string(slots["piece_"])
    columns = slots["columns_"]["value_"].dereference()
    ids, lines = vector(columns["replicas_"]["ids_"]), vector(columns["lines_"])
    shown = []
    for number in vector(columns["replicas_"]["sorted_"]):
        line = lines[int(number)]
        runs = []
        for first, run in entries(line["runs"]["runs_"]):
            parent = run["parent"]
            runs.append(run_to_string(int(first), int(run["last"]), int(parent["sequence"]), int(parent["side"]),
                                      ids[int(parent["line"])], int(run["direction"])))
        erased = [numbers_to_string(int(first), int(run["last"])) for first, run in entries(line["erased"]["runs_"])]
        letters = list(letters_of(line["letters"]["chunks_"]))
        if runs or erased or letters:
            shown.append(line_to_string(ids[int(number)], runs, erased, letters))
    return in_brackets(shown, "{}")


def origin_to_string(origin):
    if int(origin["parent"]["sequence"]) == 0:
        return "start"
    return ("right of " if int(origin["side"]) else "left of ") + to_string(origin["parent"])


def fields_to_string(store):
    """Returns the text of a NamedDotTuple. Its first argument may have a static member with the names of the fields."""
    names = store.type.strip_typedefs().template_argument(0)
    values = [to_string(value) for value in components(store["stores_"])]
    if template_name(names) == "crdt::NoNames":
        return in_brackets(values, "()")
    views = gdb.Value(0).cast(names.pointer()).dereference()["list"]
    texts = [views[i] for i in range(len(values))]
    texts = [text["_M_str"].string("utf-8", "replace", int(text["_M_len"])) for text in texts]
    return in_brackets((text + ": " + value for text, value in zip(texts, values)), "{}")


SHOWN = {
    "crdt::TotalOrder": lambda state: to_string(state["value_"]["value"]),
    "crdt::WriteOnce": write_once_to_string,
    "crdt::Unit": lambda state: "()",
    "crdt::Product": lambda state: in_brackets(map(to_string, components(state["components_"])), "()"),
    "crdt::Lex": lambda state: to_string(state["first_"]) + " -> " + to_string(state["second_"]),
    "crdt::LinearSum": side_to_string,
    "crdt::Antichain": lambda state: in_brackets(map(to_string, vector(state["elements_"])), "{}"),
    "crdt::MapOf": entries_to_string,
    "crdt::Dot": lambda dot: to_string(dot["replica"]) + "#" + str(int(dot["sequence"])),
    "crdt::SharedId": shared_id_to_string,
    "crdt::Origin": origin_to_string,
    "crdt::DotSet": dots_to_string,
    "crdt::DotFun": entries_to_string,
    "crdt::DotMap": lambda store: entries_to_string(store["stores_"]),
    "crdt::DotSequence": slots_to_string,
    "crdt::NamedDotTuple": fields_to_string,
    "crdt::Causal": lambda state: to_string(state["store_"]) + " of " + to_string(state["context_"]),
    "crdt::HybridTime": lambda time: "%d.%d" % (time["wall"], time["logical"]),
    "crdt::Stamp": lambda stamp: to_string(stamp["time"]) + "@" + to_string(stamp["replica"]),
    "std::__cxx11::basic_string": lambda text: '"' + string(text) + '"',
}


def composition(value):
    """Returns the representation_ in the base class Composed of a data type, or None if it has no such base."""
    for field in value.type.strip_typedefs().fields():
        if field.is_base_class:
            base = value[field]
            if template_name(base.type) == "crdt::Composed":
                return base["representation_"]
            found = composition(base)
            if found is not None:
                return found
    return None


def to_string(value):
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_BOOL:
        return "true" if value else "false"
    if kind.code in (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_CHAR):
        return str(int(value))
    shown = SHOWN.get(template_name(kind))
    if shown is not None:
        return shown(value)
    if kind.code == gdb.TYPE_CODE_STRUCT:
        state = composition(value)
        if state is not None:
            return to_string(state)
    return value.format_string()


class StatePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return to_string(self.value)


def find_printer(value):
    kind = value.type.strip_typedefs()
    if kind.code != gdb.TYPE_CODE_STRUCT or template_name(kind).startswith("std::"):
        return None
    is_shown = template_name(kind) in SHOWN or composition(value) is not None
    return StatePrinter(value) if is_shown else None


find_printer.__name__ = "crdt"
gdb.pretty_printers.append(find_printer)
