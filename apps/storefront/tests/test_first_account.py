from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from apps.accounts.first_account import new_token
from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory

pytestmark = pytest.mark.django_db
GIVEN = {
    "first_name": "Camille",
    "email": "camille@exemple.fr",
    "password1": "une phrase bien longue",
    "password2": "une phrase bien longue",
}


@pytest.fixture(autouse=True)
def new_shop(settings):
    cache.clear()
    settings.DEMO, settings.SHOP_INVENTED = False, {}


def printed(**options) -> str:
    out = StringIO()
    call_command("create_owner", stdout=out, **options)
    return out.getvalue()


def test_the_command_prints_a_link_that_leads_to_the_second_factor(client, settings):
    url = next(word for word in printed().split() if word.startswith(settings.SITE_URL)).removeprefix(settings.SITE_URL)
    page = client.get(url)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "private, no-store"
    answer = client.post(url, GIVEN)
    assert (answer.status_code, answer.url) == (303, reverse("mfa_activate_totp"))
    user = User.objects.get(is_superuser=True)
    assert client.get(answer.url).status_code == 200, "no second question for the password"
    assert client.get(reverse("admin:index")).status_code == 200
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get(url).status_code == 410


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "pas une adresse"},
        {"password1": "court", "password2": "court"},
        {"password2": "une autre phrase longue"},
        {"password1": "camille@exemple.fr", "password2": "camille@exemple.fr"},
    ],
)
def test_a_mistake_is_said_and_loses_nothing(client, changes):
    url = reverse("storefront:first_account", args=[new_token(now=timezone.now())])
    answer = client.post(url, GIVEN | changes)
    assert answer.status_code == 400
    assert 'value="Camille"' in answer.content.decode()
    assert not User.objects.exists()


def test_an_account_that_is_there_is_not_taken_over(client):
    StaffFactory(email="camille@exemple.fr", is_superuser=False)
    url = reverse("storefront:first_account", args=[new_token(now=timezone.now())])
    answer = client.post(url, GIVEN)
    assert answer.status_code == 400
    assert "a déjà un compte" in answer.content.decode()
    assert not User.objects.filter(is_superuser=True).exists()


def test_guessing_is_limited(client):
    url = reverse("storefront:first_account", args=["x"])
    answers = [client.get(url).status_code for _ in range(21)]
    assert answers == [410] * 20 + [429]


def test_the_command_refuses_a_shop_that_has_an_owner():
    StaffFactory(is_superuser=True)
    with pytest.raises(CommandError, match="--another"):
        printed()
    assert "/compte/proprietaire/" in printed(another=True)


def test_the_command_may_ask_in_the_terminal(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _question: "camille@exemple.fr")
    monkeypatch.setattr("getpass.getpass", lambda _question: "une phrase bien longue")
    printed(ask=True)
    assert User.objects.get(is_superuser=True).email == "camille@exemple.fr"


@pytest.mark.parametrize(("email", "password"), [("rien", "une phrase bien longue"), ("a@exemple.fr", "court")])
def test_the_terminal_refuses_what_the_page_refuses(monkeypatch, email, password):
    monkeypatch.setattr("builtins.input", lambda _question: email)
    monkeypatch.setattr("getpass.getpass", lambda _question: password)
    with pytest.raises(CommandError):
        printed(ask=True)
    assert not User.objects.exists()
