variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets, one in each zone."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group of the balancer."
  type        = string
}

variable "certificate_arn" {
  description = "Certificate of the shop's name in this region."
  type        = string
}

variable "logs_bucket_name" {
  description = "Bucket that takes the access logs, under balancer/."
  type        = string
}

variable "tls_policy" {
  description = "Protocols and ciphers: TLS 1.2 and 1.3 with forward secrecy, or stricter."
  type        = string
  nullable    = false
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  validation {
    condition     = startswith(var.tls_policy, "ELBSecurityPolicy-TLS13-1-2") || startswith(var.tls_policy, "ELBSecurityPolicy-TLS13-1-3")
    error_message = "A policy that begins at TLS 1.2, such as ELBSecurityPolicy-TLS13-1-2-2021-06."
  }
}

variable "origin_secret" {
  description = "Secret that CloudFront sends with each request; whoever comes without it gets 403. Null admits everybody (no edge)."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.origin_secret == null || try(length(var.origin_secret) >= 32, false)
    error_message = "At least 32 characters."
  }
}

variable "former_origin_secret" {
  description = "Secret that is accepted too while CloudFront, over minutes, takes up another; null accepts the one alone."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.former_origin_secret == null || try(length(var.former_origin_secret) >= 32, false)
    error_message = "At least 32 characters."
  }
}

variable "app_port" {
  description = "Port on which nginx answers."
  type        = number
  default     = 80

  validation {
    condition     = var.app_port > 0 && var.app_port < 65536
    error_message = "A port is between 1 and 65535."
  }
}

variable "health_path" {
  description = "Path of the health check. The group ends who fails it: it must say something of the host alone, not of the database."
  type        = string
  default     = "/health/live"

  validation {
    condition     = startswith(var.health_path, "/health/")
    error_message = "A host answers for itself under /health/; /health speaks of the database too."
  }
}

variable "slow_start_seconds" {
  description = "Seconds over which a new instance gets its share of requests; 0 for at once."
  type        = number
  nullable    = false
  default     = 30

  validation {
    condition     = var.slow_start_seconds == 0 || (var.slow_start_seconds >= 30 && var.slow_start_seconds <= 900)
    error_message = "30 to 900 seconds, or 0."
  }
}

variable "deregistration_seconds" {
  description = "Seconds that a leaving instance has for the requests it is serving."
  type        = number
  nullable    = false
  default     = 30

  validation {
    condition     = var.deregistration_seconds >= 5 && var.deregistration_seconds <= 3600
    error_message = "5 to 3600 seconds."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the balancer."
  type        = bool
  default     = true
}

variable "services" {
  description = "Further services beside the shop, by name: the paths that lead to each, its port, and its place among the rules."
  type        = map(object({ paths = list(string), port = number, priority = number }))
  default     = {}

  validation {
    condition     = alltrue([for service in var.services : service.priority >= 1 && service.priority < 1000])
    error_message = "Rules of further services stand before the shop's own: priority 1 to 999."
  }
}
