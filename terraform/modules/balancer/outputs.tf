output "dns_name" {
  description = "Name of the balancer."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Route 53 zone of the balancer's name, for alias records."
  value       = aws_lb.this.zone_id
}

output "arn" {
  description = "ARN of the balancer."
  value       = aws_lb.this.arn
}

output "arn_suffix" {
  description = "How metrics name the balancer."
  value       = aws_lb.this.arn_suffix
}

output "target_group_arns" {
  description = "Target group of each service."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn }
}

output "target_group_arn_suffixes" {
  description = "How metrics name each target group."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn_suffix }
}
