# Signs the manifests of backups, which restore and restore_check refuse otherwise: whoever may write to the bucket cannot.

data "aws_iam_policy_document" "signing" {
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

  # Whatever another role is given.
  statement {
    sid       = "OnlyWorkersSign"
    effect    = "Deny"
    actions   = ["kms:Sign"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::${var.account_id}:role/${var.name}-workers"]
    }
  }
}

resource "aws_kms_key" "signing" {
  # checkov:skip=CKV_AWS_7:AWS rotates no asymmetric key; BACKUP_TRUSTED_KEYS names a former one.

  description              = "Signs backups of ${var.name}"
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  policy                   = data.aws_iam_policy_document.signing.json
  deletion_window_in_days  = var.force_destroy ? 7 : 30
}

resource "aws_kms_alias" "signing" {
  name          = "alias/${var.name}-backups"
  target_key_id = aws_kms_key.signing.key_id
}
