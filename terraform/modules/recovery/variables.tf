variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,19}$", var.name))
    error_message = "The name has 3 to 20 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "account_id" {
  description = "AWS account, part of every bucket's name."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of the first region, if there is one: what it encrypted is decrypted to be copied."
  type        = string
  default     = null
}

variable "buckets" {
  description = "Buckets to copy, versioned, by purpose."
  type        = map(string)
}

variable "distribution_arn" {
  description = "Distribution that reads the copies of files where the first region does not answer."
  type        = string
}

variable "database_arn" {
  description = "Database to replicate."
  type        = string
}

variable "instance_class" {
  description = "Size of the replica."
  type        = string
}

variable "performance_insights" {
  description = "Record which queries take the time. The smallest classes cannot."
  type        = bool
  nullable    = false
  default     = true
}

variable "cidr" {
  description = "Addresses of the second region's network; not the first's, so that the two can be joined."
  type        = string
  nullable    = false
  default     = "10.1.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.cidr, 8, 1))
    error_message = "A network with room for subnets, such as 10.1.0.0/16."
  }
}

variable "keep_days" {
  description = "Days for which old versions stay in the copies."
  type        = number
  nullable    = false
  default     = 90
}

variable "lock_days" {
  description = "Days during which a copied backup cannot be deleted."
  type        = number
  nullable    = false
  default     = 7
}

variable "log_retention_days" {
  description = "Days for which the replica's logs are kept."
  type        = number
  nullable    = false
  default     = 30
}
