locals {
  prefix = "/webmarket/${var.environment}"
  # What hosts read, by name, with what each is for. Values are put in by hand or by rotation, never by Terraform.
  secrets = merge(jsondecode(file("${path.module}/host_secrets.json")), var.more_secrets)
}

resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV2_AWS_57:By variable, with a function that can change the value.

  for_each = local.secrets

  name                    = "${local.prefix}/${each.key}"
  description             = each.value
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days
}

resource "aws_secretsmanager_secret_rotation" "this" {
  # checkov:skip=CKV_AWS_304:A variable, 90 days unless somebody says otherwise.

  for_each = var.rotation_lambda_arn == null ? {} : local.secrets

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = var.rotation_lambda_arn

  rotation_rules {
    automatically_after_days = var.rotation_days
  }
}

resource "aws_ssm_parameter" "setting" {
  for_each = var.parameters

  name   = "${local.prefix}/settings/${each.key}"
  type   = "SecureString"
  key_id = var.kms_key_arn
  value  = each.value
}

# What runs here: a release writes its image, for whoever makes the environment anew. The launch templates name theirs.
resource "aws_ssm_parameter" "image" {
  # checkov:skip=CKV2_AWS_34:AWS checks that a plain parameter names an image.

  name      = "${local.prefix}/image-id"
  type      = "String"
  data_type = "aws:ec2:image"
  value     = var.image_id

  lifecycle {
    ignore_changes = [value]
  }
}
