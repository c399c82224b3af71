variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string
}

variable "account_id" {
  description = "Account whose schedules may take the role."
  type        = string
}

variable "queue_arn" {
  description = "Queue of operations, which workers read."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key that the queue is encrypted with; null where SQS has its own."
  type        = string
  default     = null
}

variable "hour" {
  description = "Hour (UTC) of the message: after the shop's own backup, which begins at one and takes half an hour at most."
  type        = number
  nullable    = false
  default     = 4

  validation {
    condition     = var.hour >= 2 && var.hour <= 20
    error_message = "From 2 to 20: later, the backup of the night before is older than a backup may be."
  }
}
