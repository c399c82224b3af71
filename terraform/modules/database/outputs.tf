output "endpoint" {
  description = "Host and port."
  value       = aws_db_instance.this.endpoint
}

output "address" {
  description = "Host."
  value       = aws_db_instance.this.address
}

output "instance_id" {
  description = "Name of the instance, for snapshots and metrics."
  value       = aws_db_instance.this.identifier
}

output "instance_arn" {
  description = "ARN of the instance, for backups."
  value       = aws_db_instance.this.arn
}

output "secret_arn" {
  description = "Secret in which RDS keeps the master password."
  value       = try(aws_db_instance.this.master_user_secret[0].secret_arn, null)
}

output "replica_addresses" {
  description = "Hosts of the read replicas."
  value       = aws_db_instance.replica[*].address
}

output "multi_az" {
  description = "Whether a standby in another zone takes over."
  value       = aws_db_instance.this.multi_az
}

output "most_connections" {
  description = "Connections that MySQL takes: RDS makes the number of the class's memory. Null for a class that is not known here."
  value       = local.most_connections
}
