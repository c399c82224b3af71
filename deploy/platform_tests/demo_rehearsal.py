"""The demo environment, applied to moto by the real provider, inspected, operated and destroyed.

boto3 queries moto, so that assertions rely neither on Terraform's plan nor on its state; the last one is that nothing
is left. Runs on the tools' own Python: deploy/platform_tests/test_platform.py calls it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from aws_assertions import AFTER_APPLY, AFTER_DESTROY, AFTER_OPERATIONS, Aws
from local import PYTHON, ROOT, Unusable, say
from moto_server import KEYS, REGION, moto
from terraform_cli import SAMPLE, copy, environment, terraform

# Not supported by moto: budgets (null leaves them out), the account of credentials, buckets as host names.
# Terraform reads *.auto.tfvars.json by name: this file after the sample's.
VALUES, VALUES_FILE = {"budget": None}, "z_moto.auto.tfvars.json"
PROVIDER = """
provider "aws" {{
  {alias}
  region                      = "{region}"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {{
    tags = local.tags
  }}
}}
"""
OVERRIDE = (
    'terraform {\n  backend "local" {}\n}\n'
    + PROVIDER.format(alias="", region=REGION)
    + PROVIDER.format(alias='alias = "us_east_1"', region="us-east-1")
)
# The shop's own commands, as an operator types them. None that writes into a bucket: moto reads a
# bucket's policy without its conditions, so that what asks for TLS refuses everything.
OPERATIONS = [
    ["publish_metrics"],
    ["backup_manager"],
    ["cleanup", "--yes"],
    ["daily_scheduler", "stop"],
    # moto gives root no second factor, which is critical.
    ["audit_infra", "--fail-on", "never"],
]
APPLY = ("-auto-approve", "-parallelism=20")
# Settings of an instance that are not used here: database, broker and files are this machine's.
LOCAL_SETTINGS = ("DATABASE_", "CELERY_", "AWS_S3_", "AWS_STORAGE_", "ALLOWED_", "SITE_")


def prepare(image: str) -> Path:
    root = copy("rehearsal") / "environments" / "demo"
    (root / "moto_override.tf").write_text(OVERRIDE)
    (root / VALUES_FILE).write_text(json.dumps({**VALUES, "image_id": image}))
    return root


def run(root: Path, variables: dict[str, str], *arguments: str) -> str:
    began = time.monotonic()
    ok, output = terraform(root, variables, *arguments)
    if not ok:
        raise Unusable(f"{output[-8000:]}\nterraform {arguments[0]} failed.")
    result = [line for line in output.splitlines() if "complete!" in line]
    say(f"terraform {arguments[0]:<8} {time.monotonic() - began:>4.0f} s  {' '.join(result)}")
    return output


def run_checks(checks: Iterable[Callable[[Aws], object]], aws: Aws) -> bool:
    """Each check returns what is wrong, or nothing."""
    ok_so_far = True
    for check in checks:
        try:
            wrong = check(aws)
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
        say(f"{'FAILED' if wrong else 'ok':<7} {check.__name__.replace('_', ' ')}{f': {wrong}' if wrong else ''}")
        ok_so_far = ok_so_far and not wrong
    return ok_so_far


def shop_settings(aws: Aws) -> dict[str, str]:
    """The parameters that Terraform has written for instances."""
    path = "/webmarket/demo/settings"
    pages = aws("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, WithDecryption=True)
    found = {one["Name"].rpartition("/")[2]: one["Value"] for page in pages for one in page["Parameters"]}
    own = {name: value for name, value in found.items() if not name.startswith(LOCAL_SETTINGS)}
    return {**own, "DATABASE_INSTANCE": found["DATABASE_INSTANCE"]}


def run_operations(variables: dict[str, str], settings: dict[str, str], commands: Iterable[list[str]]) -> bool:
    """Run the shop's own commands with a host's settings for this AWS, and a database of this machine."""
    folder = ROOT / "var" / "terraform" / "operated"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    here = {
        "DEMO": "true",
        # A new clone has none yet.
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATABASE_URL": f"sqlite:///{folder / 'shop.sqlite3'}",
        "LOG_LEVEL": "WARNING",
        "AWS_DEFAULT_REGION": REGION,
    }
    ok_so_far = True
    for arguments in [["migrate", "--verbosity=0"], *commands]:
        began = time.monotonic()
        done = subprocess.run(
            [str(PYTHON), "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **settings, **variables, **here},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wrong = done.returncode != 0
        say(f"{'FAILED' if wrong else 'ok':<7} manage.py {' '.join(arguments)}  {time.monotonic() - began:.0f} s")
        if wrong:
            say(done.stdout[-3000:])
            ok_so_far = False
    return ok_so_far


def main() -> int:
    if not shutil.which("terraform"):
        raise Unusable("There is no terraform here; https://developer.hashicorp.com/terraform/install has it.")
    root = prepare(os.environ.get("WEBMARKET_IMAGE", SAMPLE["image_id"]))
    with moto(MOTO_IAM_LOAD_MANAGED_POLICIES="true") as endpoint:
        moto_variables = {**KEYS, "AWS_ENDPOINT_URL": endpoint}
        variables = {**environment(), **moto_variables, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        aws = Aws(endpoint)
        run(root, variables, "init", "-reconfigure")
        run(root, variables, "apply", *APPLY)
        outputs = run(root, variables, "output", "-json")
        aws.alarm_names = set(json.loads(outputs[outputs.index("{") :])["alarm_names"]["value"])
        ok_so_far = run_checks(AFTER_APPLY, aws)
        ok_so_far = run_operations(moto_variables, shop_settings(aws), OPERATIONS) and ok_so_far
        ok_so_far = run_checks(AFTER_OPERATIONS, aws) and ok_so_far
        run(root, variables, "destroy", *APPLY)
        ok_so_far = run_checks(AFTER_DESTROY, aws) and ok_so_far
    return not ok_so_far


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unusable as error:
        sys.exit(str(error).replace(str(ROOT), "."))
