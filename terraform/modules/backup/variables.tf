variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "account_id" {
  description = "AWS account."
  type        = string
}

variable "resource_arns" {
  description = "What is backed up."
  type        = list(string)
}

variable "keep_days" {
  description = "Days for which daily backups are kept."
  type        = number
  nullable    = false
  default     = 35

  validation {
    condition     = var.keep_days >= 7
    error_message = "At least a week."
  }
}

variable "lock_days" {
  description = "Minimum retention in days; the vault refuses plans with less."
  type        = number
  nullable    = false
  default     = 7

  validation {
    condition     = var.lock_days >= 1
    error_message = "At least a day."
  }
}

variable "copy_vault_arn" {
  description = "Vault in a second region that gets a copy; null copies nowhere."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "KMS key of the vault; null uses the one that AWS keeps."
  type        = string
  default     = null
}

variable "restore_testing" {
  description = "Restore the latest backup every week, to see that it can be."
  type        = bool
  default     = false
}
