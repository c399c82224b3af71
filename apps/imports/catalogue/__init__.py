"""Imports and exports of catalogues as files; apps/common/tabular reads a file into rows.

merchant    \\
shopify      } rows → records: the file's products, in the shop's terms
webmarket   /
merchant_columns  what lists of merchants call their columns
columns     unknown columns → what each probably is, for a person to correct
reading     what a person chose; mapped reads rows by it, matching finds the variants they speak of
formats     which format a header belongs to
plan        records → what would change in the database, without writing
write       plans → the database, one batch in one transaction
journal     plans → rows that the preview shows, and that undoing reads
absent      plans for what a supplier's file has no more
report      what became of a file, and its refused lines as a file
run         the whole way, for the command and for the upload in the admin
export      the database → the format that `webmarket` reads
"""
