"""All that the owner of a shop brought or earned, as files that other programs read.

sheets    which tables go out, by their columns; what each column is follows from the models
writing   one table → CSV, JSON and a workbook, a batch of rows at a time
"""
