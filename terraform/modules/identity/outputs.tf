output "instance_profile_names" {
  description = "Instance profile of each service: web, workers, migrate."
  value       = { for key, profile in aws_iam_instance_profile.service : key => profile.name }
}

output "instance_profile_arns" {
  description = "Instance profile ARN of each service (web, workers, migrate), once its role holds its rights: instances boot once."
  value       = { for key, profile in aws_iam_instance_profile.service : key => profile.arn }

  depends_on = [aws_iam_role_policy.service, aws_iam_role_policy.database, aws_iam_role_policy.signatures, aws_iam_role_policy.snapshot_copies]
}

output "github_role_arns" {
  description = "Roles of the pipeline by what they are for: build, deploy, plan."
  value       = { for kind, role in aws_iam_role.github : kind => role.arn }
}

output "people_role_arns" {
  description = "Roles that people assume, by kind."
  value       = { for key, role in aws_iam_role.people : key => role.arn }
}
