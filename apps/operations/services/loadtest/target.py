"""The target of a load: an allowed URL, given or read from Terraform's outputs."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed

TERRAFORM_SECONDS = 120


@dataclass(frozen=True)
class Target:
    """`group` is the Auto Scaling group that answers, if it is known."""

    url: str
    group: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


def find_target(*, url: str, environment: str, group: str) -> Target:
    """Raises OperationFailed where neither is given, and for a host that LOAD_TEST_HOSTS does not name."""
    if url:
        target = Target(url.rstrip("/"), group)
    elif environment:
        outputs = terraform_outputs(settings.BASE_DIR / "terraform" / "environments" / environment)
        target = Target(f"https://{outputs['alb_dns_name']}", group or outputs.get("asg_names", {}).get("web", ""))
    else:
        raise OperationFailed(_("Dites qui charger : --url http://127.0.0.1:8000, ou --environment staging."))
    if target.host not in settings.OPERATIONS["load_test_hosts"]:
        raise OperationFailed(
            _("%(host)s n’est pas dans LOAD_TEST_HOSTS (%(allowed)s) : une boutique n’est chargée que si elle y est.")
            % {"host": target.host or url, "allowed": ", ".join(settings.OPERATIONS["load_test_hosts"])},
            host=target.host,
        )
    return target


def terraform_outputs(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise OperationFailed(
            _("Il n’y a pas d’environnement %(name)s sous terraform/environments.") % {"name": folder.name}
        )
    try:
        done = subprocess.run(
            ["terraform", f"-chdir={folder}", "output", "-json", "-no-color"],
            capture_output=True,
            text=True,
            timeout=TERRAFORM_SECONDS,
        )
    except FileNotFoundError as error:
        raise OperationFailed(_("terraform n’est pas sur cette machine : donnez plutôt --url.")) from error
    except subprocess.TimeoutExpired as error:
        raise OperationFailed(_("terraform output n’a pas répondu en deux minutes : donnez plutôt --url.")) from error
    outputs = json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else {}
    if "alb_dns_name" not in outputs:
        errors = [line.strip("│ ") for line in done.stderr.splitlines() if "Error:" in line]
        errors = errors or [_("aucun état : lancez terraform init, ou donnez --url")]
        raise OperationFailed(
            _("Terraform ne connaît pas l’adresse de %(name)s : %(message)s")
            % {"name": folder.name, "message": errors[0]}
        )
    return {name: output["value"] for name, output in outputs.items()}
