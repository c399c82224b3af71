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
  name        = "webmarket-test"
  environment = "test"
  account_id  = "123456789012"
  bucket_arns = {
    files   = "arn:aws:s3:::webmarket-test-files"
    lake    = "arn:aws:s3:::webmarket-test-lake"
    backups = "arn:aws:s3:::webmarket-test-backups"
  }
  signing_key             = { arn = "arn:aws:kms:eu-west-3:123456789012:key/0f0f0f0f-0000-4000-8000-000000000001" }
  queue_arns              = ["arn:aws:sqs:eu-west-3:123456789012:webmarket-test-default"]
  database_secret         = { arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:rds!db-1-AbCdEf" }
  github_repository       = "example/webmarket"
  operator_principal_arns = ["arn:aws:iam::123456789012:user/operator"]
}

run "each_role_holds_only_what_it_uses" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for policy in [data.aws_iam_policy_document.web, data.aws_iam_policy_document.workers, data.aws_iam_policy_document.deploy] : [
        for statement in jsondecode(policy.json).Statement : [for action in flatten([statement.Action]) : !strcontains(action, "*")]
      ]
    ]))
    error_message = "A policy allows actions by wildcard."
  }

  assert {
    condition = alltrue(flatten([
      for policy in [data.aws_iam_policy_document.web, data.aws_iam_policy_document.workers, data.aws_iam_policy_document.deploy] : [
        for statement in jsondecode(policy.json).Statement :
        !contains(flatten([statement.Resource]), "*") || contains(["PutMetrics", "SendTraces", "SessionManager", "FindOwnGroup", "Look", "Audit"], statement.Sid)
      ]
    ]))
    error_message = "A policy reaches every resource, and AWS does not ask for that."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(data.aws_iam_policy_document.workers.json).Statement : [
        for action in flatten([statement.Action]) : can(regex(":(Describe|Get|List|View)", action))
      ] if contains(["Look", "Audit"], statement.Sid)
    ]))
    error_message = "What reaches every resource only looks."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(data.aws_iam_policy_document.web.json).Statement : [
        for action in flatten([statement.Action]) : !startswith(action, "rds:") && !startswith(action, "autoscaling:") && (action != "sqs:ReceiveMessage" || alltrue([for queue in flatten([statement.Resource]) : endswith(queue, "-dead")]))
      ]
    ]))
    error_message = "Web instances hold a right of the workers."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.service : startswith(role.assume_role_policy, "{") && jsondecode(role.assume_role_policy).Statement[0].Principal.Service == "ec2.amazonaws.com"])
    error_message = "Only EC2 instances act for a service."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.signatures.policy).Statement :
      statement.Resource == var.signing_key.arn && contains(["kms:GetPublicKey", "kms:Sign"], statement.Action)
    ])
    error_message = "Workers sign with the one key of backups, and do nothing else with it."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.database.policy).Statement[0].Resource == var.database_secret.arn
    error_message = "The instance that migrates reads another database's password."
  }

  assert {
    condition     = !strcontains(data.aws_iam_policy_document.web.json, "rds!db-") && !strcontains(data.aws_iam_policy_document.workers.json, "rds!db-")
    error_message = "Hosts read the password of every database."
  }

  assert {
    condition = (
      jsondecode(data.aws_iam_policy_document.github_trust["deploy"].json).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]
      == "repo:example/webmarket:ref:refs/heads/main"
    )
    error_message = "The pipeline's role is open to other branches or repositories."
  }

  assert {
    condition = alltrue([
      for policy in data.aws_iam_policy_document.people_trust : jsondecode(policy.json).Statement[0].Condition.Bool["aws:MultiFactorAuthPresent"] == "true"
    ])
    error_message = "People act without a second factor."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(data.aws_iam_policy_document.deploy.json).Statement :
      can(statement.Condition) if contains(["StartFromOwnTemplates", "GiveOwnRoles", "EndMigratingInstance", "TellMigratingInstance"], statement.Sid)
    ])
    error_message = "A release can start, tell or end any instance."
  }

  assert {
    condition = alltrue([
      for resource in flatten([for statement in jsondecode(data.aws_iam_policy_document.deploy.json).Statement : flatten([statement.Resource]) if statement.Sid == "GiveOwnRoles"]) :
      startswith(resource, "arn:aws:iam::123456789012:role/webmarket-test-")
    ])
    error_message = "A release can give any role to an instance."
  }

  assert {
    condition = (
      length(flatten([jsondecode(data.aws_iam_policy_document.github_trust["deploy"].json).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]])) == 1
      && alltrue([for statement in jsondecode(data.aws_iam_policy_document.plan.json).Statement : statement.Effect == "Deny"])
    )
    error_message = "A pull request can do more than see a plan."
  }

  assert {
    condition     = !strcontains(data.aws_iam_policy_document.web.json, "xray:") && !strcontains(data.aws_iam_policy_document.workers.json, "xray:")
    error_message = "Instances hold a right to send traces that nobody asked for."
  }

  assert {
    condition     = !strcontains(data.aws_iam_policy_document.workers.json, "ec2:StopInstances")
    error_message = "Workers hold a right to stop machines that nobody asked for."
  }
}

run "an_approved_environment_deploys_in_place_of_the_branch" {
  command = plan

  variables {
    github_environments = ["production", "production-roll-back"]
  }

  assert {
    condition = (
      toset(jsondecode(data.aws_iam_policy_document.github_trust["deploy"].json).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"])
      == toset(["repo:example/webmarket:environment:production", "repo:example/webmarket:environment:production-roll-back"])
      && !strcontains(data.aws_iam_policy_document.github_trust["build"].json, ":environment:")
    )
    error_message = "A workflow on the branch deploys without an approval."
  }
}

run "refuses_a_wildcard_repository" {
  command = plan

  variables {
    github_repository = "example/*"
  }

  expect_failures = [var.github_repository]
}

run "traces_by_variable" {
  command = plan

  variables {
    tracing = true
  }

  assert {
    condition     = anytrue([for statement in jsondecode(data.aws_iam_policy_document.web.json).Statement : statement.Sid == "SendTraces"])
    error_message = "Web instances cannot send traces."
  }
}

run "the_timetable_reaches_dev_alone" {
  command = plan

  variables {
    stops_dev = true
  }

  assert {
    condition = alltrue([
      for one in jsondecode(data.aws_iam_policy_document.workers.json).Statement :
      try(one.Condition.StringEquals["aws:ResourceTag/Environment"], "") == "dev"
      if length(setintersection(flatten([one.Action]), ["ec2:StopInstances", "rds:StopDBInstance", "autoscaling:CreateOrUpdateTags"])) > 0
    ])
    error_message = "Workers may stop more than what is tagged dev."
  }

  assert {
    condition     = strcontains(data.aws_iam_policy_document.workers.json, "ec2:StopInstances") && !strcontains(data.aws_iam_policy_document.web.json, "ec2:StopInstances")
    error_message = "The workers, and they alone, keep to the timetable."
  }
}
