variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string
}

variable "account_id" {
  description = "Account of the identity that may be sent from."
  type        = string
}

variable "domain_name" {
  description = "Domain that e-mail is sent from: the shop's."
  type        = string
}

variable "zone_id" {
  description = "Route 53 zone of the domain."
  type        = string
}

variable "reports_to" {
  description = "Address to which receivers send their daily DMARC reports."
  type        = string
}

variable "dmarc_policy" {
  description = "What receivers do with e-mail that is not proven to be the shop's: none, quarantine, reject."
  type        = string
  nullable    = false
  default     = "quarantine"

  validation {
    condition     = contains(["none", "quarantine", "reject"], var.dmarc_policy)
    error_message = "none, quarantine or reject."
  }
}
