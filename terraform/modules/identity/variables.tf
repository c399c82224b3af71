variable "name" {
  description = "Prefix of every name, such as webmarket-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "kms_key_arn" {
  description = "KMS key to encrypt with; null uses the key that AWS keeps for the service."
  type        = string
  default     = null
}

variable "environment" {
  description = "Name of the environment: its settings are under /webmarket/{environment}/."
  type        = string
}

variable "account_id" {
  description = "AWS account."
  type        = string
}

variable "bucket_arns" {
  description = "ARN of each bucket: files, lake, backups."
  type        = map(string)
}

variable "signing_key" {
  description = "KMS key that signs backups."
  type        = object({ arn = string })
}

variable "queue_arns" {
  description = "ARNs of the shop's queues."
  type        = list(string)
}

variable "database_secret" {
  description = "Secret in which RDS keeps the master user's password; null where it is among the environment's own, as `database`."
  type        = object({ arn = string })
  default     = null
}

variable "github_repository" {
  description = "Repository whose pipeline may deploy, as owner/name; null leaves the pipeline out."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.github_repository))
    error_message = "A repository is owner/name, without wildcards: any other could deploy too."
  }
}

variable "github_branch" {
  description = "The one branch that may deploy."
  type        = string
  nullable    = false
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9_./-]+$", var.github_branch))
    error_message = "One branch by name, without wildcards."
  }
}

variable "github_environments" {
  description = "GitHub environments whose jobs may deploy, in place of the branch: those where somebody approves."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.github_environments : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "Environments by name, without wildcards."
  }
}

variable "github_oidc_provider" {
  description = "Whether this environment makes the account's GitHub identity provider; one for each account."
  type        = bool
  default     = true
}

variable "operator_principal_arns" {
  description = "Roles or users (of an identity centre, say) that may become an operator, deployer or break-glass. Empty: nobody."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.operator_principal_arns : startswith(arn, "arn:aws:") && !strcontains(arn, "*")])
    error_message = "Full ARNs, without wildcards."
  }
}

variable "tracing" {
  description = "Whether instances may send traces to X-Ray, with a sampling rule."
  type        = bool
  default     = false
}

variable "stops_dev" {
  description = "Whether the workers start and stop what is tagged Environment=dev, by the shop's DEV_TIMETABLE."
  type        = bool
  default     = false
}

variable "snapshot_copies" {
  description = "Key of a second region that copies of snapshots are encrypted with; null where none are made."
  type        = object({ kms_key_arn = string })
  default     = null
}
