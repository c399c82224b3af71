"""What the firewall limits, and what it leaves alone, is where the shop answers."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation

EDGE = Path(__file__).resolve().parents[2] / "terraform" / "modules" / "edge" / "variables.tf"
# Where somebody without a session can try passwords, codes or order numbers, or write to people.
TRIED = (
    "account_login",
    "account_signup",
    "account_reset_password",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "admin:login",
    "storefront:contact",
    "storefront:find_order",
)


def paths(variable: str) -> tuple[str, ...]:
    """The default of one of the edge's variables."""
    body = re.search(rf'^variable "{variable}" {{\n(.*?)^}}', EDGE.read_text(), re.MULTILINE | re.DOTALL)[1]
    return tuple(re.findall(r'"(/[^"]*)"', body.partition("default")[2]))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_where_passwords_are_tried_posts_are_limited(language):
    limited = paths("form_paths")
    with translation.override(language):
        assert [name for name in TRIED if not reverse(name).startswith(limited)] == []


def test_the_apis_log_in_is_limited_as_a_form_and_its_posts_as_an_api():
    assert "/api/auth/login".startswith(paths("form_paths"))
    assert "/api/prospects".startswith(paths("api_paths"))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_payment_providers_are_not_judged_as_bots(language):
    with translation.override(language):
        address = reverse("storefront:webhook", kwargs={"gateway_code": "bank"})
    assert address.startswith(paths("program_paths"))
    assert reverse("api:health").startswith(paths("program_paths"))
