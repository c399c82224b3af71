variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "environment" {
  description = "Environment, in the namespace of the shop's own metrics: WebMarket/{environment}."
  type        = string
}

variable "balancer_arn_suffix" {
  description = "How metrics name the balancer."
  type        = string
}

variable "target_group_arn_suffix" {
  description = "How metrics name the shop's target group."
  type        = string
}

variable "fleet_names" {
  description = "Auto Scaling groups, by role."
  type        = map(string)
}

variable "database_id" {
  description = "The database instance."
  type        = string
}

variable "queue_names" {
  description = "Queues, by the name that Celery gives them."
  type        = map(string)
}

variable "dead_letter_queue_names" {
  description = "Dead-letter queues, by the same names."
  type        = map(string)
}

variable "emails" {
  description = "E-mail addresses notified of every alarm; each confirms its subscription once."
  type        = set(string)
  default     = []
}

variable "log_retention_days" {
  description = "Days for which the shop's logs are kept: 7 in staging, 30 in production."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 180, 365], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365 days."
  }
}

variable "kms_key_arn" {
  description = "KMS key of logs and messages; null uses the ones that AWS keeps."
  type        = string
  default     = null
}

variable "server_error_percent" {
  description = "Answers 5xx, in percent, above which an alarm is raised and a release rolled back."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.server_error_percent > 0 && var.server_error_percent <= 100
    error_message = "More than 0, up to 100 percent."
  }
}

variable "client_error_percent" {
  description = "Answers 4xx, in percent, above which an alarm is raised."
  type        = number
  nullable    = false
  default     = 10

  validation {
    condition     = var.client_error_percent > 0 && var.client_error_percent <= 100
    error_message = "More than 0, up to 100 percent."
  }
}

variable "latency_seconds" {
  description = "Time for 99 of 100 answers above which an alarm is raised."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.latency_seconds > 0
    error_message = "More than nothing."
  }
}

variable "queue_age_seconds" {
  description = "Age of the oldest task above which workers are too few."
  type        = number
  nullable    = false
  default     = 600

  validation {
    condition     = var.queue_age_seconds >= 60
    error_message = "At least a minute."
  }
}

variable "database_cpu_percent" {
  description = "CPU of the database above which an alarm is raised."
  type        = number
  nullable    = false
  default     = 80

  validation {
    condition     = var.database_cpu_percent > 0 && var.database_cpu_percent <= 100
    error_message = "More than 0, up to 100 percent."
  }
}

variable "database_free_gb" {
  description = "Free gigabytes of the database below which an alarm is raised."
  type        = number
  nullable    = false
  default     = 5

  validation {
    condition     = var.database_free_gb > 0
    error_message = "More than nothing."
  }
}

variable "database_connections" {
  description = "Connections above which an alarm is raised."
  type        = number
  nullable    = false
  default     = 200

  validation {
    condition     = var.database_connections > 0
    error_message = "More than none."
  }
}

variable "bounce_percent" {
  description = "Share of e-mail that comes back above which an alarm is raised; SES puts an account under review at 5 percent."
  type        = number
  nullable    = false
  default     = 3

  validation {
    condition     = var.bounce_percent > 0 && var.bounce_percent <= 5
    error_message = "More than 0, up to 5 percent."
  }
}

variable "complaint_percent" {
  description = "Share of e-mail reported as unwanted above which an alarm is raised; SES puts an account under review at 0.1 percent."
  type        = number
  nullable    = false
  default     = 0.05

  validation {
    condition     = var.complaint_percent > 0 && var.complaint_percent <= 0.1
    error_message = "More than 0, up to 0.1 percent."
  }
}

variable "tracing" {
  description = "Whether instances may send traces to X-Ray, with a sampling rule."
  type        = bool
  default     = false
}

variable "traced_share" {
  description = "Share of requests that are traced, beyond the first of each second."
  type        = number
  nullable    = false
  default     = 0.05

  validation {
    condition     = var.traced_share >= 0 && var.traced_share <= 1
    error_message = "A share is from 0 to 1."
  }
}
