output "region" {
  description = "The second region."
  value       = data.aws_region.second.name
}

output "bucket_names" {
  description = "Copy of each bucket."
  value       = local.copies
}

output "files_domain_name" {
  description = "Where CloudFront fetches files when the first region does not answer."
  value       = aws_s3_bucket.copy["files"].bucket_regional_domain_name
}

output "database_id" {
  description = "Name of the replica, to promote."
  value       = module.database.instance_id
}

output "backup_vault_arn" {
  description = "Vault for copies of backups."
  value       = aws_backup_vault.this.arn
}

output "kms_key_arn" {
  description = "Key of the second region that copies are encrypted with."
  value       = aws_kms_key.this.arn
}
