output "vault_arn" {
  description = "Vault of the backups."
  value       = aws_backup_vault.this.arn
}
