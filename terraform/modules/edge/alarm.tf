# Route 53 tells CloudWatch of us-east-1 alone, and an alarm notifies a topic of its own region.

resource "aws_sns_topic" "outside" {
  # checkov:skip=CKV_AWS_26:CloudWatch cannot publish to a topic under AWS's own key, and a message says no more than that the shop is away.

  provider = aws.us_east_1

  name = "${var.name}-outside"
}

resource "aws_sns_topic_subscription" "outside" {
  for_each = toset(var.emails)

  provider = aws.us_east_1

  topic_arn = aws_sns_topic.outside.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_cloudwatch_metric_alarm" "outside" {
  provider = aws.us_east_1

  alarm_name          = "${var.name}-outside"
  alarm_description   = "From outside, the shop or its database does not answer: /health says which part. docs/runbooks/outside.md"
  namespace           = "AWS/Route53"
  metric_name         = "HealthCheckStatus"
  dimensions          = { HealthCheckId = aws_route53_health_check.shop.id }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 2
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.outside.arn]
  ok_actions          = [aws_sns_topic.outside.arn]
}
