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

variable "subnet_ids" {
  description = "Isolated subnets, one in each zone."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group that admits the app alone."
  type        = string
}

variable "instance_class" {
  description = "Size of the server."
  type        = string
  default     = "db.t4g.medium"

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "An RDS class, such as db.t4g.medium."
  }
}

variable "engine_version" {
  description = "Version of MySQL; minor versions come by themselves."
  type        = string
  nullable    = false
  default     = "8.4"

  validation {
    condition     = startswith(var.engine_version, "8.4")
    error_message = "The shop needs MySQL 8.4, the long-term release."
  }
}

variable "storage_gb" {
  description = "Gigabytes at the start."
  type        = number
  default     = 50

  validation {
    condition     = var.storage_gb >= 20
    error_message = "RDS starts at 20 GB."
  }
}

variable "storage_max_gb" {
  description = "Gigabytes up to which storage grows by itself."
  type        = number
  default     = 200

  validation {
    condition     = var.storage_max_gb > var.storage_gb
    error_message = "Storage must have room to grow."
  }
}

variable "multi_az" {
  description = "A standby in another zone that takes over within a minute or two."
  type        = bool
  default     = true
}

variable "backup_days" {
  description = "Days to any second of which the database can be brought back."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 35
    error_message = "Point-in-time recovery reaches back 7 to 35 days."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the database."
  type        = bool
  default     = true
}

variable "final_snapshot" {
  description = "Take a snapshot before the database is deleted."
  type        = bool
  default     = true
}

variable "performance_insights" {
  description = "Record which queries take the time. The smallest classes cannot."
  type        = bool
  default     = true
}

variable "enhanced_monitoring_seconds" {
  description = "Interval of the operating system's figures; 0 for none."
  type        = number
  nullable    = false
  default     = 60

  validation {
    condition     = contains([0, 1, 5, 10, 15, 30, 60], var.enhanced_monitoring_seconds)
    error_message = "RDS measures every 1, 5, 10, 15, 30 or 60 seconds, or not at all (0)."
  }
}

variable "slow_query_seconds" {
  description = "Queries that take longer are logged."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.slow_query_seconds > 0
    error_message = "More than nothing is slow."
  }
}

variable "managed_password" {
  description = "Whether RDS keeps and changes the master password. It then refuses read replicas and blue/green deployments."
  type        = bool
  default     = true
}

variable "password" {
  description = "Master password where RDS does not keep it; given with each plan and apply, and kept in no state."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
}

variable "password_version" {
  description = "Raise it to have the password written anew."
  type        = number
  default     = 1
}

variable "replicas" {
  description = "Read replicas."
  type        = number
  default     = 0

  validation {
    condition     = var.replicas == 0 || !var.managed_password
    error_message = "RDS makes no replica of a MySQL database whose master password it keeps: managed_password = false."
  }

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "From none to five replicas."
  }
}

variable "replicate_source" {
  description = "Database of another region that this one copies until it is promoted; null for one of its own."
  type        = object({ arn = string })
  default     = null
}

variable "blue_green" {
  description = "Make changes on a copy and switch over, rather than in place."
  type        = bool
  default     = false

  validation {
    condition     = !var.blue_green || !var.managed_password
    error_message = "RDS makes no blue/green deployment where it keeps the master password: managed_password = false."
  }
}

variable "apply_immediately" {
  description = "Apply changes now instead of in the maintenance window."
  type        = bool
  nullable    = false
  default     = false
}

variable "log_retention_days" {
  description = "Days for which error and slow query logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 180, 365], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365 days."
  }
}

variable "restore_from" {
  description = "What a new database begins with: a snapshot, or another instance (by its name, or its resource ID where it is gone) at a time, the latest possible without. Nothing for one that exists."
  type = object({
    snapshot    = optional(string)
    instance    = optional(string)
    resource_id = optional(string)
    time        = optional(string)
  })
  default = null

  validation {
    condition     = var.restore_from == null || length([for source in [try(var.restore_from.snapshot, null), try(var.restore_from.instance, null), try(var.restore_from.resource_id, null)] : source if source != null]) == 1
    error_message = "One source: snapshot, instance or resource_id."
  }

  validation {
    condition     = try(var.restore_from.time, null) == null || (try(var.restore_from.snapshot, null) == null && can(formatdate("YYYY", var.restore_from.time)))
    error_message = "A time such as 2026-11-28T08:55:00Z, of an instance: a snapshot has its own."
  }
}
