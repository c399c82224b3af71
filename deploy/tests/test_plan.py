"""The command that shows what Terraform would change."""

import json

import pytest

VALUES = {"owner": "x", "domain_name": "x", "image_id": "ami-1", "emails": [], "settings": {}}


@pytest.fixture
def plan(step, tmp_path, monkeypatch):
    module = step("plan")
    monkeypatch.setattr(module, "BUILD", tmp_path)
    monkeypatch.setenv("TF_VAR_origin_secret", "between the edge and the balancer")
    return module


def refused():
    import release

    return release.Refused


def test_the_pipelines_variables_become_a_file(plan, monkeypatch):
    monkeypatch.setenv("TERRAFORM_VARIABLES", json.dumps(VALUES))
    assert json.loads(plan.variables_file("staging").read_text()) == VALUES


def test_a_missing_variable_is_named(plan, monkeypatch):
    monkeypatch.setenv("TERRAFORM_VARIABLES", json.dumps(VALUES))
    monkeypatch.delenv("TF_VAR_origin_secret")
    with pytest.raises(refused(), match="staging has no value for origin_secret"):
        plan.variables_file("staging")


def test_what_is_no_object_is_refused(plan, monkeypatch):
    for text in ("{", "[]"):
        monkeypatch.setenv("TERRAFORM_VARIABLES", text)
        with pytest.raises(refused(), match="JSON"):
            plan.variables_file("staging")


def test_a_plan_takes_no_lock(plan):
    assert "-lock=false" in plan.plan_command("staging", plan.BUILD / "plan", [])
