variable "region" {
  description = "AWS region: Paris."
  type        = string
  default     = "eu-west-3"
}

variable "owner" {
  description = "Who answers for what is spent; a tag on everything."
  type        = string

  validation {
    condition     = length(var.owner) > 0
    error_message = "Somebody answers for it."
  }
}

variable "cost_centre" {
  description = "What the spending is booked to; a tag on everything."
  type        = string
  default     = "shop"
}

variable "domain_name" {
  description = "Name of the shop."
  type        = string
}

variable "zone_id" {
  description = "Route 53 zone of the name; null makes one."
  type        = string
  default     = null
}

variable "origin_secret" {
  description = "Secret between CloudFront and the balancer; give it as TF_VAR_origin_secret."
  type        = string
  sensitive   = true
}

variable "former_origin_secret" {
  description = "The secret before, accepted too while CloudFront takes up another; give it as TF_VAR_former_origin_secret."
  type        = string
  default     = null
  sensitive   = true
}

variable "image_id" {
  description = "AMI that instances start from until the first release."
  type        = string
}

variable "emails" {
  description = "E-mail addresses notified of alarms and spending."
  type        = list(string)
}

variable "settings" {
  description = "Settings by the names of .env.example; also who the shop is, SHOP_NAME to SHOP_BIC and DEFAULT_FROM_EMAIL, where the back office shall not say it."
  type        = map(string)
}

variable "anomaly_monitor_arn" {
  description = "Monitor of unusual spending to subscribe to, in an account that may have AWS's own alone; null makes one."
  type        = string
  default     = null
}

variable "github_repository" {
  description = "Repository whose pipeline may deploy, as owner/name; null for none."
  type        = string
  default     = null
}

variable "operator_principal_arns" {
  description = "Who may become operator, deployer or break-glass."
  type        = list(string)
  default     = []
}

variable "github_oidc_provider" {
  description = "Whether this environment makes GitHub's identity provider; one for each account."
  type        = bool
  default     = true
}

variable "dev_timetable" {
  description = "When what is tagged Environment=dev in this account is up, such as mon-fri 08:00-20:00 (terraform/modules/shop); null leaves it alone."
  type        = string
  default     = null
}

variable "tracing" {
  description = "Whether traces go to X-Ray."
  type        = bool
  default     = false
}

variable "signing_public_keys" {
  description = "Public keys (PEM) of the addresses by which documents are read, by name; none reads them from the bucket. The secret documents-key names the one that signs; what any of them signed is read (deploy/README.md)."
  type        = map(string)
  default     = {}
}

variable "restore_from" {
  description = "What a new database begins with: a snapshot, or another instance at a time (terraform/modules/database). Nothing for one that exists."
  type = object({
    snapshot    = optional(string)
    instance    = optional(string)
    resource_id = optional(string)
    time        = optional(string)
  })
  default = null
}

variable "kms_key_arn" {
  description = "KMS key for everything at rest, whose policy lets the account, its Auto Scaling role and CloudWatch Logs use it; null uses the keys that AWS keeps."
  type        = string
  default     = null
}

variable "tuning" {
  description = "Numbers and choices of the modules that differ from their defaults, by module, such as { edge = { countries = [\"FR\"] } }; modules/shop/main.tf lists them."
  type        = any
  default     = {}
}
