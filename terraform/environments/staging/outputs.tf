output "alb_dns_name" {
  description = "Name of the load balancer."
  value       = module.shop.alb_dns_name
}

output "s3_bucket_name" {
  description = "Bucket of static files and media."
  value       = module.shop.s3_bucket_name
}

output "backup_bucket_name" {
  description = "Bucket of backups."
  value       = module.shop.backup_bucket_name
}

output "rds_endpoint" {
  description = "Host and port of the database."
  value       = module.shop.rds_endpoint
}

output "rds_instance_id" {
  description = "Name of the database instance."
  value       = module.shop.rds_instance_id
}

output "asg_names" {
  description = "Auto Scaling group of each role."
  value       = module.shop.asg_names
}

output "fleet_subnet_ids" {
  description = "Subnets of the instances, by role."
  value       = module.shop.fleet_subnet_ids
}

output "cloudfront_distribution_id" {
  description = "Distribution to invalidate after a release."
  value       = module.shop.cloudfront_distribution_id
}

output "name_servers" {
  description = "Name servers to enter at the registrar."
  value       = module.shop.name_servers
}

output "github_role_arns" {
  description = "Roles that the pipeline assumes, by what they are for: build, deploy, plan."
  value       = module.shop.github_role_arns
}

output "alarm_names" {
  description = "Every alarm."
  value       = module.shop.alarm_names
}

output "rds_multi_az" {
  description = "Whether the database has a standby in another zone."
  value       = module.shop.rds_multi_az
}
