output "secret_arns" {
  description = "ARN of each secret."
  value       = { for key, secret in aws_secretsmanager_secret.this : key => secret.arn }
}

output "image_parameter_name" {
  description = "Parameter that holds the AMI of the current release."
  value       = aws_ssm_parameter.image.name
}
