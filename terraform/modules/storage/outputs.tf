output "bucket_names" {
  description = "Bucket name of each purpose: files, lake, backups, logs."
  value       = { for key, bucket in aws_s3_bucket.this : key => bucket.id }
}

output "logs_bucket_name" {
  description = "Bucket that takes logs, once its policy lets their writers in."
  value       = aws_s3_bucket.this["logs"].id

  depends_on = [aws_s3_bucket_policy.logs]
}

output "bucket_arns" {
  description = "ARN of each bucket, known before it exists."
  value       = { for key, name in local.names : key => "arn:aws:s3:::${name}" }
}

output "files_domain_name" {
  description = "Where CloudFront fetches static files and media."
  value       = aws_s3_bucket.this["files"].bucket_regional_domain_name
}

output "versioned_bucket_names" {
  description = "Buckets that can be copied to another region, once their versions are kept."
  value       = { for key, versioning in aws_s3_bucket_versioning.this : key => versioning.bucket }
}

output "signing_key_arn" {
  description = "KMS key that signs backups."
  value       = aws_kms_key.signing.arn
}
