"""No timing oracle: an e-mail with an account costs the same work as one without (counted, not timed)."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.crypto import get_random_string

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.api.tests.caller import Caller
from apps.storefront.tests import purchase
from apps.storefront.tests.conftest import delivery_methods, variant  # noqa: F401

pytestmark = pytest.mark.django_db
PASSWORD = "un mot de passe solide"
UNKNOWN = "personne@exemple.fr"
hashed: list[int] = []


class Counting(MD5PasswordHasher):
    """A password hasher that counts its calls; each would take half a second."""

    def encode(self, password, salt):
        hashed.append(1)
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def counting(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]


def account(email, **fields):
    make = StaffFactory if fields.pop("staff", False) else UserFactory
    user = make(email=email, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def unusable(email):
    user = account(email)
    user.set_unusable_password()
    user.save()


def guarded(email):
    Authenticator.objects.create(user=account(email, staff=True), type=Authenticator.Type.TOTP, data={"secret": "x"})


EXISTING = {
    "customer": account,
    "staff": lambda email: account(email, staff=True),
    "closed": lambda email: account(email, is_active=False),
    "invited": unusable,
    "second factor": guarded,
    "unconfirmed": lambda email: EmailAddress.objects.create(user=UserFactory(email=email), email=email, primary=True),
}


def sign_up(client, email):
    return client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD, "first_name": "Camille"})


def reset(client, email):
    return client.post(reverse("account_reset_password"), {"email": email})


def log_in(client, email):
    return client.post(reverse("account_login"), {"login": email, "password": "non"})


def office(client, email):
    return client.post(reverse("admin:login"), {"username": email, "password": "non"})


def programs(client, email):
    return Caller()("post", "auth/login", {"email": email, "password": "non"})


def signed_in(email=""):
    """A client with a recent reauthentication, which each change of an account requires."""
    user = account(email or f"{get_random_string(8).lower()}@exemple.fr")
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def change_email(client, email):
    return client.post(reverse("account_email"), {"email": email, "action_add": ""})


def contact(client, email):
    return client.post(reverse("storefront:contact"), {"name": "C", "email": email, "message": f"De {email}"})


def order_as_guest(client, email):
    purchase.add(client, "CONFITURE")
    purchase.fill_in(client, email=email)
    return purchase.place(client, purchase.read_summary(client))


def cost(action, email, capture, client=None):
    """(calls of the hasher, e-mails, SQL statements) of an action."""
    hashed.clear()
    mail.outbox.clear()
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        capture(execute=True),
    ):
        answer = action(client or Client(REMOTE_ADDR="192.0.2.1"), email)
    assert answer.status_code < 500
    return len(hashed), len(mail.outbox), len(queries)


@pytest.mark.parametrize("action", [sign_up, reset, log_in, office, programs], ids=lambda action: action.__name__)
@pytest.mark.parametrize("kind", EXISTING)
def test_an_existing_email_costs_what_an_unknown_one_does(action, kind, django_capture_on_commit_callbacks):
    # Warm up what a process does once.
    cost(action, "autre@exemple.fr", django_capture_on_commit_callbacks)
    EXISTING[kind]("camille@exemple.fr")
    existing = cost(action, "camille@exemple.fr", django_capture_on_commit_callbacks)
    unknown = cost(action, UNKNOWN, django_capture_on_commit_callbacks)
    assert existing[:2] == unknown[:2]
    # A few queries more are about a millisecond, less than a network's jitter; thirty were not.
    assert abs(existing[2] - unknown[2]) <= 8, (existing, unknown)


@pytest.mark.parametrize("kind", EXISTING)
def test_changing_to_an_existing_email_costs_what_an_unknown_one_does(kind, django_capture_on_commit_callbacks):
    cost(change_email, "autre@exemple.fr", django_capture_on_commit_callbacks, signed_in())
    EXISTING[kind]("camille@exemple.fr")
    existing, unknown = (
        cost(change_email, email, django_capture_on_commit_callbacks, signed_in())
        for email in ("camille@exemple.fr", UNKNOWN)
    )
    assert existing[:2] == unknown[:2]
    assert abs(existing[2] - unknown[2]) <= 8, (existing, unknown)


@pytest.mark.usefixtures("delivery_methods", "variant")
@pytest.mark.parametrize("action", [contact, order_as_guest], ids=lambda action: action.__name__)
@pytest.mark.parametrize("kind", ["customer", "staff"])
def test_a_form_that_takes_any_email_looks_none_up(action, kind, django_capture_on_commit_callbacks):
    cost(action, "autre@exemple.fr", django_capture_on_commit_callbacks)
    EXISTING[kind]("camille@exemple.fr")
    existing = cost(action, "camille@exemple.fr", django_capture_on_commit_callbacks)
    assert existing == cost(action, UNKNOWN, django_capture_on_commit_callbacks)


def test_signing_up_with_an_existing_email_leaves_nothing_behind(django_capture_on_commit_callbacks):
    account("camille@exemple.fr")
    with django_capture_on_commit_callbacks(execute=True):
        answer = sign_up(Client(), "camille@exemple.fr")
    assert answer.url == reverse("account_email_verification_sent")
    assert list(User.objects.values_list("email", flat=True)) == ["camille@exemple.fr"]
    assert EmailAddress.objects.count() == 1
    assert [message.to for message in mail.outbox] == [["camille@exemple.fr"]]
