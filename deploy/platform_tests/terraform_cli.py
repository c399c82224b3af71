"""Run Terraform: the provider's source, and a working copy, so that nothing is written beside the code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from local import ROOT, read_env_file

SOURCE = ROOT / "terraform"
WORK = ROOT / "var" / "terraform"
PROVIDER = "registry.terraform.io/hashicorp/aws"
# Where `terraform providers mirror` is usually told to write, and where Terraform itself looks.
PLACES = ("/opt", "/usr/local/share/terraform", "/usr/share/terraform", "~/.terraform.d", "~/.local/share/terraform")

# The variables without a default of each environment, for a shop that does not exist.
SAMPLE = {
    "owner": "operations",
    "domain_name": "boutique.webmarket.example",
    "origin_secret": "only-between-the-edge-and-the-balancer",
    "image_id": "ami-0123456789abcdef0",
    "emails": ["operations@webmarket.example"],
    "settings": read_env_file(ROOT / "deploy" / "sample_shop.env"),
}


def mirror() -> Path | None:
    """The folder that holds the provider, as the filesystem_mirror block wants it."""
    given = os.environ.get("WEBMARKET_TERRAFORM_MIRROR", "")
    if given:
        if not (Path(given) / PROVIDER).is_dir():
            sys.exit(f"WEBMARKET_TERRAFORM_MIRROR={given} holds no {PROVIDER}.")
        return Path(given)
    for place in map(Path, PLACES):
        place = place.expanduser()
        for found in (place / PROVIDER, *place.glob(f"*/{PROVIDER}")):
            if found.is_dir() and any(found.iterdir()):
                return found.parents[2]
    return None


def environment() -> dict[str, str]:
    """Terraform's environment variables: source of providers, no prompts, no telemetry."""
    WORK.mkdir(parents=True, exist_ok=True)
    configuration = WORK / "terraform.rc"
    folder = mirror()
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))},
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(configuration),
    }
    if folder:
        configuration.write_text(
            "provider_installation {\n"
            f'  filesystem_mirror {{\n    path = "{folder}"\n    include = ["{PROVIDER}"]\n  }}\n'
            f'  direct {{\n    exclude = ["{PROVIDER}"]\n  }}\n}}\n'
        )
        print(f"The AWS provider comes from the mirror in {folder}.", flush=True)
    else:
        cache = WORK / "plugins"
        cache.mkdir(exist_ok=True)
        configuration.write_text(f'plugin_cache_dir = "{cache}"\nplugin_cache_may_break_dependency_lock_file = true\n')
        print(f"The AWS provider comes from the registry, and is kept in {cache.relative_to(ROOT)}.", flush=True)
    return variables


def terraform(folder: Path, variables: dict[str, str], *arguments: str) -> tuple[bool, str]:
    command = ["terraform", f"-chdir={folder}", *arguments, "-no-color"]
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode == 0, done.stdout


def copy(name: str) -> Path:
    """A new copy of terraform/ with sample variables; what a former `init` made there is used again."""
    target = WORK / name
    for file in target.rglob("*") if target.exists() else ():
        if file.is_file() and not file.is_symlink() and ".terraform" not in file.parts:
            file.unlink()
    shutil.copytree(SOURCE, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".terraform*", "*.auto.tfvars"))
    for folder in (target / "environments").iterdir():
        (folder / "sample.auto.tfvars.json").write_text(json.dumps(SAMPLE))
    return target
