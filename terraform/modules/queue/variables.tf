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
  description = "AWS account that owns the queues."
  type        = string
}

variable "queues" {
  description = "Queues, by the name that Celery gives them."
  type        = set(string)
  default     = ["default", "operations"]

  validation {
    condition     = length(var.queues) > 0
    error_message = "At least one queue."
  }
}

variable "visibility_seconds" {
  description = "How long a worker has a message to itself; longer than the longest task, or it runs twice."
  type        = number
  nullable    = false
  default     = 1800

  validation {
    condition     = var.visibility_seconds > 900 && var.visibility_seconds <= 43200
    error_message = "Tasks may take 900 seconds, and SQS allows 43 200."
  }
}

variable "attempts" {
  description = "Deliveries after which a message counts as dead."
  type        = number
  nullable    = false
  default     = 5

  validation {
    condition     = var.attempts >= 2 && var.attempts <= 100
    error_message = "From 2 to 100 deliveries."
  }
}
