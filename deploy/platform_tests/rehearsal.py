"""An environment, applied to moto by the real provider, inspected, operated and destroyed.

  rehearsal.py                       all of them, one after the other
  rehearsal.py staging production    those alone

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

from applied import AFTER_APPLY, AFTER_DESTROY, AFTER_OPERATIONS, Aws
from local import PYTHON, ROOT, Unusable, say
from moto_server import KEYS, REGION, moto
from terraform_cli import SAMPLE, copy, environment, terraform

VALUES_FILE = "z_moto.auto.tfvars.json"
EVERYWHERE = {
    "github_repository": "example/webmarket",
    "operator_principal_arns": ["arn:aws:iam::123456789012:user/operator"],
}
# Terraform reads *.auto.tfvars.json by name: this file after the sample's.
VALUES: dict[str, dict[str, object]] = {
    "demo": {**EVERYWHERE, "budget": None, "backup": False},
    "staging": {**EVERYWHERE, "dev_timetable": "mon-fri 08:00-20:00"},
    "production": {
        **EVERYWHERE,
        "recovery_region": "eu-central-1",
        "managed_database_password": False,
        "database_password": "only-for-a-rehearsal-and-kept-in-no-state",
        "signing_public_keys": {
            "2026-05": "-----BEGIN PUBLIC KEY-----\nMIIA\n-----END PUBLIC KEY-----",
            "2026-11": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
        },
    },
}
# What moto cannot be asked to make, and how it is left out. The account of credentials and buckets as host names are
# the provider's (below).
MISSING = {
    "budgets, anomaly monitors, cost allocation tags": "budget = null",
    "AWS Backup's selections and restore tests": "backup = false",
    "CloudFront's cache, origin request and response headers policies": "own_edge_policies = false",
}
MISSING_IN_MODULES = {
    "the vault lock of the second region": (
        "recovery",
        'resource "aws_backup_vault_lock_configuration" "this" {\n  count = 0\n}\n',
    ),
}
# What moto takes and answers no question about: rules/sentences/ asks the plan instead.
UNANSWERED = (
    "conditions of bucket policies",
    "the scheme of a balancer",
    "the access control of an origin",
)
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
SECOND_REGION = "eu-central-1"
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
# What an environment that is not disposable protects from being destroyed.
PROTECTED = ("balancer.aws_lb.this", "database", "secrets", "storage")
APPLY = ("-auto-approve", "-parallelism=20")
# Settings of an instance that are not used here: database, broker and files are this machine's.
LOCAL_SETTINGS = ("DATABASE_", "CELERY_", "AWS_S3_", "AWS_STORAGE_", "ALLOWED_", "SITE_")


def prepare(name: str, image: str) -> Path:
    tree = copy(f"rehearsal/{name}")
    override(tree, name)
    root = tree / "environments" / name
    (root / VALUES_FILE).write_text(json.dumps({**VALUES[name], "image_id": image}))
    return root


def override(tree: Path, name: str) -> None:
    """Point a copy of terraform/ at moto, without what it lacks."""
    root = tree / "environments" / name
    aliases = [("", REGION), ('alias = "us_east_1"', "us-east-1")]
    if 'alias  = "second"' in (root / "main.tf").read_text():
        aliases.append(('alias = "second"', SECOND_REGION))
    providers = "".join(PROVIDER.format(alias=alias, region=region) for alias, region in aliases)
    (root / "moto_override.tf").write_text('terraform {\n  backend "local" {}\n}\n' + providers + shop())
    for module, text in MISSING_IN_MODULES.values():
        (tree / "modules" / module / "moto_override.tf").write_text(text)


def shop(*more: str) -> str:
    """What is overridden of the environment's own numbers."""
    lines = "".join(f"  {line}\n" for line in (*MISSING.values(), *more))
    return f'module "shop" {{\n{lines}}}\n'


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
    path = f"/webmarket/{aws.environment}/settings"
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


def rehearse(name: str) -> bool:
    """Returns whether everything was as it must be."""
    began = time.monotonic()
    say(f"\n## {name}")
    say(f"left out, because moto lacks it: {', '.join((*MISSING, *MISSING_IN_MODULES))}")
    say(f"made, and not asked for, because moto does not say it: {', '.join(UNANSWERED)}")
    root = prepare(name, os.environ.get("WEBMARKET_IMAGE", SAMPLE["image_id"]))
    with moto(MOTO_IAM_LOAD_MANAGED_POLICIES="true") as endpoint:
        moto_variables = {**KEYS, "AWS_ENDPOINT_URL": endpoint}
        variables = {**environment(), **moto_variables, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        aws = Aws(endpoint, name)
        run(root, variables, "init", "-reconfigure")
        run(root, variables, "apply", *APPLY)
        outputs = run(root, variables, "output", "-json")
        aws.alarm_names = set(json.loads(outputs[outputs.index("{") :])["alarm_names"]["value"])
        ok_so_far = run_checks(AFTER_APPLY, aws)
        say(f"{len(AFTER_APPLY)} sentences about {name} asked of AWS's answers")
        ok_so_far = run_operations(moto_variables, shop_settings(aws), OPERATIONS) and ok_so_far
        ok_so_far = run_checks(AFTER_OPERATIONS, aws) and ok_so_far
        if not aws.expected.disposable:
            # As somebody must who takes such an environment down: first what protects it, and that alone, for moto can
            # neither refresh a group nor change everything that it has made.
            (root / "z_disposable_override.tf").write_text(shop("disposable = true"))
            targets = [f"-target=module.shop.module.{one}" for one in PROTECTED]
            run(root, variables, "apply", "-refresh=false", *targets, *APPLY)
        run(root, variables, "destroy", *APPLY)
        ok_so_far = run_checks(AFTER_DESTROY, aws) and ok_so_far
        say(f"{name} applied, asked, operated and destroyed in {time.monotonic() - began:.0f} s")
        return ok_so_far


def main() -> int:
    if not shutil.which("terraform"):
        raise Unusable("There is no terraform here; https://developer.hashicorp.com/terraform/install has it.")
    names = sys.argv[1:] or list(VALUES)
    if unknown := set(names) - VALUES.keys():
        raise Unusable(f"No environment is called {', '.join(sorted(unknown))}; there are {', '.join(VALUES)}.")
    return sum(not rehearse(name) for name in names)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unusable as error:
        sys.exit(str(error).replace(str(ROOT), "."))
