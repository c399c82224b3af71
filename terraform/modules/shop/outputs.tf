output "alb_dns_name" {
  description = "Name of the load balancer."
  value       = module.balancer.dns_name
}

output "s3_bucket_name" {
  description = "Bucket of static files and media."
  value       = module.storage.bucket_names["files"]
}

output "backup_bucket_name" {
  description = "Bucket of backups."
  value       = module.storage.bucket_names["backups"]
}

output "rds_endpoint" {
  description = "Host and port of the database."
  value       = module.database.endpoint
}

output "rds_instance_id" {
  description = "Name of the database instance."
  value       = module.database.instance_id
}

output "asg_names" {
  description = "Auto Scaling group of each role."
  value       = { for role, fleet in module.fleet : role => fleet.group_name }
}

output "fleet_subnet_ids" {
  description = "Subnets of the instances, by role."
  value       = { for role, fleet in module.fleet : role => fleet.subnet_ids }
}

output "cloudfront_distribution_id" {
  description = "Distribution to invalidate after a release."
  value       = module.edge.distribution_id
}

output "cloudfront_distribution_arn" {
  description = "Distribution that may read the copies of files in a second region."
  value       = module.edge.distribution_arn
}

output "name_servers" {
  description = "Name servers to enter at the registrar."
  value       = module.edge.name_servers
}

output "github_role_arns" {
  description = "Roles that the pipeline assumes, by what they are for: build, deploy, plan."
  value       = module.identity.github_role_arns
}

output "alarm_names" {
  description = "Every alarm."
  value       = module.monitoring.alarm_names
}

output "rds_instance_arn" {
  description = "The database, for a replica in a second region."
  value       = module.database.instance_arn
}

output "versioned_bucket_names" {
  description = "Buckets that can be copied to a second region."
  value       = module.storage.versioned_bucket_names
}

output "rds_multi_az" {
  description = "Whether the database has a standby in another zone."
  value       = module.database.multi_az
}
