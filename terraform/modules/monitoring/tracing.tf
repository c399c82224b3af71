resource "aws_xray_sampling_rule" "this" {
  count = var.tracing ? 1 : 0

  rule_name      = var.name
  priority       = 1000
  version        = 1
  reservoir_size = 1
  fixed_rate     = var.traced_share
  service_name   = var.name
  service_type   = "*"
  host           = "*"
  http_method    = "*"
  url_path       = "*"
  resource_arn   = "*"
}

# What to look at first: answers that failed, or took longer than the alarm allows.
resource "aws_xray_group" "this" {
  count = var.tracing ? 1 : 0

  group_name        = var.name
  filter_expression = "service(\"${var.name}\") AND (fault = true OR responsetime > ${var.latency_seconds})"
}
