locals {
  name = "${var.name}-${var.role}"
  tags = merge(var.tags, { Name = local.name, Environment = var.environment, Role = var.role })
  boot = <<-EOT
    #!/bin/sh
    # Nothing secret: the instance reads its settings and secrets by its own role.
    set -eu
    install -d -m 0755 /etc/webmarket
    printf 'WEBMARKET_ENVIRONMENT=%s\nWEBMARKET_ROLE=%s\n' '${var.environment}' '${var.role}' > /etc/webmarket/instance.env
    systemctl start --no-block webmarket.target
  EOT
}

resource "aws_launch_template" "this" {
  name                   = local.name
  description            = "${var.role} instances of ${var.name}"
  image_id               = var.image
  instance_type          = var.instance_types[0]
  update_default_version = true
  user_data              = base64encode(local.boot)
  ebs_optimized          = true

  iam_instance_profile {
    arn = var.instance_profile_arn
  }

  # IMDSv2 alone, and no further than the instance itself: a request forged from the shop cannot fetch the role's keys.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "enabled"
  }

  # No network interface: a release starts one instance from this template in a subnet that it names, and EC2 takes one or
  # the other. The private subnets give no public address.
  vpc_security_group_ids = [var.security_group_id]

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.disk_gb
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume"]

    content {
      resource_type = tag_specifications.value
      tags          = local.tags
    }
  }

  tags = { Name = local.name }

  # A release makes a version that names its image. No refresh goes back to a template that reads it from a parameter.
  lifecycle {
    ignore_changes = [image_id]
  }
}

resource "aws_autoscaling_group" "this" {
  name                      = local.name
  min_size                  = var.minimum
  max_size                  = var.maximum
  vpc_zone_identifier       = var.subnet_ids
  target_group_arns         = var.target_group_arns
  health_check_type         = var.balanced ? "ELB" : "EC2"
  health_check_grace_period = var.grace_seconds
  default_instance_warmup   = var.warmup_seconds
  default_cooldown          = 60
  termination_policies      = ["OldestLaunchTemplate", "Default"]
  wait_for_capacity_timeout = "0"
  enabled_metrics = [
    "GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances", "GroupTotalInstances",
  ]

  dynamic "launch_template" {
    for_each = var.spot_percent == null ? [1] : []

    content {
      id      = aws_launch_template.this.id
      version = aws_launch_template.this.latest_version
    }
  }

  dynamic "mixed_instances_policy" {
    for_each = var.spot_percent == null ? [] : [var.spot_percent]

    content {
      instances_distribution {
        on_demand_base_capacity                  = var.minimum
        on_demand_percentage_above_base_capacity = 100 - mixed_instances_policy.value
        spot_allocation_strategy                 = "price-capacity-optimized"
      }

      launch_template {
        launch_template_specification {
          launch_template_id = aws_launch_template.this.id
          version            = aws_launch_template.this.latest_version
        }

        dynamic "override" {
          for_each = var.instance_types

          content {
            instance_type = override.value
          }
        }
      }
    }
  }

  # A release: new instances first, half of them, a look, then the rest; an alarm brings the former release back.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 200
      instance_warmup        = var.warmup_seconds
      checkpoint_percentages = [50, 100]
      checkpoint_delay       = 120
      auto_rollback          = true

      dynamic "alarm_specification" {
        for_each = length(var.rollback_alarm_names) == 0 ? [] : [1]

        content {
          alarms = var.rollback_alarm_names
        }
      }
    }
  }

  dynamic "tag" {
    for_each = local.tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  lifecycle {
    ignore_changes = [desired_capacity]
  }
}

# The instance completes the action itself, once nginx has drained and Celery has finished or returned its tasks.
resource "aws_autoscaling_lifecycle_hook" "drain" {
  name                   = "drain"
  autoscaling_group_name = aws_autoscaling_group.this.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  heartbeat_timeout      = var.drain_seconds
  default_result         = "CONTINUE"
}

resource "aws_autoscaling_policy" "cpu" {
  name                   = "${local.name}-cpu"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.cpu_percent

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

resource "aws_autoscaling_policy" "requests" {
  count = var.scale_on_requests ? 1 : 0

  name                   = "${local.name}-requests"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.requests_per_minute

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = var.request_label
    }
  }
}

resource "aws_autoscaling_policy" "predictive" {
  count = var.predictive_scaling == "off" ? 0 : 1

  name                   = "${local.name}-predictive"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "PredictiveScaling"

  predictive_scaling_configuration {
    mode                         = var.predictive_scaling
    scheduling_buffer_time       = 300
    max_capacity_breach_behavior = "HonorMaxCapacity"

    metric_specification {
      target_value = var.cpu_percent

      predefined_metric_pair_specification {
        predefined_metric_type = "ASGCPUUtilization"
      }
    }
  }
}

resource "aws_autoscaling_schedule" "this" {
  for_each = var.timetable

  scheduled_action_name  = "${local.name}-${each.key}"
  autoscaling_group_name = aws_autoscaling_group.this.name
  recurrence             = each.value.recurrence
  time_zone              = "Europe/Paris"
  min_size               = each.value.minimum
  max_size               = each.value.maximum
  desired_capacity       = each.value.minimum
}
