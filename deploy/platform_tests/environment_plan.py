"""`terraform plan` of an environment as JSON, with what would have to be asked of AWS given instead.

The plan is the real provider's, with made-up credentials: policies, defaults and names are what AWS would get.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from local import Unusable
from terraform_cli import copy, terraform

REGIONS = {"us_east_1": "us-east-1", "second": "eu-central-1"}
REGION = "eu-west-3"
ACCOUNT = "123456789012"
# Stands for com.amazonaws.global.cloudfront.origin-facing, whose id differs from region to region.
CLOUDFRONT_LIST = "pl-75b1541c"
PROVIDER = """
provider "aws" {{
  {alias}
  region                      = "{region}"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}}
"""
BACKEND = """
terraform {
  backend "local" {}
}
"""
GIVEN = """
data "aws_caller_identity" "current" {
  count = 0
}
"""
MODULE = """
module "{name}" {{
  account_id = "{account}"
  {lists}
}}
"""
PREFIX_LIST = """
data "aws_ec2_managed_prefix_list" "cloudfront" {
  count = 0
}
"""


def prepare(
    name: str,
    variables: dict[str, str],
    *,
    place: str,
    values: dict[str, object] | None = None,
    change: Callable[[Path], None] | None = None,
) -> Path:
    """A working copy of the environment, initialised; `values` are variables beside the sample's.

    `change` changes the copy of terraform/ before it is planned.
    """
    tree = copy(place)
    if change:
        change(tree)
    root = tree / "environments" / name
    source = (root / "main.tf").read_text()
    aliases = re.findall(r'alias\s+= "(\w+)"', source)
    providers = PROVIDER.format(alias="", region=REGION)
    providers += "".join(PROVIDER.format(alias=f'alias = "{alias}"', region=REGIONS[alias]) for alias in aliases)
    (root / "given_override.tf").write_text(BACKEND + given_values(source) + providers)
    # Terraform reads *.auto.tfvars.json by name: this one after the sample's.
    (root / "z_values.auto.tfvars.json").write_text(json.dumps(values or {}))
    run(root, variables, "init", "-reconfigure")
    return root


def given_values(source: str) -> str:
    """What overrides what an environment's main.tf would ask of AWS."""
    # Given only where the environment asks for it: one that names no list is planned without.
    listed = "[data.aws_ec2_managed_prefix_list.cloudfront.id]" in source
    lists = {"shop": f'balancer_prefix_list_ids = ["{CLOUDFRONT_LIST}"]' if listed else ""}
    modules = re.findall(r'^module "(\w+)"', source, re.MULTILINE)
    given = GIVEN + "".join(MODULE.format(name=one, account=ACCOUNT, lists=lists.get(one, "")) for one in modules)
    return given + (PREFIX_LIST if 'data "aws_ec2_managed_prefix_list"' in source else "")


def show_plan(root: Path, variables: dict[str, str]) -> dict:
    run(root, variables, "plan", "-out=plan", "-refresh=false")
    output = run(root, variables, "show", "-json", "plan")
    (root / "plan").unlink()
    return json.loads(output[output.index("{") :])


def run(root: Path, variables: dict[str, str], *step: str) -> str:
    ok, output = terraform(root, variables, *step)
    if not ok:
        raise Unusable(f"{output[-4000:]}\nterraform {step[0]} of {root.name} failed.")
    return output
