"""Imports and exports of catalogues as files; apps/common/tabular reads a file into rows.

merchant    \\
shopify      } rows → records: the file's products, in the shop's terms
webmarket   /
plan        records → what would change in the database, without writing
write       plans → the database, one batch in one transaction
run         the whole way, for the command and for the upload in the admin
export      the database → the format that `webmarket` reads
"""
