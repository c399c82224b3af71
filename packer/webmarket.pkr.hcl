# One way to make a host, on two kinds of machine: an EC2 instance that becomes an image, and a local container.

locals {
  name = "webmarket-${var.release}-${formatdate("YYYYMMDDhhmmss", timestamp())}"
  tags = {
    Name    = "webmarket-${var.release}"
    Project = "webmarket"
    Release = var.release
    Commit  = var.commit
    Base    = "debian-13-${var.architecture}"
  }
}

source "amazon-ebs" "webmarket" {
  ami_name        = local.name
  ami_description = "WebMarket+ ${var.release} on Debian 13"
  ami_regions     = var.copy_regions
  region          = var.region
  instance_type   = var.instance_type
  subnet_id       = var.subnet_id
  encrypt_boot    = true
  kms_key_id      = var.kms_key_id

  # Debian's own account: https://wiki.debian.org/Cloud/AmazonEC2Image
  source_ami_filter {
    owners      = ["136693071363"]
    most_recent = true
    filters = {
      name                = "debian-13-${var.architecture}-*"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
  }

  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_size           = var.disk_gb
    volume_type           = "gp3"
    iops                  = 3000
    throughput            = 125
    delete_on_termination = true
  }

  communicator                          = "ssh"
  ssh_username                          = "admin"
  ssh_host                              = var.ssh_host
  ssh_private_key_file                  = var.ssh_key
  ssh_timeout                           = "5m"
  associate_public_ip_address           = true
  temporary_security_group_source_cidrs = var.builder_cidrs

  custom_endpoint_ec2     = var.ec2_endpoint
  skip_region_validation  = var.ec2_endpoint != ""
  skip_metadata_api_check = var.ec2_endpoint != ""

  tags          = local.tags
  snapshot_tags = local.tags
  run_tags      = merge(local.tags, { Name = "webmarket-builder" })
}

# deploy/platform_tests/image start makes it; what is provisioned there is the same to the letter.
source "null" "container" {
  communicator         = "ssh"
  ssh_username         = "admin"
  ssh_host             = var.ssh_host
  ssh_private_key_file = var.ssh_key
  ssh_timeout          = "1m"
}

build {
  sources = ["source.amazon-ebs.webmarket", "source.null.container"]

  # Where there is a first boot's work, it ends before ours begins.
  provisioner "shell" {
    inline = ["if command -v cloud-init > /dev/null; then sudo cloud-init status --wait; fi"]
  }

  provisioner "ansible" {
    playbook_file = "${path.root}/../ansible/playbooks/image.yml"
    use_proxy     = false
    user          = "admin"
    extra_arguments = [
      "--extra-vars", "webmarket_release=${var.release} webmarket_archive=${var.archive}",
      "--extra-vars", "@${var.ansible_variables}",
    ]
    ansible_env_vars = ["ANSIBLE_CONFIG=${path.root}/../ansible/ansible.cfg", "ANSIBLE_HOST_KEY_CHECKING=False", "ANSIBLE_NOCOLOR=1"]
  }

  # The shop is served once from what becomes the image; a build that cannot is no image.
  provisioner "shell" {
    script          = "${path.root}/smoke_test.sh"
    execute_command = "sudo sh '{{ .Path }}'"
  }

  provisioner "shell" {
    inline = [
      "sudo /opt/webmarket/current/.venv/bin/python /opt/webmarket/current/deploy/host/contents.py > /tmp/contents.json",
    ]
  }

  provisioner "file" {
    direction   = "download"
    source      = "/tmp/contents.json"
    destination = "${var.build}/webmarket-${var.release}.cdx.json"
  }

  provisioner "shell" {
    script          = "${path.root}/forget.sh"
    execute_command = "sudo sh '{{ .Path }}'"
  }

  post-processor "manifest" {
    output      = "${var.build}/manifest.json"
    custom_data = { release = var.release, commit = var.commit }
  }
}
