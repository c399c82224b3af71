output "schedule_name" {
  description = "Schedule that starts a backup."
  value       = aws_scheduler_schedule.backup.name
}
