variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}$", var.name))
    error_message = "The name has 3 to 23 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "environment" {
  description = "Name of the environment: demo, staging or production."
  type        = string
}

variable "account_id" {
  description = "AWS account."
  type        = string
}

variable "availability_zones" {
  description = "Two or three zones."
  type        = list(string)
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
  description = "Secret between CloudFront and the balancer, at least 32 characters (openssl rand -hex 32)."
  type        = string
  sensitive   = true
}

variable "former_origin_secret" {
  description = "Secret between CloudFront and the balancer that is accepted too, while it is being changed; null accepts the one alone."
  type        = string
  default     = null
  sensitive   = true
}

variable "image_id" {
  description = "AMI that instances start from until the first release writes its own."
  type        = string
}

variable "emails" {
  description = "E-mail addresses notified of alarms and spending."
  type        = list(string)
}

variable "balancer_prefix_list_ids" {
  description = "CloudFront's managed prefix list, the only source that reaches the balancer."
  type        = list(string)
  default     = []
}

variable "kms_key_arn" {
  description = "KMS key for everything at rest; null uses the keys that AWS keeps."
  type        = string
  default     = null
}

variable "single_nat" {
  description = "One NAT gateway instead of one in each zone."
  type        = bool
  default     = false
}

variable "interface_endpoints" {
  description = "AWS services reached inside the VPC rather than through NAT."
  type        = set(string)
  default     = []
}

variable "fleets" {
  description = "Sizes of web and workers: instance types, fewest and most, and a timetable if there is one."
  type = map(object({
    instance_types     = list(string)
    minimum            = number
    maximum            = number
    spot_percent       = optional(number)
    predictive_scaling = optional(string, "off")
    timetable          = optional(map(object({ recurrence = string, minimum = number, maximum = number })), {})
  }))

  validation {
    condition     = toset(keys(var.fleets)) == toset(["web", "workers"])
    error_message = "The fleets are web and workers."
  }
}

variable "database" {
  description = "The database: class, gigabytes, standby, days of point-in-time recovery, replicas, and whether it measures queries."
  type = object({
    instance_class       = string
    storage_gb           = optional(number, 50)
    storage_max_gb       = optional(number, 200)
    multi_az             = optional(bool, true)
    backup_days          = optional(number, 14)
    replicas             = optional(number, 0)
    performance_insights = optional(bool, true)
    blue_green           = optional(bool, false)
    managed_password     = optional(bool, true)
    password_version     = optional(number, 1)
  })
}

variable "database_password" {
  description = "Master password of the database where RDS does not keep it (database.managed_password = false)."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
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

variable "disposable" {
  description = "Whether the environment can be destroyed with all that is in it. For a demonstration alone."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
  default     = 30
}

variable "settings" {
  description = "Settings by the names of .env.example; also who the shop is, SHOP_NAME to SHOP_BIC and DEFAULT_FROM_EMAIL, where the back office shall not say it."
  type        = map(string)

  validation {
    condition     = (trimspace(lookup(var.settings, "SHOP_IBAN", "")) == "") == (trimspace(lookup(var.settings, "SHOP_BIC", "")) == "")
    error_message = "SHOP_IBAN and SHOP_BIC come together."
  }
}

variable "bot_control" {
  description = "Whether the firewall's paid bot rules run."
  type        = bool
  default     = true
}

variable "backup" {
  description = "Whether AWS Backup keeps daily copies in a locked vault, beside the database's own."
  type        = bool
  default     = true
}

variable "starts_missed_backups" {
  description = "Whether EventBridge Scheduler starts the day's backup where the shop's own scheduler has started none; not where workers sleep at night."
  type        = bool
  default     = true
}

variable "backup_copy_vault_arn" {
  description = "Vault in a second region that gets a copy of every backup; null copies nowhere."
  type        = string
  default     = null
}

variable "restore_testing" {
  description = "Whether AWS restores a backup every week, to see that it can be."
  type        = bool
  default     = false
}

variable "budget" {
  description = "US dollars of a month; null watches no spending."
  type        = number
  default     = null
}

variable "anomaly_monitor_arn" {
  description = "Monitor of unusual spending to subscribe to; null makes one of this environment."
  type        = string
  default     = null
}

variable "activate_cost_tags" {
  description = "Whether this environment activates the account's tags for cost allocation, which budgets count by."
  type        = bool
  default     = false
}

variable "github_repository" {
  description = "Repository whose pipeline may deploy, as owner/name; null leaves the pipeline out."
  type        = string
  default     = null
}

variable "github_environments" {
  description = "GitHub environments whose jobs may deploy, in place of the branch."
  type        = list(string)
  default     = []
}

variable "github_oidc_provider" {
  description = "Whether this environment makes the account's GitHub identity provider."
  type        = bool
  default     = true
}

variable "operator_principal_arns" {
  description = "Who may become operator, deployer or break-glass."
  type        = list(string)
  default     = []
}

variable "own_edge_policies" {
  description = "Whether caching follows our own policies (20 of a kind for each account) or the ones that AWS keeps for everybody."
  type        = bool
  default     = true
}

variable "failover" {
  description = "Balancer of a second region that answers when the first has no healthy host; null for none."
  type        = object({ dns_name = string, zone_id = string })
  default     = null
}

variable "files_copy" {
  description = "Copy of the bucket of files in a second region, which the edge asks where the first one fails; null for none."
  type        = object({ domain_name = string })
  default     = null
}

variable "tracing" {
  description = "Whether instances may send traces to X-Ray, with a sampling rule."
  type        = bool
  default     = false
}

variable "dev_timetable" {
  description = "When what is tagged Environment=dev in this account is up, such as « mon-fri 08:00-12:30, mon-fri 14:00-20:00; night=sun-thu 22:00-06:00 », but for French public holidays; null lets nobody stop anything. A timetable with a name is for what has a tag Timetable with that name."
  type        = string
  default     = null

  validation {
    condition     = var.dev_timetable == null ? true : alltrue([for timetable in split(";", var.dev_timetable) : can(regex("^ *([a-z0-9][a-z0-9_-]* *= *)?[a-z]{3}(-[a-z]{3})? [0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}( *, *[a-z]{3}(-[a-z]{3})? [0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2})* *$", timetable))])
    error_message = "Write timetables like mon-fri 08:00-12:30, mon-fri 14:00-20:00; night=sun-thu 22:00-06:00."
  }
}

variable "signing_public_keys" {
  description = "Public keys (PEM) of the addresses by which documents are read, by name; none reads them from the bucket. The secret documents-key names the one that signs; what any of them signed is read (deploy/README.md)."
  type        = map(string)
  nullable    = false
  default     = {}
}

variable "snapshot_copies" {
  description = "Second region that snapshots of the database are copied to, and the key that encrypts them there; null for none."
  type        = object({ region = string, kms_key_arn = string })
  default     = null
}

variable "tuning" {
  description = "Numbers and choices of the modules that differ from their defaults, by module: { edge = { countries = [\"FR\"] }, monitoring = { queue_age_seconds = 120 } }. Each is described in the module's variables.tf."
  type        = any
  default     = {}

  validation {
    condition = alltrue(flatten([
      for part, values in var.tuning : [for name in keys(values) : contains(lookup(local.tunable, part, []), name)]
    ]))
    error_message = "No module has such a number: shop/main.tf lists what tuning may name."
  }
}
