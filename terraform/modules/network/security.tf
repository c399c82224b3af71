# internet → balancer → app → database. A group names the group that may reach it, never an address range;
# the balancer alone faces outwards. Nothing listens for SSH: operators come through Session Manager.

resource "aws_security_group" "balancer" {
  # checkov:skip=CKV2_AWS_5:Another module attaches it.

  name        = "${var.name}-balancer"
  description = "The load balancer: HTTP and HTTPS from the edge"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-balancer" }
}

resource "aws_security_group" "app" {
  # checkov:skip=CKV2_AWS_5:Another module attaches it.

  name        = "${var.name}-app"
  description = "Web and worker instances"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-app" }
}

resource "aws_security_group" "database" {
  # checkov:skip=CKV2_AWS_5:Another module attaches it.

  name        = "${var.name}-database"
  description = "MySQL, from the app alone"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-database" }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "AWS services inside the VPC, from the app alone"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints" }
}

locals {
  web_ports = { http = 80, https = 443 }
}

resource "aws_vpc_security_group_ingress_rule" "balancer_from_internet" {
  for_each = length(var.balancer_prefix_list_ids) == 0 ? local.web_ports : {}

  security_group_id = aws_security_group.balancer.id
  description       = "${each.key} from the internet; the listener refuses what has not come through CloudFront"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_ingress_rule" "balancer_from_edge" {
  # The edge speaks HTTPS alone, and each mention of CloudFront's list counts as 55 of the 60 rules that a group holds.
  count = length(var.balancer_prefix_list_ids)

  security_group_id = aws_security_group.balancer.id
  description       = "HTTPS from CloudFront's addresses"
  prefix_list_id    = var.balancer_prefix_list_ids[count.index]
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "balancer_to_app" {
  security_group_id            = aws_security_group.balancer.id
  description                  = "To nginx on the instances"
  referenced_security_group_id = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
}

resource "aws_vpc_security_group_ingress_rule" "app_from_balancer" {
  # checkov:skip=CKV_AWS_260:From the balancer's group alone, not from an address.

  security_group_id            = aws_security_group.app.id
  description                  = "From the balancer"
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
}

resource "aws_vpc_security_group_egress_rule" "app_to_internet" {
  for_each = { https = 443, submission = 587 }

  security_group_id = aws_security_group.app.id
  description       = "${each.key}: AWS, payment providers and mail, through NAT"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "app_to_database" {
  security_group_id            = aws_security_group.app.id
  description                  = "To the database"
  referenced_security_group_id = aws_security_group.database.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

resource "aws_vpc_security_group_ingress_rule" "database_from_app" {
  security_group_id            = aws_security_group.database.id
  description                  = "From the app"
  referenced_security_group_id = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

resource "aws_vpc_security_group_egress_rule" "app_to_endpoints" {
  security_group_id            = aws_security_group.app.id
  description                  = "To the endpoints"
  referenced_security_group_id = aws_security_group.endpoints.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_app" {
  security_group_id            = aws_security_group.endpoints.id
  description                  = "From the app"
  referenced_security_group_id = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

moved {
  from = aws_vpc_security_group_egress_rule.app_to["database"]
  to   = aws_vpc_security_group_egress_rule.app_to_database
}

moved {
  from = aws_vpc_security_group_egress_rule.app_to["endpoints"]
  to   = aws_vpc_security_group_egress_rule.app_to_endpoints
}

moved {
  from = aws_vpc_security_group_ingress_rule.from_app["database"]
  to   = aws_vpc_security_group_ingress_rule.database_from_app
}

moved {
  from = aws_vpc_security_group_ingress_rule.from_app["endpoints"]
  to   = aws_vpc_security_group_ingress_rule.endpoints_from_app
}
