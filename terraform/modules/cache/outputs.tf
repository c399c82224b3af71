output "endpoint" {
  description = "Host of the primary node."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}
