variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "environment" {
  description = "Environment whose secrets and settings the instances read at boot."
  type        = string
}

variable "tags" {
  description = "Tags of instances and volumes, which a provider's default tags do not reach."
  type        = map(string)
  default     = {}
}

variable "role" {
  description = "What the instances do: web (gunicorn behind nginx) or workers (Celery, beat)."
  type        = string

  validation {
    condition     = contains(["web", "workers"], var.role)
    error_message = "The role is web or workers."
  }
}

variable "image" {
  description = "AMI that instances start from until a release names its own. Its id: Auto Scaling rolls back to no parameter."
  type        = string

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.image))
    error_message = "An AMI id, such as ami-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Private subnets, one in each zone."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group of the instances."
  type        = string
}

variable "instance_profile_arn" {
  description = "Instance profile with the role's rights."
  type        = string
}

variable "target_group_arns" {
  description = "Target groups that the instances join; none for workers."
  type        = list(string)
  default     = []
}

variable "balanced" {
  description = "Whether a balancer decides if an instance is healthy."
  type        = bool
  default     = false
}

variable "request_label" {
  description = "Balancer and target group as metrics name them (app/…/targetgroup/…), to scale on requests; null does not."
  type        = string
  default     = null
}

variable "scale_on_requests" {
  description = "Whether to scale on requests per instance, which needs request_label."
  type        = bool
  default     = false
}

variable "instance_types" {
  description = "Sizes, the first preferred; the others only with mixed instances."
  type        = list(string)
  default     = ["t3.medium"]

  validation {
    condition     = length(var.instance_types) > 0 && alltrue([for type in var.instance_types : can(regex("^(t3|t3a|t4g|c5|c6i|c7g|m7g)\\.[a-z0-9]+$", type))])
    error_message = "Families t3, t3a, t4g, c5, c6i, c7g and m7g."
  }
}

variable "spot_percent" {
  description = "Share of spot capacity above the minimum; null for a single size on demand."
  type        = number
  default     = null

  validation {
    condition     = var.spot_percent == null || try(var.spot_percent >= 0 && var.spot_percent <= 100, false)
    error_message = "0 to 100 percent."
  }
}

variable "minimum" {
  description = "Fewest instances."
  type        = number
  default     = 2

  validation {
    condition     = var.minimum >= 1 && floor(var.minimum) == var.minimum
    error_message = "At least one instance."
  }
}

variable "maximum" {
  description = "Most instances."
  type        = number
  default     = 4

  validation {
    condition     = var.maximum >= var.minimum && floor(var.maximum) == var.maximum
    error_message = "The most is no less than the fewest."
  }
}

variable "cpu_percent" {
  description = "CPU that scaling aims at."
  type        = number
  nullable    = false
  default     = 70

  validation {
    condition     = var.cpu_percent >= 20 && var.cpu_percent <= 90
    error_message = "20 to 90 percent."
  }
}

variable "requests_per_minute" {
  description = "Requests per instance and minute that scaling aims at."
  type        = number
  nullable    = false
  default     = 3000

  validation {
    condition     = var.requests_per_minute >= 60
    error_message = "At least one a second."
  }
}

variable "predictive_scaling" {
  description = "Scale ahead of what last weeks were like: off, only forecast, or forecast and scale."
  type        = string
  default     = "off"

  validation {
    condition     = contains(["off", "ForecastOnly", "ForecastAndScale"], var.predictive_scaling)
    error_message = "off, ForecastOnly or ForecastAndScale."
  }
}

variable "timetable" {
  description = "Sizes at set times, by name; recurrence is a cron expression in Paris time. A demonstration sleeps at night by it."
  type        = map(object({ recurrence = string, minimum = number, maximum = number }))
  default     = {}
}

variable "disk_gb" {
  description = "Gigabytes of each instance's disk."
  type        = number
  nullable    = false
  default     = 16

  validation {
    condition     = var.disk_gb >= 8 && var.disk_gb <= 200
    error_message = "8 to 200 GB."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the disks; null uses the one that AWS keeps."
  type        = string
  default     = null
}

variable "warmup_seconds" {
  description = "Seconds from launch until an instance counts."
  type        = number
  nullable    = false
  default     = 60

  validation {
    condition     = var.warmup_seconds >= 10 && var.warmup_seconds <= 900
    error_message = "10 to 900 seconds."
  }
}

variable "grace_seconds" {
  description = "Seconds from launch within which an unhealthy instance is not ended: a cold disk is fetched from S3 as it is read."
  type        = number
  nullable    = false
  default     = 300

  validation {
    condition     = var.grace_seconds >= 60 && var.grace_seconds <= 3600
    error_message = "60 to 3600 seconds."
  }
}

variable "drain_seconds" {
  description = "Seconds that a leaving instance has to end what it is doing."
  type        = number
  default     = 120

  validation {
    condition     = var.drain_seconds >= 30 && var.drain_seconds <= 7200
    error_message = "30 to 7200 seconds."
  }
}

variable "rollback_alarm_names" {
  description = "Alarms that stop an instance refresh and bring the former release back."
  type        = list(string)
  default     = []
}
