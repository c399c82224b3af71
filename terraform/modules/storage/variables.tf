variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "kms_key_arn" {
  description = "KMS key to encrypt with; null uses the key that AWS keeps for the service."
  type        = string
  default     = null
}

variable "account_id" {
  description = "AWS account, part of every bucket's name because those are unique in the world."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account number has twelve digits."
  }
}

variable "distribution_arns" {
  description = "CloudFront distributions that may read static files and media."
  type        = list(string)
  default     = []
}

variable "upload_origins" {
  description = "Origins whose pages may send pictures to the bucket of files, such as https://shop.example."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.upload_origins : startswith(origin, "https://") && !strcontains(origin, "*")])
    error_message = "An origin begins with https:// and names one host."
  }
}

variable "glacier_after_days" {
  description = "Days after which backups and the data lake's old versions move to Glacier."
  type        = number
  nullable    = false
  default     = 90

  validation {
    condition     = var.glacier_after_days >= 30
    error_message = "Below 30 days Glacier costs more than it saves."
  }
}

variable "backup_lock_days" {
  description = "Days during which nobody can delete a backup."
  type        = number
  nullable    = false
  default     = 35

  validation {
    condition     = var.backup_lock_days >= 1 && var.backup_lock_days <= 365
    error_message = "Backups are locked for 1 to 365 days."
  }
}

variable "backup_lock_mode" {
  description = "COMPLIANCE: not even the account's root can delete a locked backup. GOVERNANCE: a role that is allowed to can."
  type        = string
  nullable    = false
  default     = "GOVERNANCE"

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.backup_lock_mode)
    error_message = "The mode is GOVERNANCE or COMPLIANCE."
  }
}

variable "log_retention_days" {
  description = "Days for which access logs are kept; they hold addresses of people, so not for ever."
  type        = number
  nullable    = false
  default     = 365

  validation {
    condition     = var.log_retention_days >= 7 && var.log_retention_days <= 400
    error_message = "Access logs are kept for 7 to 400 days."
  }
}

variable "force_destroy" {
  description = "Whether destroying the environment also destroys files in it. For a demonstration alone."
  type        = bool
  default     = false
}
