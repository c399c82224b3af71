"""How much of a file is read. Callers have limits of their own for what they take in at once."""

import csv

LONGEST_LINE = 1_000_000
LONGEST_RECORD_LINES = 2_000
LARGEST_FILE = 1024**3
# Packed text shrinks by about ten; beyond this, once it is large, an archive was made to fill a disk or a memory.
HIGHEST_RATIO = 250
LARGE_ENOUGH_TO_DOUBT = 64 * 1024 * 1024
# A workbook is a ZIP archive, and its rows are unpacked into memory.
LARGEST_WORKBOOK = 60 * 1024 * 1024
# What Excel has itself; a number of a row beyond it would be counted up to, empty row by empty row.
LONGEST_SHEET = 1_048_576
WIDEST_SHEET = 16_384
MOST_SHEETS = 50
# Titles, notes and blank lines above a table's header.
ROWS_BEFORE_HEADER = 40

csv.field_size_limit(LONGEST_LINE * 4)
