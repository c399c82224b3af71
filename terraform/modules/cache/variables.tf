variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "subnet_ids" {
  description = "Isolated subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group that admits the app alone."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key to encrypt with; null uses the key that AWS keeps for the service."
  type        = string
  default     = null
}

variable "node_type" {
  description = "Size of each node."
  type        = string
  default     = "cache.t4g.micro"

  validation {
    condition     = startswith(var.node_type, "cache.")
    error_message = "An ElastiCache type, such as cache.t4g.micro."
  }
}

variable "nodes" {
  description = "Nodes: one, or more with automatic failover."
  type        = number
  default     = 2

  validation {
    condition     = var.nodes >= 1 && var.nodes <= 6
    error_message = "1 to 6 nodes."
  }
}
