# SPDX-License-Identifier: MIT
"""Does gdb print each state as to_string() does?  gdb -batch -x check.py --args states

Run with PRINTERS, the file with the printers, in the environment."""

import os
import tempfile

import gdb

gdb.execute("set pagination off")
gdb.execute("set print elements 0")
gdb.execute("source " + os.environ["PRINTERS"])
expectations = tempfile.NamedTemporaryFile(mode="r", suffix=".txt")
gdb.Breakpoint("stop_here").silent = True
gdb.execute("run > " + expectations.name, to_string=True)

count = unequal = 0
while gdb.selected_inferior().pid != 0:
    gdb.execute("up", to_string=True)
    printed = gdb.execute("output state", to_string=True)
    expected = expectations.readline().rstrip("\n")
    count += 1
    if printed != expected:
        unequal += 1
        print("to_string(): %.2000s\ngdb:    %.2000s\n" % (expected, printed))
    gdb.execute("continue", to_string=True)

print("%d states, %d printed otherwise than by to_string()" % (count, unequal))
gdb.execute("quit %d" % (0 if count >= 50 and unequal == 0 else 1))
