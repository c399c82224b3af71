output "topic_arn" {
  description = "Topic that every alarm speaks to."
  value       = aws_sns_topic.alarms.arn
}

output "alarm_names" {
  description = "Every alarm."
  value       = sort(concat([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name], [for alarm in aws_cloudwatch_metric_alarm.rate : alarm.alarm_name]))
}
