variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "cidr" {
  description = "Address range of the VPC; each subnet takes a /24 out of it."
  type        = string
  nullable    = false
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && try(tonumber(split("/", var.cidr)[1]) == 16, false)
    error_message = "The range is an IPv4 /16, such as 10.0.0.0/16."
  }
}

variable "availability_zones" {
  description = "Zones to spread over: two, or three."
  type        = list(string)

  validation {
    condition     = contains([2, 3], length(distinct(var.availability_zones)))
    error_message = "Name two or three different zones: one alone takes the shop down when it fails."
  }
}

variable "single_nat" {
  description = "One NAT gateway for all zones (cheaper) instead of one in each (survives the loss of a zone)."
  type        = bool
  default     = false
}

variable "interface_endpoints" {
  description = "AWS services reached inside the VPC rather than through NAT, by short name: ssm, sqs, logs…"
  type        = set(string)
  default     = []
}

variable "app_port" {
  description = "Port on which nginx answers the balancer."
  type        = number
  default     = 80

  validation {
    condition     = var.app_port > 0 && var.app_port < 65536 && var.app_port != 22
    error_message = "The port is between 1 and 65535, and not SSH's."
  }
}

variable "balancer_prefix_list_ids" {
  description = "Managed prefix lists that may reach the balancer (CloudFront's). Empty: the whole internet may."
  type        = list(string)
  default     = []
}

variable "flow_log_retention_days" {
  description = "Days for which the VPC's flow logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 180, 365], var.flow_log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365 days."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the flow logs; null leaves it to CloudWatch's own."
  type        = string
  default     = null
}
