"""CREATE TABLE statements of the lake for Athena, from the same columns as the files."""

from collections.abc import Iterable

from apps.operations.services.lake.parquet import DAY, FLAG, INTEGER, MOMENT, TEXT, Column
from apps.operations.services.lake.sales import REFUNDS, SALES
from apps.operations.services.lake.tables import TABLES

KEY = "athena.sql"
# One list of files for each table of the catalogue, whose files are named by their content.
LISTS = "catalogue/athena/"
TYPES = {TEXT: "string", FLAG: "boolean", DAY: "date", MOMENT: "timestamp", INTEGER: "bigint"}
HEAD = """\
-- The shop for Athena. Run each statement once; months and changes appear by themselves.
-- Amounts are euros with their VAT: gross = net + vat. sum(gross) of a day's sales is what the shop's page « Ventes par
-- jour » says; refunds are negative, and those of orders that are sales no more are not is_of_sale.
"""
FOOT = """\
-- The ten best sellers of the last month:
-- SELECT product, sum(quantity) AS pieces, sum(net) AS net FROM sales
-- WHERE month = date_format(current_date - interval '1' month, '%Y-%m') AND line = 'goods'
-- GROUP BY product ORDER BY net DESC LIMIT 10;
"""
# https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html: a new month needs no crawler.
BY_MONTH = """\
PARTITIONED BY (`month` string)
STORED AS PARQUET
LOCATION '{place}/{name}/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.month.type' = 'date',
  'projection.month.format' = 'yyyy-MM',
  'projection.month.range' = '2020-01,NOW',
  'projection.month.interval' = '1',
  'projection.month.interval.unit' = 'MONTHS'
)"""
# As S3's inventories are read: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-athena-query.html
BY_LIST = """\
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat'
LOCATION '{place}/{lists}{name}/'"""


def statements(place: str) -> bytes:
    """`place` is the lake's URL, « s3://bucket »."""
    tables = [_create(name, columns, BY_MONTH, place) for name, columns in (("sales", SALES), ("refunds", REFUNDS))]
    tables += [_create(name, columns, BY_LIST, place) for name, columns in sorted(TABLES.items())]
    return "\n".join([HEAD, *tables, FOOT]).encode()


def listed(place: str, keys: Iterable[str]) -> bytes:
    return "".join(f"{place}/{key}\n" for key in sorted(keys)).encode()


def _create(name: str, columns: list[Column], how: str, place: str) -> str:
    definitions = ",\n".join(f"  `{column.name}` {TYPES.get(column.kind, column.kind.lower())}" for column in columns)
    lies = how.format(place=place, name=name, lists=LISTS)
    return f"CREATE EXTERNAL TABLE IF NOT EXISTS `{name}` (\n{definitions}\n)\n{lies};\n"
