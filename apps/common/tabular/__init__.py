"""Tables that come as files: bytes → numbered rows of text → cells by column. Knows neither products nor people.

errors      UnreadableFile for a file as a whole, Refusal for one row
limits      how much of a file is read
rows        a row with its line, and what is said of one: refused, or taken with a warning
encoding    what a file is, and how its text is written
delimited   the separator, rows from lines, damaged quotes
workbook    rows from XLSX
source      the way from a file to its header and rows
table       columns by their names
"""
