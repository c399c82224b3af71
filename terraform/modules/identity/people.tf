# What people may become.

locals {
  people = length(var.operator_principal_arns) == 0 ? toset([]) : toset(["read-only", "deployer", "break-glass"])
}

data "aws_iam_policy_document" "people_trust" {
  for_each = local.people

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.operator_principal_arns
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "people" {
  for_each = local.people

  name                 = "${var.name}-${each.key}"
  description          = "People acting as ${each.key}; asks for a second factor"
  assume_role_policy   = data.aws_iam_policy_document.people_trust[each.key].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy_attachment" "read_only" {
  for_each = setintersection(local.people, ["read-only"])

  role       = aws_iam_role.people[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}

resource "aws_iam_role_policy" "deployer" {
  for_each = setintersection(local.people, ["deployer"])

  name   = "release"
  role   = aws_iam_role.people[each.key].id
  policy = data.aws_iam_policy_document.deploy.json
}

# The glass to break when nothing else opens: everything, for an hour, with a second factor.
resource "aws_iam_role_policy_attachment" "break_glass" {
  # checkov:skip=CKV_AWS_274:This role is for when nothing else opens: an hour, with a second factor.

  for_each = setintersection(local.people, ["break-glass"])

  role       = aws_iam_role.people[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
