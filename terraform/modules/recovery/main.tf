# What stands in a second region so that a shop can be opened there when the first is gone: copies of the buckets as they are
# written, a replica of the database, a vault for backups. The shop itself is then an environment applied there.

data "aws_region" "second" {
  provider = aws.second
}

data "aws_iam_policy_document" "key" {
  # checkov:skip=CKV_AWS_109:A key's policy speaks of that key alone.
  # checkov:skip=CKV_AWS_111:A key's policy speaks of that key alone.
  # checkov:skip=CKV_AWS_356:A key's policy speaks of that key alone.

  statement {
    sid       = "AccountDecides"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }
  }

  # CloudWatch Logs encrypts for itself, and takes no key whose policy does not name it.
  statement {
    sid       = "LogsOfThisAccount"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${data.aws_region.second.name}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:aws:logs:${data.aws_region.second.name}:${var.account_id}:log-group:*"]
    }
  }

  # Which distribution it is, says the policy of the bucket: named here, the key and all that it encrypts would wait for it.
  statement {
    sid       = "CopiesOfFilesByCloudFront"
    actions   = ["kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "AWS:SourceArn"
      values   = ["arn:aws:cloudfront::${var.account_id}:distribution/*"]
    }
  }
}

# A replica in another region is encrypted with a key of that region.
resource "aws_kms_key" "this" {
  provider = aws.second

  description         = "Copies of ${var.name}"
  policy              = data.aws_iam_policy_document.key.json
  enable_key_rotation = true
}

# --- The database's replica, in a network that leads nowhere until somebody opens the shop there ------------------------

resource "aws_vpc" "this" {
  # checkov:skip=CKV2_AWS_11:Nothing in it reaches anything.

  provider = aws.second

  cidr_block           = var.cidr
  enable_dns_hostnames = true

  tags = { Name = "${var.name}-standby" }
}

resource "aws_default_security_group" "this" {
  provider = aws.second

  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "database" {
  provider = aws.second

  count = 2

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr, 8, count.index)
  availability_zone = "${data.aws_region.second.name}${["a", "b"][count.index]}"

  tags = { Name = "${var.name}-standby-${count.index + 1}", Tier = "database" }
}

resource "aws_security_group" "database" {
  # checkov:skip=CKV2_AWS_5:The database's module attaches it.

  provider = aws.second

  name        = "${var.name}-standby-database"
  description = "MySQL of the second region: nobody, until the shop opens there"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-standby-database" }
}

module "database" {
  source = "../database"

  name                 = "${var.name}-standby"
  replicate_source     = { arn = var.database_arn }
  subnet_ids           = aws_subnet.database[*].id
  security_group_id    = aws_security_group.database.id
  instance_class       = var.instance_class
  multi_az             = false
  performance_insights = var.performance_insights
  kms_key_arn          = aws_kms_key.this.arn
  log_retention_days   = var.log_retention_days

  providers = {
    aws = aws.second
  }
}

# --- A vault for copies of backups ---------------------------------------------------------------------------------------

resource "aws_backup_vault" "this" {
  provider = aws.second

  name        = "${var.name}-copies"
  kms_key_arn = aws_kms_key.this.arn
}

resource "aws_backup_vault_lock_configuration" "this" {
  provider = aws.second

  backup_vault_name  = aws_backup_vault.this.name
  min_retention_days = var.lock_days
}
