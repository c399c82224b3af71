"""Tables that come as files: bytes → numbered rows of text → cells by column. Knows neither products nor people.

errors        UnreadableFile for a file as a whole, Refusal for one row
limits        how much of a file is read
rows          a row with its line, and what is said of one: refused, or taken with a warning
encoding      what a file is, and how its text is written
header        where a table begins below titles
delimited     the separator, rows from lines, damaged quotes
workbook      rows from a workbook, and which sheet holds them; XLSX
opendocument  rows from ODS
feed          rows from XML: the items of Google Merchant's and other feeds
source        the way from a file, compressed or not, to its header and rows
table         columns by their names
rejects       refused rows as a file, and as it is given back
choice        columns whose meaning a person says
"""
