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
  name                 = "webmarket-test"
  environment          = "test"
  role                 = "web"
  image                = "ami-0123456789abcdef0"
  subnet_ids           = ["subnet-app-1", "subnet-app-2"]
  security_group_id    = "sg-1"
  instance_profile_arn = "arn:aws:iam::123456789012:instance-profile/webmarket-test-web"
  target_group_arns    = ["arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/webmarket-test-web/0123456789abcdef"]
  balanced             = true
  scale_on_requests    = true
  request_label        = "app/webmarket-test/0123456789abcdef/targetgroup/webmarket-test-web/0123456789abcdef"
  predictive_scaling   = "ForecastOnly"
  rollback_alarm_names = ["webmarket-test-5xx"]
  tags                 = { Owner = "operations", CostCentre = "shop" }
  timetable            = { night = { recurrence = "0 20 * * *", minimum = 0, maximum = 0 } }
}

run "private_encrypted_and_rolled_with_care" {
  command = plan

  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Instances answer IMDSv1."
  }

  assert {
    condition     = length(aws_launch_template.this.network_interfaces) == 0 && aws_launch_template.this.vpc_security_group_ids == toset(["sg-1"])
    error_message = "A release cannot start an instance in a subnet of its choice."
  }

  assert {
    condition     = aws_launch_template.this.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.this.block_device_mappings[0].ebs[0].volume_type == "gp3"
    error_message = "Disks are not encrypted."
  }

  assert {
    condition = alltrue([
      for given in aws_launch_template.this.tag_specifications : given.tags["Owner"] == "operations" && given.tags["Role"] == "web"
    ]) && length(aws_launch_template.this.tag_specifications) == 2
    error_message = "Instances or volumes are spent on by nobody."
  }

  assert {
    condition     = aws_launch_template.this.key_name == null
    error_message = "There is no SSH: no key pair."
  }

  assert {
    condition     = aws_autoscaling_group.this.min_size == 2 && aws_autoscaling_group.this.max_size == 4 && length(aws_autoscaling_group.this.vpc_zone_identifier) == 2
    error_message = "Two to four instances over two zones."
  }

  assert {
    condition     = aws_autoscaling_group.this.instance_refresh[0].preferences[0].min_healthy_percentage == 100 && aws_autoscaling_group.this.instance_refresh[0].preferences[0].auto_rollback && length(aws_autoscaling_group.this.instance_refresh[0].preferences[0].alarm_specification[0].alarms) == 1
    error_message = "A release keeps full strength, and an alarm takes it back."
  }

  assert {
    condition     = aws_autoscaling_policy.cpu.target_tracking_configuration[0].target_value == 70 && length(aws_autoscaling_policy.requests) == 1
    error_message = "Scaling aims at 70 % of CPU, and at requests per instance."
  }

  assert {
    condition     = aws_autoscaling_group.this.health_check_type == "ELB" && aws_autoscaling_lifecycle_hook.drain.default_result == "CONTINUE"
    error_message = "The balancer judges health, and instances drain before they leave."
  }
}
