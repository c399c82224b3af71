# For Packer 1.7 and newer: `packer init packer/plugins`. Older versions have these built in and know no such block,
# which is why it stands apart from what they read.
packer {
  required_version = ">= 1.7.0"

  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = "~> 1.3"
    }
    ansible = {
      source  = "github.com/hashicorp/ansible"
      version = "~> 1.1"
    }
  }
}
