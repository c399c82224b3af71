output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Subnets of the balancer and the NAT gateways."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].id]
}

output "app_subnet_ids" {
  description = "Subnets of the instances, once they lead out: what an instance fetches at boot goes through NAT."
  value       = [for zone in var.availability_zones : aws_subnet.app[zone].id]

  depends_on = [
    aws_route.app,
    aws_route_table_association.app,
    aws_vpc_security_group_egress_rule.app_to_database,
    aws_vpc_security_group_egress_rule.app_to_endpoints,
    aws_vpc_security_group_egress_rule.app_to_internet,
  ]
}

output "database_subnet_ids" {
  description = "Subnets of the database, without a way out."
  value       = [for zone in var.availability_zones : aws_subnet.database[zone].id]
}

output "balancer_security_group_id" {
  description = "Group of the balancer."
  value       = aws_security_group.balancer.id
}

output "app_security_group_id" {
  description = "Group of the instances."
  value       = aws_security_group.app.id
}

output "database_security_group_id" {
  description = "Group of the database."
  value       = aws_security_group.database.id
}

