"""What the pipeline gives its commands."""

import json
from pathlib import Path

from rules import workflows

from .planned import problems_of


def repository(tmp_path, *, job: dict, variables: str = "", page: str = "", outputs: str = "") -> Path:
    environment = tmp_path / "terraform" / "environments" / "staging"
    for path, text in (
        (tmp_path / ".github/workflows/release.yml", json.dumps({"jobs": {"plan": job}})),
        (tmp_path / "deploy/README.md", page),
        (tmp_path / "terraform/README.md", ""),
        (environment / "variables.tf", variables),
        (environment / "outputs.tf", outputs),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


VARIABLES = 'variable "owner" {\n  type = string\n}\nvariable "region" {\n  default = "x"\n}\n'


def test_a_plan_gets_the_variables_that_it_cannot_do_without(tmp_path):
    matrix = {"matrix": {"include": [{"environment": "staging"}]}}
    for job in (
        {"steps": [{"run": "deploy/bin/plan --environment staging"}]},
        {"steps": [{"run": 'deploy/bin/plan --environment "$ENVIRONMENT" --drift'}], "strategy": matrix},
    ):
        check = workflows.plans_get_their_variables
        (problem,) = problems_of(check, repository(tmp_path, job=job, variables=VARIABLES))
        assert "TF_VAR_owner" in problem
        for given in ({"TF_VAR_owner": "x"}, {"TERRAFORM_VARIABLES": "x"}):
            assert problems_of(check, repository(tmp_path, job={**job, "env": given}, variables=VARIABLES)) == []


def test_a_secret_comes_from_the_secrets(tmp_path):
    secret = 'variable "key" {\n  sensitive = true\n}\n'
    for value, sentences in (("${{ secrets.KEY }}", 0), ("${{ vars.KEY }}", 1), ("", 1)):
        job = {"steps": [{"run": "deploy/bin/plan --environment staging"}], "env": {"TERRAFORM_VARIABLES": "x"}}
        job["env"]["TF_VAR_key"] = value
        given = repository(tmp_path, job=job, variables=secret)
        assert len(problems_of(workflows.plans_get_their_variables, given)) == sentences


def test_nothing_is_shown_that_was_not_written(tmp_path):
    job = {"steps": [{"run": "cat var/build/plan.txt", "if": "always()"}]}
    assert len(problems_of(workflows.results_are_printed_only_where_they_are, repository(tmp_path, job=job))) == 1


def test_pages_name_outputs_that_are_there(tmp_path):
    given = {"job": {"steps": []}, "page": "the output `role_arns`"}
    assert len(problems_of(workflows.named_outputs_are_there, repository(tmp_path, **given))) == 1
    there = repository(tmp_path, **given, outputs='output "role_arns" {\n}\n')
    assert problems_of(workflows.named_outputs_are_there, there) == []


def test_production_is_deployed_where_somebody_approves(tmp_path):
    job = {"steps": [], "env": {"AWS_ROLE_ARN": "${{ vars.PRODUCTION_ROLE_ARN }}"}}
    check = workflows.production_is_deployed_where_somebody_approves
    assert len(problems_of(check, repository(tmp_path, job=job))) == 1
    assert problems_of(check, repository(tmp_path, job={**job, "environment": "production"})) == []


def test_a_way_back_does_not_queue(tmp_path):
    root = repository(tmp_path, job={})
    flow = {"jobs": {"back": {"steps": [{"run": "deploy/bin/roll_back --environment production"}]}}}
    for group, sentences in (("release-main", 1), ("release-${{ inputs.roll_back && 'back' || 'main' }}", 0)):
        text = json.dumps({**flow, "concurrency": {"group": group}})
        (root / ".github/workflows/release.yml").write_text(text)
        assert len(problems_of(workflows.ways_back_do_not_queue, root)) == sentences


def test_images_are_baked_by_a_plan_and_old_ones_forgotten(tmp_path):
    def flow(*commands: str, plan: bool, condition: str = "github.event_name == 'schedule'") -> list[str]:
        job = {"if": condition, "steps": [{"run": f"deploy/bin/{command}"} for command in commands]}
        root = repository(tmp_path, job=job)
        events = {"schedule": [{"cron": "41 4 1 * *"}]} if plan else {"workflow_dispatch": {}}
        (root / ".github/workflows/release.yml").write_text(json.dumps({"on": events, "jobs": {"build": job}}))
        return problems_of(workflows.images_are_baked_anew, root)

    assert flow("build_image --release v1", "purge_images", plan=True) == []
    assert any("no plan" in one for one in flow("build_image --release v1", "purge_images", plan=False))
    by_hand = flow("build_image --release v1", "purge_images", plan=True, condition="inputs.release != ''")
    assert any("no plan" in one for one in by_hand)
    assert any("forgets none" in one for one in flow("build_image --release v1", plan=True))
