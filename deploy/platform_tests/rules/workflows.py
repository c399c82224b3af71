"""What the pipeline gives to the commands that it calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from rules.world import Rule

VARIABLE = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r'^output "(\w+)"', re.MULTILINE)
PLAN = re.compile(r"deploy/bin/plan\b.*?--environment +(\S+)")
# deploy/bin/plan takes all that is no secret from here, and says what is missing in it.
TOGETHER = "TERRAFORM_VARIABLES"
NAMED_OUTPUT = re.compile(r"output `(\w+)`")


def plans_get_their_variables(root: Path) -> Iterator[str]:
    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        flow = yaml.safe_load(path.read_text())
        for name, job in flow["jobs"].items():
            for step in job["steps"]:
                for environment in _planned(step.get("run", ""), job):
                    given = {**flow.get("env", {}), **job.get("env", {}), **step.get("env", {})}
                    for variable, secret in required(root, environment):
                        value = given.get(f"TF_VAR_{variable}", "" if secret else given.get(TOGETHER, ""))
                        if not value:
                            yield f"{path.name}: {name} plans {environment} without TF_VAR_{variable}"
                        elif secret and "secrets." not in value:
                            yield f"{path.name}: {name} takes {variable}, which is secret, from what everybody reads"


def _planned(command: str, job: dict) -> Iterator[str]:
    for environment in PLAN.findall(command):
        matrix = job.get("strategy", {}).get("matrix", {}).get("include", [])
        if environment.strip('"').startswith("$"):
            yield from (one["environment"] for one in matrix)
        else:
            yield environment


def required(root: Path, environment: str) -> list[tuple[str, bool]]:
    """Variables of an environment that have no default, and whether each is secret."""
    text = (root / "terraform" / "environments" / environment / "variables.tf").read_text()
    return [
        (name, bool(re.search(r"^  sensitive\s*= true", body, re.MULTILINE)))
        for name, body in VARIABLE.findall(text)
        if not re.search(r"^  default\s*=", body, re.MULTILINE)
    ]


def results_are_printed_only_where_they_are(root: Path) -> Iterator[str]:
    """A step that runs `always()` runs after a failure too, when there is nothing to show."""
    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            for step in job["steps"]:
                if step.get("if") == "always()" and re.search(r"\bcat var/", step.get("run", "")):
                    yield f"{path.name}: {name} shows a file of var/ even where no step has written it"


def named_outputs_are_there(root: Path) -> Iterator[str]:
    """Whoever follows a page finds what it sends him to."""
    for page in (root / "deploy" / "README.md", root / "terraform" / "README.md"):
        for output in NAMED_OUTPUT.findall(page.read_text()):
            for path in sorted((root / "terraform" / "environments").glob("*/outputs.tf")):
                if output not in OUTPUT.findall(path.read_text()):
                    yield f"{page.parent.name}/README.md names the output {output}, which {path.parent.name} has not"


def production_is_deployed_where_somebody_approves(root: Path) -> Iterator[str]:
    """The role trusts an environment; a job outside one could not take it, and an approval beside it guards nothing."""
    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            takes = "PRODUCTION_ROLE_ARN" in str(job.get("env", {}).get("AWS_ROLE_ARN", ""))
            if takes and not str(job.get("environment", "")).startswith("production"):
                yield f"{path.name}: {name} takes production's role outside an environment that is approved"


def ways_back_do_not_queue(root: Path) -> Iterator[str]:
    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        flow = yaml.safe_load(path.read_text())
        goes_back = any(
            "deploy/bin/roll_back" in step.get("run", "") for job in flow["jobs"].values() for step in job["steps"]
        )
        if goes_back and "inputs.roll_back" not in str(flow.get("concurrency", {}).get("group", "inputs.roll_back")):
            yield f"{path.name}: roll_back waits in one queue with releases, which wait for an approval"


def images_are_baked_anew(root: Path) -> Iterator[str]:
    """By a plan, and what bakes an image also forgets old ones: else each month costs more than the one before."""
    baking = [
        (path.name, yaml.safe_load(path.read_text()), job)
        for path in sorted((root / ".github" / "workflows").glob("*.yml"))
        for job in yaml.safe_load(path.read_text())["jobs"].values()
        if any("deploy/bin/build_image" in step.get("run", "") for step in job["steps"])
    ]
    # YAML 1.1 reads the key `on` as true.
    planned = [job for _, flow, job in baking if "schedule" in flow.get(True, flow.get("on", {}))]
    if not any("schedule" in str(job.get("if", "schedule")) for job in planned):
        yield "no plan bakes an image: kernels wait for one until somebody releases"
    for name, _, job in baking:
        if not any("deploy/bin/purge_images" in step.get("run", "") for step in job["steps"]):
            yield f"{name}: bakes images and forgets none"


CODE_RULES = (
    Rule(
        "images are baked anew",
        "A running host upgrades packages, its kernel comes with another image; images are billed by the gigabyte.",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/deregister-ami.html",
        images_are_baked_anew,
    ),
    Rule(
        "production is deployed where somebody approves",
        "A role that trusts a branch is taken by any workflow on it, whatever another job waits for.",
        "https://docs.github.com/en/actions/reference/security/oidc#filtering-for-a-specific-environment",
        production_is_deployed_where_somebody_approves,
    ),
    Rule(
        "ways back do not queue behind releases",
        "One run of a concurrency group waits for another, and a third cancels the second.",
        "https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency",
        ways_back_do_not_queue,
    ),
    Rule(
        "the pipeline's plans get their variables",
        "Terraform without a terminal refuses to plan where a variable without a default has no value.",
        "https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_var_name",
        plans_get_their_variables,
    ),
    Rule(
        "the pipeline shows what is there",
        "A step with always() runs after one that failed.",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions",
        results_are_printed_only_where_they_are,
    ),
    Rule(
        "outputs that pages name",
        "The repository's variables are filled from Terraform's outputs.",
        "https://developer.hashicorp.com/terraform/language/values/outputs",
        named_outputs_are_there,
    ),
)
