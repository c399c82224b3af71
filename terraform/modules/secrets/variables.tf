variable "kms_key_arn" {
  description = "KMS key to encrypt with; null uses the key that AWS keeps for the service."
  type        = string
  default     = null
}

variable "environment" {
  description = "Name of the environment: its parameters and secrets are under /webmarket/{environment}/."
  type        = string
}

variable "more_secrets" {
  description = "Secrets beside those of host_secrets.json, by name, with what each is for."
  type        = map(string)
  default     = {}
}

variable "parameters" {
  description = "Settings that are no secret, by the name of their environment variable."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.parameters) : can(regex("^[A-Z][A-Z0-9_]*$", key))])
    error_message = "Parameters are named as environment variables."
  }
}

variable "image_id" {
  description = "AMI that new instances start from until the first release writes its own."
  type        = string

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.image_id))
    error_message = "An AMI id, such as ami-0123456789abcdef0."
  }
}

variable "recovery_days" {
  description = "Days during which a deleted secret can be brought back; 0 deletes at once."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "7 to 30 days, or 0."
  }
}

variable "rotation_lambda_arn" {
  description = "Function that changes the secrets; null leaves that to people. RDS changes the database's password by itself."
  type        = string
  default     = null
}

variable "rotation_days" {
  description = "Days after which a secret is changed."
  type        = number
  nullable    = false
  default     = 90

  validation {
    condition     = var.rotation_days >= 1 && var.rotation_days <= 365
    error_message = "Every 1 to 365 days."
  }
}
