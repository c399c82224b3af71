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

variable "activate_cost_tags" {
  description = "Whether the account's tags are activated for cost allocation. Budgets count nothing until they are; AWS knows them a day after the first apply."
  type        = bool
  default     = false
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

variable "backup_copy_vault_arn" {
  description = "Vault in a second region that gets a copy of every backup; null copies nowhere."
  type        = string
  default     = null
}

variable "recovery_region" {
  description = "Second region with copies of the buckets, a replica of the database and a vault of backups; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.recovery_region == null || !var.managed_database_password
    error_message = "RDS makes no replica of a database whose master password it keeps: managed_database_password = false, and a password."
  }
}

variable "managed_database_password" {
  description = "Whether RDS keeps the database's master password. It then refuses replicas and blue/green deployments."
  type        = bool
  default     = true
}

variable "database_replicas" {
  description = "Read replicas of the database, which shared pages, exports and the data lake read."
  type        = number
  default     = 0

  validation {
    condition     = var.database_replicas == 0 || !var.managed_database_password
    error_message = "RDS makes no replica of a database whose master password it keeps: managed_database_password = false, and a password."
  }
}

variable "database_password" {
  description = "The database's master password where RDS does not keep it; give it as TF_VAR_database_password, to plan and to apply."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.managed_database_password || try(length(var.database_password) >= 24, false)
    error_message = "A password of at least 24 characters, such as openssl rand -hex 24 gives."
  }
}

variable "failover" {
  description = "Balancer of a second region that answers when the first has no healthy host; null for none."
  type        = object({ dns_name = string, zone_id = string })
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
