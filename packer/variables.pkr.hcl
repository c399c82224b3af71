variable "release" {
  description = "Name of the release, such as v1.2.0."
  type        = string
}

variable "commit" {
  description = "Commit that the release was made from."
  type        = string
}

variable "archive" {
  description = "Code of the release, as deploy/bin/package packs it."
  type        = string
}

variable "build" {
  description = "Folder of the build's manifest and software list (CycloneDX)."
  type        = string
}

variable "region" {
  description = "Region that keeps the image."
  type        = string
  default     = "eu-west-3"
}

variable "copy_regions" {
  description = "Further regions that get a copy, for disaster recovery."
  type        = list(string)
  default     = []
}

variable "architecture" {
  description = "amd64, or arm64 for Graviton."
  type        = string
  default     = "amd64"
}

variable "instance_type" {
  description = "Instance that the image is built on; of the architecture."
  type        = string
  default     = "t3.medium"
}

variable "subnet_id" {
  description = "Public subnet to build in; empty takes the default network's."
  type        = string
  default     = ""
}

variable "builder_cidrs" {
  description = "Addresses that may reach the builder by SSH while it is built: this machine's own."
  type        = list(string)
}

variable "disk_gb" {
  description = "Gigabytes of the image's disk."
  type        = number
  default     = 8
}

variable "kms_key_id" {
  description = "Key to encrypt with; empty takes the one that AWS keeps."
  type        = string
  default     = ""
}

variable "ansible_variables" {
  description = "File with variables for the roles: TLS to the origin, another version of AWS's agents."
  type        = string
}

variable "ec2_endpoint" {
  description = "Endpoint in place of EC2's, such as moto's; empty asks AWS."
  type        = string
  default     = ""
}

variable "ssh_host" {
  description = "Host to provision in place of the builder's address: where EC2 is moto's, and for the local container."
  type        = string
  default     = ""
}

variable "ssh_key" {
  description = "Private key for ssh_host; empty makes one for the build."
  type        = string
  default     = ""
}
