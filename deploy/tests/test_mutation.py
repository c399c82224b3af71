"""Mutants: what operators change, where, and that a seed chooses the same ones again."""

import pytest
from local import ROOT
from mutation import line_operators, python_operators, terraform_operators
from mutation.mutants import Edit, Mutant, numbered
from mutation.sampling import KINDS, all_mutants, sample

FLEET = """resource "aws_lb" "this" {
  name       = "shop"
  internal   = false
  idle       = 60
  port       = 443
  protocol   = "HTTPS"
  subnets    = [aws_subnet.a.id, aws_subnet.b.id]
  count      = var.on ? 1 : 0
  depends_on = [aws_s3_bucket_policy.logs]

  access_logs {
    enabled = true
  }
}

data "aws_iam_policy_document" "web" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket["files"]}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["1"]
    }
  }

  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
"""


def changes(found) -> dict[tuple[str, str], str]:
    """By operator and changed line."""
    return {(one.operator, one.place.partition(": ")[2]): one.applied(FLEET) for one in found}


def test_terraform_is_changed_for_the_worse():
    found = changes(terraform_operators.mutants("x.tf", FLEET, "terraform"))
    for operator, place, right, wrong in (
        ("flip a boolean", "internal   = false", "internal   = false", "internal   = true"),
        ("lower a number", "idle       = 60", "idle       = 60", "idle       = 6"),
        ("retarget a port", "port       = 443", "port       = 443", "port       = 8080"),
        ("take the opposite", 'protocol   = "HTTPS"', '"HTTPS"', '"HTTP"'),
        ("drop the first of a list", "subnets = [aws_subnet.a.id, aws_subnet.b.id]", "[aws_subnet.a.id, ", "["),
        ("never", "count = var.on ? 1 : 0", "var.on ? 1 : 0", "0"),
        (
            "remove depends_on",
            "depends_on = [aws_s3_bucket_policy.logs]",
            "  depends_on = [aws_s3_bucket_policy.logs]\n",
            "",
        ),
        ("drop a block", "enabled true", "  access_logs {\n    enabled = true\n  }\n", ""),
        (
            "widen the actions",
            'actions = ["s3:GetObject"]',
            '    actions   = ["s3:GetObject"]',
            '    actions = ["s3:*"]',
        ),
        (
            "widen the resources",
            'resources = ["${local.bucket["files"]}/*"]',
            '["${local.bucket["files"]}/*"]',
            '["*"]',
        ),
        ("turn a refusal into a permission", 'effect = "Deny"', '"Deny"', '"Allow"'),
    ):
        text = found[operator, place]
        assert text != FLEET
        assert text.replace(" ", "") == FLEET.replace(right, wrong).replace(" ", ""), operator
    assert any(operator == "drop a condition" for operator, _place in found)
    # A name is no behaviour, and what refuses everything cannot be widened.
    assert not any('name       = "shop"' in place for _operator, place in found)


@pytest.mark.parametrize(
    ("operators", "text", "operator", "wrong"),
    [
        (line_operators.systemd, "[Service]\nUser=webmarket\n", "run as root", "[Service]\nUser=root\n"),
        (line_operators.systemd, "[Service]\nPrivateTmp=yes\n", "turn a switch", "[Service]\nPrivateTmp=no\n"),
        (line_operators.nginx, "http {\n  gzip on;\n}\n", "drop a directive", "http {\n}\n"),
        (line_operators.nginx, "a {\n  burst 50;\n}\n", "lower a number", "a {\n  burst 5;\n}\n"),
        (
            line_operators.firewall,
            "type filter; policy drop;\n",
            "accept instead of drop",
            "type filter; policy accept;\n",
        ),
        (line_operators.settings, "PasswordAuthentication no\n", "turn a switch", "PasswordAuthentication yes\n"),
        (line_operators.settings, "kernel.sysrq = 0\n", "raise from zero", "kernel.sysrq = 1\n"),
        (line_operators.yaml, "- name: A\n  x: 1\n- name: B\n", "drop an item", "- name: B\n"),
        (line_operators.yaml, 'x:\n  mode: "0400"\n', "widen a mode", 'x:\n  mode: "0777"\n'),
        (python_operators.mutants, "def f():\n    raise Refused\n", "drop a statement", "def f():\n    pass\n"),
        (python_operators.mutants, "x = a and b\n", "and for or", "x = a or b\n"),
        (
            python_operators.mutants,
            "if « a » < 2:\n    f()\n".replace("« a »", "a"),
            "turn a comparison",
            "if a >= 2:\n    f()\n",
        ),
        (python_operators.mutants, "x = 'é', True\n", "flip a boolean", "x = 'é', False\n"),
    ],
)
def test_other_files_are_changed_for_the_worse(operators, text, operator, wrong):
    assert wrong in [one.applied(text) for one in operators("x", text, "x") if one.operator == operator]


def test_places_of_the_same_words_are_told_apart():
    twice = [Mutant("x", "x", "drop", "a", (Edit(0, 1, ""),)), Mutant("x", "x", "drop", "a", (Edit(1, 2, ""),))]
    assert [one.name for one in numbered(twice)] == ["x: drop: a", "x: drop: a (2)"]


def test_a_seed_chooses_the_same_again():
    everything = all_mutants(ROOT)
    assert len({one.name for one in everything}) == len(everything) > 1000
    assert {one.kind for one in everything} == {kind.name for kind in KINDS}
    first = sample(everything, 200, 1)
    assert first == sample(everything, 200, 1)
    assert first != sample(everything, 200, 2)
    assert len(set(first)) == 200
    assert {one.kind for one in first} == {kind.name for kind in KINDS}
