output "topic_arn" {
  description = "SNS topic of every alarm."
  value       = aws_sns_topic.alarms.arn
}

output "alarm_names" {
  description = "Every alarm."
  value       = sort(concat([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name], [for alarm in aws_cloudwatch_metric_alarm.rate : alarm.alarm_name]))
}

output "rollback_alarm_names" {
  description = "Alarms that end a release and bring the former image back."
  value       = [for alarm in local.rollback_alarms : "${var.name}-${alarm}"]

  precondition {
    condition     = length(setsubtract(local.rollback_alarms, concat(keys(local.alarms), keys(local.rates)))) == 0
    error_message = "rollback_alarms.json names an alarm that is not there."
  }
}
