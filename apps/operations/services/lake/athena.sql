-- Sales and refunds of the shop for Athena. Run each statement once; months appear by themselves.
-- Amounts are euros. gross = net + vat; sum(gross) of a day is what the shop's page « Ventes par jour » says.

CREATE EXTERNAL TABLE IF NOT EXISTS sales (
  day date,
  order_in_month int,
  line string,
  rayon string,
  product_code string,
  product string,
  model string,
  sku string,
  quantity int,
  unit_price decimal(12,2),
  is_reduced boolean,
  gross decimal(12,2),
  vat decimal(12,2),
  net decimal(12,2),
  vat_rate decimal(4,1),
  delivery_method string,
  payment_method string,
  language string
)
PARTITIONED BY (month string)
STORED AS PARQUET
LOCATION '{place}/sales/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.month.type' = 'date',
  'projection.month.format' = 'yyyy-MM',
  'projection.month.range' = '2020-01,NOW',
  'projection.month.interval' = '1',
  'projection.month.interval.unit' = 'MONTHS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS refunds (
  day date,
  payment_method string,
  gross decimal(12,2)
)
PARTITIONED BY (month string)
STORED AS PARQUET
LOCATION '{place}/refunds/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.month.type' = 'date',
  'projection.month.format' = 'yyyy-MM',
  'projection.month.range' = '2020-01,NOW',
  'projection.month.interval' = '1',
  'projection.month.interval.unit' = 'MONTHS'
);

-- The ten best sellers of the last month:
-- SELECT product, sum(quantity) AS pieces, sum(net) AS net FROM sales
-- WHERE month = date_format(current_date - interval '1' month, '%Y-%m') AND line = 'goods'
-- GROUP BY product ORDER BY net DESC LIMIT 10;
