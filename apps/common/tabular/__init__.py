"""Tables that come as files: bytes → numbered rows of text → cells by column. It knows no product and no person.

rows        a row and its line, and what is said of one: refused, or taken with a warning
source      a file: compression, encoding, separator, damaged quotes
table       columns by their names
"""
