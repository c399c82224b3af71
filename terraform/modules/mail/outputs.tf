output "smtp_user_name" {
  description = "User whose key is SMTP's password."
  value       = aws_iam_user.smtp.name
}
