"""Customers and past orders of a former shop: Shopify, WooCommerce, PrestaShop, or any list with such columns.

columns     what the exports call each thing
values      dates, amounts, states, addresses as those files write them; what is ambiguous is refused
records     what is read: `CustomerRecord`, `OrderRecord`, `Refused`
reading     a file → records, one at a time
write       records → the database, or what would be written
report      what became of a file, and its refused lines as a file
"""
