# The instance that migrates puts static files, and gives the shop's own user of the database another password.
data "aws_iam_policy_document" "migrate" {
  # checkov:skip=CKV_AWS_111:As for what every instance needs.
  # checkov:skip=CKV_AWS_356:As for what every instance needs.

  source_policy_documents = [data.aws_iam_policy_document.common.json]

  statement {
    sid       = "PutStaticFiles"
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = ["${var.bucket_arns["files"]}/static/*"]
  }

  statement {
    sid       = "ChangePasswordOfShop"
    actions   = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    resources = ["${local.secrets}/database-user-??????"]
  }
}

# The master user's password, of this database alone, for the instance that migrates alone. Apart from the rest, whose text a
# plan can then show before the database is there.
data "aws_iam_policy_document" "database" {
  statement {
    sid       = "ReadMasterPassword"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [local.master_secret]
  }
}

resource "aws_iam_role_policy" "database" {
  name   = "database"
  role   = aws_iam_role.service["migrate"].id
  policy = data.aws_iam_policy_document.database.json
}
