locals {
  targets = merge({ web = var.app_port }, { for key, service in var.services : key => service.port })
  # Rules compare the header only when there is one to compare.
  guarded = nonsensitive(var.origin_secret != null)
}

resource "aws_lb" "this" {
  # checkov:skip=CKV2_AWS_28:The firewall stands at the edge; what has not come through it gets 403.

  name               = var.name
  load_balancer_type = "application"
  internal           = false
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]

  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  enable_deletion_protection = var.deletion_protection
  idle_timeout               = 60

  access_logs {
    bucket  = var.logs_bucket_name
    prefix  = "balancer"
    enabled = true
  }

  tags = { Name = var.name }
}

resource "aws_lb_target_group" "this" {
  # checkov:skip=CKV_AWS_378:TLS ends at the balancer; its group alone reaches nginx, inside the VPC.

  for_each = local.targets

  name                          = "${var.name}-${each.key}"
  port                          = each.value
  protocol                      = "HTTP"
  vpc_id                        = var.vpc_id
  target_type                   = "instance"
  deregistration_delay          = var.deregistration_seconds
  slow_start                    = var.slow_start_seconds
  load_balancing_algorithm_type = "round_robin"

  health_check {
    path                = var.health_path
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.tls_policy
  certificate_arn   = var.certificate_arn

  # Requests that match no rule did not come through the edge.
  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "Forbidden"
      status_code  = "403"
    }
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener_rule" "this" {
  for_each = merge(
    { web = { paths = ["/*"], priority = 1000 } },
    { for key, service in var.services : key => { paths = service.paths, priority = service.priority } },
  )

  listener_arn = aws_lb_listener.https.arn
  priority     = each.value.priority

  condition {
    path_pattern {
      values = each.value.paths
    }
  }

  dynamic "condition" {
    for_each = local.guarded ? [1] : []

    content {
      http_header {
        http_header_name = "X-Origin-Secret"
        values           = compact([var.origin_secret, var.former_origin_secret])
      }
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }
}
