variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "environment" {
  description = "Value of the tag Environment that spending is counted by."
  type        = string
}

variable "monthly_amount" {
  description = "Budget of a month, in US dollars, which AWS counts in."
  type        = number
  default     = 150

  validation {
    condition     = var.monthly_amount > 0
    error_message = "More than nothing."
  }
}

variable "alert_percents" {
  description = "Shares of the budget at which the addresses are notified."
  type        = set(number)
  nullable    = false
  default     = [50, 80, 100]
}

variable "emails" {
  description = "E-mail addresses to notify."
  type        = list(string)

  validation {
    condition     = length(var.emails) > 0
    error_message = "A budget that tells nobody is no budget."
  }
}

variable "anomaly_monitor_arn" {
  description = "Monitor to subscribe to, such as AWS's own of all services in a member account; null makes one of this environment."
  type        = string
  default     = null
}

variable "activated_tags" {
  description = "Tags to activate for cost allocation, in one environment of the account. AWS knows a tag a day after its first use."
  type        = set(string)
  default     = []
}

variable "anomaly_amount" {
  description = "Unusual spending of a day above which the addresses are notified."
  type        = number
  nullable    = false
  default     = 10

  validation {
    condition     = var.anomaly_amount > 0
    error_message = "More than nothing."
  }
}
