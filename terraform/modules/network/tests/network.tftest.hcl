# The real provider plans with made-up credentials: policy documents and defaults are its own, and nothing is asked of AWS.
provider "aws" {
  region                      = "eu-west-3"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variables {
  name               = "webmarket-test"
  availability_zones = ["eu-west-3a", "eu-west-3b"]
}

run "private_subnets_own_nat_and_chained_groups" {
  command = plan

  assert {
    condition     = length(aws_subnet.public) + length(aws_subnet.app) + length(aws_subnet.database) == 6
    error_message = "Two zones with three tiers make six subnets."
  }

  assert {
    condition = alltrue([
      for subnet in concat(values(aws_subnet.public), values(aws_subnet.app), values(aws_subnet.database)) :
      !subnet.map_public_ip_on_launch
    ])
    error_message = "A subnet hands out public addresses."
  }

  assert {
    condition = length(distinct([
      for subnet in concat(values(aws_subnet.public), values(aws_subnet.app), values(aws_subnet.database)) : subnet.cidr_block
    ])) == 6
    error_message = "Two subnets share a range."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 2 && length(aws_route.app) == 2
    error_message = "Each zone has its own NAT gateway, and a route to it."
  }

  assert {
    condition     = alltrue([for route in aws_route.app : route.destination_cidr_block == "0.0.0.0/0" && route.gateway_id == null])
    error_message = "App subnets leave through NAT, never straight through the internet gateway."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.balancer_from_internet : contains([80, 443], rule.from_port) && rule.from_port == rule.to_port])
    error_message = "The internet reaches ports 80 and 443, and no other."
  }

  assert {
    condition = alltrue([
      for rule in [
        aws_vpc_security_group_ingress_rule.app_from_balancer,
        aws_vpc_security_group_ingress_rule.database_from_app,
        aws_vpc_security_group_ingress_rule.endpoints_from_app,
      ] :
      rule.cidr_ipv4 == null && rule.cidr_ipv6 == null && rule.from_port == rule.to_port && rule.from_port != 22
    ])
    error_message = "Behind the balancer a group admits one port of another group, never an address range, never SSH."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.database_from_app.from_port == 3306
    error_message = "The app reaches MySQL on 3306."
  }

  assert {
    condition     = aws_cloudwatch_log_group.flow.retention_in_days == 30 && aws_flow_log.this.traffic_type == "ALL"
    error_message = "All traffic is logged, for a limited time."
  }
}

run "one_nat_by_variable" {
  command = plan

  variables {
    single_nat = true
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.app) == 2
    error_message = "One NAT gateway serves both zones."
  }
}

run "only_cloudfront_when_its_list_is_given" {
  command = plan

  variables {
    balancer_prefix_list_ids = ["pl-75b1541c"]
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.balancer_from_internet) == 0 && length(aws_vpc_security_group_ingress_rule.balancer_from_edge) == 1
    error_message = "With CloudFront's list the internet itself is shut out."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.balancer_from_edge : rule.from_port == 443 && rule.to_port == 443])
    error_message = "CloudFront's list is admitted to a port that the edge does not use."
  }
}

run "refuses_one_zone" {
  command = plan

  variables {
    availability_zones = ["eu-west-3a"]
  }

  expect_failures = [var.availability_zones]
}
