"""Many changed copies of one environment, planned in one run of Terraform.

Most of a plan's time is the provider's start and the reading of its schema. Each copy is a module of its own in one
root: they share nothing but the providers, so that what a rule says of one copy is about its mutant alone. Plans are
kept in var/terraform/mutants/plans by the text that they were made from, and a rule that changes is asked without a
new plan.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from environment_plan import PROVIDER, REGION, REGIONS, given_values
from local import Unusable
from planned_worlds import values_of
from rules import World
from terraform_cli import SAMPLE, SOURCE, WORK, terraform

from mutation.mutants import Mutant, edited

TREES = WORK / "mutants"
PLANS = TREES / "plans"
TOGETHER = 6
PROVIDERS = re.compile(r'^(?:# [^\n]*\n)?provider "aws" \{\n.*?^\}\n', re.MULTILINE | re.DOTALL)
BACKEND = re.compile(r'\n(?:  # [^\n]*\n)?  backend "s3" \{\n.*?^  \}\n', re.MULTILINE | re.DOTALL)
TAGS = re.compile(r"^  tags = \{.*\}$", re.MULTILINE)
ALIAS = re.compile(r'^  alias\s+= "(\w+)"', re.MULTILINE)
VERSION = '      version = "~> 5.100"\n'
ROOT = """
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
{version}    }}
  }}
}}

variable "owner" {{}}
variable "cost_centre" {{ default = "shop" }}
variable "region" {{ default = "{region}" }}
variable "recovery_region" {{ default = null }}

locals {{
{tags}
}}

{providers}
"""
COPY = re.compile(r"\bcopy(\d+)\b")


@dataclass(frozen=True)
class Refused:
    """What Terraform said of a copy that it could not plan."""

    says: str


Planned = World | Refused


# What is changed in one copy; nothing in the code as it is.
Changed = tuple[Mutant, ...]


def changed_text(path: Path, text: str, changed: Changed) -> str:
    """`path` is a file's below terraform/."""
    return edited(text, [edit for one in changed if one.file == f"terraform/{path}" for edit in one.edits])


def fingerprint(environment: str, changed: Changed) -> str:
    """Of everything that a plan is made from."""
    whole = hashlib.sha256(json.dumps([environment, values_of(environment), SAMPLE], sort_keys=True).encode())
    for path in sorted(SOURCE.rglob("*")):
        if path.is_file() and path.suffix in (".tf", ".json") and ".terraform" not in path.parts:
            name = path.relative_to(SOURCE)
            whole.update(f"{name}\n{changed_text(name, path.read_text(), changed)}".encode())
    return whole.hexdigest()[:32]


def remembered(environment: str, changed: Changed) -> dict | None:
    """`plan` and `graph`, or what Terraform `refused`."""
    path = PLANS / f"{fingerprint(environment, changed)}.json.gz"
    return json.loads(gzip.decompress(path.read_bytes())) if path.exists() else None


def remember(environment: str, changed: Changed, found: dict) -> dict:
    PLANS.mkdir(parents=True, exist_ok=True)
    path = PLANS / f"{fingerprint(environment, changed)}.json.gz"
    path.write_bytes(gzip.compress(json.dumps(found).encode(), 1))
    return found


def as_planned(environment: str, found: dict) -> Planned:
    return Refused(found["refused"]) if "refused" in found else World(environment, found["plan"], found["graph"])


class Copies:
    """A folder in which copies of one environment are planned together."""

    def __init__(self, folder: str, environment: str, variables: dict[str, str]) -> None:
        self.folder = TREES / folder
        self.environment = environment
        self.variables = variables

    def plan(self, copies: list[Changed]) -> dict[Changed, dict]:
        results: dict[Changed, dict] = {}
        left = list(copies)
        while left:
            self._write(left)
            done, output = self._run("plan", "-out=plan", "-refresh=false", "-lock=false")
            if done:
                results |= self._read(left)
                break
            refused = _refusals(output, len(left))
            if not refused:
                if len(left) > 1:
                    for one in left:
                        results |= self.plan([one])
                    break
                refused = {0: output}
            for number, says in refused.items():
                if not left[number]:
                    raise Unusable(f"{self.environment} cannot be planned as it is:\n{says}")
                results[left[number]] = remember(self.environment, left[number], {"refused": says})
            left = [one for number, one in enumerate(left) if number not in refused]
        return results

    def attempt(self, changed: Changed) -> tuple[dict[Mutant, str], dict | None]:
        """Several mutants in one copy: those that Terraform refuses, or else the plan; neither where it is nobody's."""
        self._write([changed])
        valid, output = self._run("validate")
        if valid:
            done, output = self._run("plan", "-out=plan", "-refresh=false", "-lock=false")
            if done:
                return {}, self._read([changed])[changed]
        found: dict[Mutant, str] = {}
        for error in re.split(r"\n(?=(?:│ )?Error: )", "\n" + output)[1:]:
            flat = " ".join(error.replace("│", " ").split())
            at = re.search(r"on copy0/(\S+\.tf) line (\d+)", flat)
            for one in changed if at else ():
                if one.file == f"terraform/{at[1]}" and self._is_within(one, int(at[2])):
                    found.setdefault(one, flat[:2000])
        return found, None

    def _is_within(self, one: Mutant, line: int) -> bool:
        """Whether a line of the changed file is of the mutant's block."""
        lines = (self.folder / "copy0" / one.file.removeprefix("terraform/")).read_text().splitlines()
        top = next((text for text in reversed(lines[:line]) if re.match(r"\w+ .*\{$", text)), "")
        return ".".join(re.findall(r'"([^"]+)"', top)) == one.block.removeprefix("data.")

    def _run(self, *step: str) -> tuple[bool, str]:
        return terraform(self.folder, self.variables, *step)

    def _write(self, copies: list[Changed]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for number, changed in enumerate(copies):
            tree = self.folder / f"copy{number}"
            shutil.rmtree(tree, ignore_errors=True)
            shutil.copytree(SOURCE, tree, ignore=shutil.ignore_patterns(".terraform*", "tests"))
            for name in {one.file.removeprefix("terraform/") for one in changed}:
                (tree / name).write_text(changed_text(Path(name), (tree / name).read_text(), changed))
            providers, tags, aliases = _as_module(tree / "environments" / self.environment)
        # All copies of one run have the same providers: `alike` sees to it.
        text = ROOT.format(version=VERSION, region=REGION, tags=tags, providers=providers)
        (self.folder / "main.tf").write_text(text)
        given = PROVIDER.format(alias="", region=REGION)
        given += "".join(PROVIDER.format(alias=f'alias = "{alias}"', region=REGIONS[alias]) for alias in aliases)
        (self.folder / "given_override.tf").write_text(given)
        values = {**SAMPLE, **values_of(self.environment)}
        passed = {"aws": "aws", **{f"aws.{alias}": f"aws.{alias}" for alias in aliases}}
        modules = {
            f"copy{number}": {
                "source": f"./copy{number}/environments/{self.environment}",
                "providers": passed,
                **json.loads(json.dumps(values).replace("${", "$${")),
            }
            for number in range(len(copies))
        }
        (self.folder / "copies.tf.json").write_text(json.dumps({"module": modules}))
        (self.folder / "owner.auto.tfvars.json").write_text(json.dumps({"owner": SAMPLE["owner"]}))
        ok, output = self._run("init", "-backend=false")
        if not ok:
            raise Unusable(f"{output[-3000:]}\nterraform init of the copies failed.")

    def _read(self, copies: list[Changed]) -> dict[Changed, dict]:
        ok, output = self._run("show", "-json", "plan")
        well, graph = self._run("graph")
        if not (ok and well):
            raise Unusable(f"{(output + graph)[-3000:]}\nThe plan of the copies cannot be read.")
        plan = json.loads(output[output.index("{") :])
        return {
            one: remember(self.environment, one, {"plan": copied(plan, number), "graph": copied_graph(graph, number)})
            for number, one in enumerate(copies)
        }


def alike(copies: Iterable[Changed], environment: str) -> list[list[Changed]]:
    """Batches that can be planned together: those that change the providers or their tags are apart."""
    groups: dict[str, list[Changed]] = {}
    main = Path("environments") / environment / "main.tf"
    text = (SOURCE / main).read_text()
    for one in copies:
        own = changed_text(main, text, one)
        groups.setdefault("".join([*PROVIDERS.findall(own), *TAGS.findall(own)]), []).append(one)
    return [group[at : at + TOGETHER] for group in groups.values() for at in range(0, len(group), TOGETHER)]


def _as_module(folder: Path) -> tuple[str, str, list[str]]:
    """Make an environment a module: its providers and their tags are returned for the root."""
    main = folder / "main.tf"
    text = main.read_text()
    providers = PROVIDERS.findall(text)
    aliases = [alias for one in providers for alias in ALIAS.findall(one)]
    names = ", ".join(f"aws.{alias}" for alias in aliases)
    text = BACKEND.sub("", PROVIDERS.sub("", text)).replace(
        VERSION, f"{VERSION}      configuration_aliases = [{names}]\n", 1
    )
    main.write_text(text)
    (folder / "given_override.tf").write_text(given_values(text))
    return "\n".join(providers), "\n".join(TAGS.findall(text)), aliases


def _refusals(output: str, count: int) -> dict[int, str]:
    """What is said of each copy that is not in order."""
    found: dict[int, str] = {}
    for error in re.split(r"\n(?=(?:│ )?Error: )", "\n" + output)[1:]:
        flat = " ".join(error.replace("│", " ").split())
        for number in {int(one) for one in COPY.findall(flat)}:
            if number < count:
                found.setdefault(number, flat[:2000])
    return found


def copied(plan: dict, number: int) -> dict:
    """The plan of one copy, as if the environment were the root."""
    name = f"copy{number}"
    prefix = f"module.{name}."
    children = plan["planned_values"]["root_module"].get("child_modules", [])
    own = {
        "planned_values": {"root_module": next((one for one in children if one["address"] == prefix[:-1]), {})},
        "configuration": {"root_module": plan["configuration"]["root_module"]["module_calls"][name]["module"]},
        "resource_changes": [one for one in plan["resource_changes"] if one["address"].startswith(prefix)],
    }
    return json.loads(json.dumps(own).replace(prefix, ""))


def copied_graph(graph: str, number: int) -> str:
    prefix = f"module.copy{number}."
    return "\n".join(line.replace(prefix, "") for line in graph.splitlines() if f'"{prefix}' in line)
