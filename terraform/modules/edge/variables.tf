variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "domain_name" {
  description = "Name of the shop; www. leads to it too."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "A domain name in lower case, without a protocol."
  }
}

variable "zone_id" {
  description = "Route 53 zone of the name; null makes one."
  type        = string
  default     = null
}

variable "balancer_dns_name" {
  description = "Name of the balancer."
  type        = string
}

variable "balancer_zone_id" {
  description = "Route 53 zone of the balancer's name."
  type        = string
}

variable "files_domain_name" {
  description = "Bucket with static/, media/ and documents/."
  type        = string
}

variable "files_copy" {
  description = "Copy of that bucket in a second region, asked where the first one fails; null for none."
  type        = object({ domain_name = string })
  default     = null
}

variable "origin_secret" {
  description = "Secret that CloudFront sends to the balancer with each request."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.origin_secret) >= 32
    error_message = "At least 32 characters."
  }
}

variable "signing_public_keys" {
  description = "Public keys (PEM) of signed addresses for documents/, by name; without one no document is served. All of them are trusted, so that one follows another without a gap."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = length(var.signing_public_keys) <= 5 && alltrue([for pem in var.signing_public_keys : startswith(trimspace(pem), "-----BEGIN PUBLIC KEY-----")])
    error_message = "At most five, which a key group of CloudFront's takes, each as PEM."
  }
}

variable "price_class" {
  description = "How much of the world has an edge near it: Europe and North America, or more."
  type        = string
  nullable    = false
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "requests_per_second" {
  description = "Requests per second and address beyond which the firewall refuses."
  type        = number
  nullable    = false
  default     = 100

  validation {
    condition     = var.requests_per_second >= 1
    error_message = "At least one."
  }
}

variable "form_requests_per_minute" {
  description = "Posts to log-in and forms per minute and address beyond which the firewall refuses."
  type        = number
  nullable    = false
  default     = 20

  validation {
    condition     = var.form_requests_per_minute >= 10
    error_message = "The firewall counts from 10."
  }
}

variable "form_paths" {
  description = "Beginnings of the paths where passwords, codes or order numbers are tried, or a form is sent to people."
  type        = list(string)
  default = [
    "/admin/login/", "/api/auth/", "/compte/", "/contact/", "/en/account/", "/en/contact/", "/en/track-an-order/",
    "/suivre-une-commande/",
  ]

  validation {
    condition     = length(var.form_paths) >= 2
    error_message = "At least two."
  }
}

variable "api_posts_per_minute" {
  description = "Posts per minute and address beyond which the firewall refuses, where a server may send for many people."
  type        = number
  nullable    = false
  default     = 300

  validation {
    condition     = var.api_posts_per_minute >= 10
    error_message = "The firewall counts from 10."
  }
}

variable "api_paths" {
  description = "Beginnings of the paths of the API, and of comments, which it takes too."
  type        = list(string)
  default     = ["/api/", "/commentaires/", "/en/comments/"]

  validation {
    condition     = length(var.api_paths) >= 2
    error_message = "At least two."
  }
}

variable "program_paths" {
  description = "Beginnings of paths where programs come, which bot rules leave alone: the API, payment providers, monitors."
  type        = list(string)
  default     = ["/api/", "/en/paiement/notification/", "/health", "/paiement/notification/"]

  validation {
    condition     = length(var.program_paths) >= 2
    error_message = "At least two."
  }
}

variable "counted_bot_rules" {
  description = "Bot rules that count and do not block. Take one out once its metric shows that it would refuse nobody who may come."
  type        = set(string)
  nullable    = false
  default     = ["CategoryHttpLibrary", "SignalNonBrowserUserAgent"]
}

variable "hsts_subdomains" {
  description = "Whether browsers, for a year, reach every name below the shop's by HTTPS alone."
  type        = bool
  nullable    = false
  default     = false
}

variable "hsts_preload" {
  description = "Whether the domain asks for its place on browsers' lists of HTTPS-only sites, which it leaves after months. Needs hsts_subdomains."
  type        = bool
  nullable    = false
  default     = false

  validation {
    condition     = !var.hsts_preload || var.hsts_subdomains
    error_message = "The lists take a domain with all the names below it."
  }
}

variable "emails" {
  description = "E-mail addresses notified when the shop does not answer from outside; each confirms its subscription once."
  type        = list(string)
  default     = []
}

variable "countries" {
  description = "Countries served, as two letters; empty serves the world."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "bot_control" {
  description = "Whether the firewall's paid bot rules run."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "Days for which the firewall's log is kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 180, 365], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365 days."
  }
}

variable "own_policies" {
  description = "Whether caching follows our own policies (20 of a kind for each account) or the ones that AWS keeps for everybody."
  type        = bool
  default     = true
}

variable "failover" {
  description = "Balancer of a second region that answers when the first has no healthy host; null for none."
  type        = object({ dns_name = string, zone_id = string })
  default     = null
}
