"""What the pipeline gives to the commands that it calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rules.reading import load_yaml
from rules.world import Rule

VARIABLE = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r'^output "(\w+)"', re.MULTILINE)
PLAN = re.compile(r"deploy/bin/plan\b.*?--environment +(\S+)")
# deploy/bin/plan takes all that is no secret from here, and says what is missing in it.
TOGETHER = "TERRAFORM_VARIABLES"
NAMED_OUTPUT = re.compile(r"output `(\w+)`")


def plans_get_their_variables(root: Path) -> Iterator[str]:
    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        flow = load_yaml(path.read_text())
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
        for name, job in load_yaml(path.read_text())["jobs"].items():
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
        for name, job in load_yaml(path.read_text())["jobs"].items():
            takes = "PRODUCTION_ROLE_ARN" in str(job.get("env", {}).get("AWS_ROLE_ARN", ""))
            if takes and not str(job.get("environment", "")).startswith("production"):
                yield f"{path.name}: {name} takes production's role outside an environment that is approved"


def ways_back_do_not_queue(root: Path) -> Iterator[str]:
    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        flow = load_yaml(path.read_text())
        goes_back = any(
            "deploy/bin/roll_back" in step.get("run", "") for job in flow["jobs"].values() for step in job["steps"]
        )
        if goes_back and "inputs.roll_back" not in str(flow.get("concurrency", {}).get("group", "inputs.roll_back")):
            yield f"{path.name}: roll_back waits in one queue with releases, which wait for an approval"


def images_are_baked_anew(root: Path) -> Iterator[str]:
    """By a plan, and what bakes an image also forgets old ones: else each month costs more than the one before."""
    baking = [
        (path.name, load_yaml(path.read_text()), job)
        for path in sorted((root / ".github" / "workflows").glob("*.yml"))
        for job in load_yaml(path.read_text())["jobs"].values()
        if any("deploy/bin/build_image" in step.get("run", "") for step in job["steps"])
    ]
    # YAML 1.1 reads the key `on` as true.
    planned = [job for _, flow, job in baking if "schedule" in flow.get(True, flow.get("on", {}))]
    if not any("schedule" in str(job.get("if", "schedule")) for job in planned):
        yield "no plan bakes an image: kernels wait for one until somebody releases"
    for name, _, job in baking:
        if not any("deploy/bin/purge_images" in step.get("run", "") for step in job["steps"]):
            yield f"{name}: bakes images and forgets none"


# Minutes: a bake takes ten, a release up to two hours with its looks; nothing may hold a runner for GitHub's six hours.
LEAST_MINUTES = {"build": 30, "staging": 90, "production": 90, "back": 60, "test": 45, "platform": 45}
SHORTEST, LONGEST = 10, 130
READING = {"contents": "read"}
BECOMING = {"contents": "read", "id-token": "write"}
TRUSTED = {
    "plan": "github.event.pull_request.head.repo.full_name == github.repository",
    "build": "github.ref == 'refs/heads/main' && !inputs.roll_back",
    "back": "github.ref == 'refs/heads/main' && inputs.roll_back",
}
AFTER = {"staging": {"build"}, "production": {"build", "staging"}}
INSTALLS = ("deploy/requirements/platform.txt", "deploy/bin/get_terraform")
# What each job is there for, in its order.
STEPS = {
    "plan": ("deploy/bin/plan --environment production", "cat var/build/plan-production.txt"),
    "build": ("git describe", "deploy/bin/build_image", "deploy/bin/purge_images"),
    "staging": ("deploy/bin/roll_out --environment staging", "deploy/bin/purge_snapshots --environment staging"),
    "production": (
        "deploy/bin/roll_out --environment production",
        "deploy/bin/purge_snapshots --environment production",
    ),
    "back": ("deploy/bin/roll_back --environment production",),
    "drift": ("deploy/bin/plan",),
    "dependencies": ("pip-audit",),
    "test": ("apt-get install", "safe.directory", "deploy/bin/get_terraform", ".ci/run"),
    "platform": ("deploy/bin/get_terraform", "apt-get install", "make test-platform"),
}


def _jobs(root: Path) -> Iterator[tuple[str, dict, str, dict]]:
    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        flow = load_yaml(path.read_text())
        for name, job in flow["jobs"].items():
            yield path.name, flow, name, job


def jobs_hold_what_they_need(root: Path) -> Iterator[str]:
    for file, flow, name, job in _jobs(root):
        if flow.get("permissions") != {}:
            yield f"{file}: a job without permissions of its own has GitHub's default ones"
        becomes = any("deploy/bin/with_role" in step.get("run", "") for step in job["steps"])
        wanted = BECOMING if becomes else READING
        if job.get("permissions") != wanted:
            yield f"{file}: {name} holds {job.get('permissions')}, and needs {wanted}"
        for step in job["steps"]:
            used = step.get("uses", "")
            if used and not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used):
                yield f"{file}: {name} runs {used}, which its owner may point elsewhere"
            if used.startswith("actions/checkout@") and step.get("with", {}).get("persist-credentials") is not False:
                yield f"{file}: {name} leaves its token in the checkout, for every step after"


def jobs_end(root: Path) -> Iterator[str]:
    for file, flow, name, job in _jobs(root):
        least, minutes = LEAST_MINUTES.get(name, SHORTEST), job.get("timeout-minutes", 360)
        if not least <= minutes <= LONGEST:
            yield f"{file}: {name} may take {minutes} minutes, of {least} to {LONGEST}"
        group = flow.get("concurrency", {})
        if not isinstance(group, dict) or not group.get("group"):
            yield f"{file}: two runs of it go at once"
        elif group.get("cancel-in-progress") is not (file == "ci.yml"):
            yield f"{file}: a newer run {'waits' if file == 'ci.yml' else 'ends one that is changing AWS'}"


def jobs_run_where_they_may(root: Path) -> Iterator[str]:
    for file, _, name, job in _jobs(root):
        if name in TRUSTED and TRUSTED[name] not in str(job.get("if", "")):
            yield f"{file}: {name} runs for anybody's branch or fork ({job.get('if', 'always')})"
        needs = job.get("needs", [])
        if missing := sorted(AFTER.get(name, set()) - ({needs} if isinstance(needs, str) else set(needs))):
            yield f"{file}: {name} does not wait for {', '.join(missing)}"
        strategy = job.get("strategy", {})
        if strategy and strategy.get("fail-fast") is not False:
            yield f"{file}: {name} stops at the first environment that differs"


def jobs_do_their_work(root: Path) -> Iterator[str]:
    for file, _, name, job in _jobs(root):
        commands = [step.get("run", "") for step in job["steps"]]
        at = -1
        for wanted in STEPS.get(name, ()):
            found = next((index for index, command in enumerate(commands) if wanted in command and index > at), None)
            if found is None:
                yield f"{file}: {name} does not {wanted}, or not in its turn"
            else:
                at = found
        if not any(step.get("uses", "").startswith("actions/checkout@") for step in job["steps"]):
            yield f"{file}: {name} has no checkout"
        tools = [one for one in commands if "with_role" in one or "pip-audit" in one]
        if tools and INSTALLS[0] not in "".join(commands):
            yield f"{file}: {name} calls tools that nothing installs"
        if any("deploy/bin/plan" in one for one in commands) and INSTALLS[1] not in "".join(commands):
            yield f"{file}: {name} plans without Terraform"
        for step in job["steps"]:
            describes = any("git describe" in command for command in commands)
            given = step.get("with", {})
            has_tags = given.get("fetch-depth") == 0 and given.get("fetch-tags") is True
            if step.get("uses", "").startswith("actions/checkout@") and describes and not has_tags:
                yield f"{file}: {name} names a release by tags that are not fetched"


# What somebody who starts a workflow by hand says.
INPUTS = {
    "release.yml": {
        "release": {"required": True},
        "roll_back": {"type": "boolean", "default": False},
    }
}


def people_are_asked_what_to_do(root: Path) -> Iterator[str]:
    for file, wanted in INPUTS.items():
        path = root / ".github" / "workflows" / file
        flow = load_yaml(path.read_text()) if path.exists() else {}
        # YAML 1.1 reads the key `on` as true.
        by_hand = flow.get(True, flow.get("on", {})).get("workflow_dispatch") or {}
        asked = by_hand.get("inputs", {})
        for name, values in wanted.items():
            for key, value in values.items():
                found = asked.get(name, {}).get(key)
                if flow and found != value:
                    yield f"{file}: the input {name} has {key}: {found}, not {value}"
        for name, given in asked.items():
            if not given.get("description"):
                yield f"{file}: nobody is told what {name} is"


CODE_RULES = (
    Rule(
        "people are asked what to do",
        "An input is optional, a text and empty unless it says otherwise: a run by hand would release nothing.",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_dispatchinputs",
        people_are_asked_what_to_do,
    ),
    Rule(
        "jobs hold what they need",
        "A job's token may do what its permissions say, and an action what its tag is pointed at.",
        "https://docs.github.com/en/actions/reference/security/secure-use",
        jobs_hold_what_they_need,
    ),
    Rule(
        "jobs end",
        "A job runs for six hours unless it is told otherwise.",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes",
        jobs_end,
    ),
    Rule(
        "jobs run where they may",
        "A pull request of a fork runs the workflow that it brings.",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idif",
        jobs_run_where_they_may,
    ),
    Rule(
        "jobs do their work",
        "A job without its step is green.",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idsteps",
        jobs_do_their_work,
    ),
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
