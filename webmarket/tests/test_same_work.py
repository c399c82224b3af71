"""An address that has an account and one that has none cost the same: counted, not timed."""

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
    """Each call of it is what a real one takes half a second for."""

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


KNOWN = {
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
    """A customer who has just shown the password again, as before each change of an account."""
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


def cost(ask, email, capture, client=None):
    """Calls of the hasher, e-mails, statements."""
    hashed.clear()
    mail.outbox.clear()
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        capture(execute=True),
    ):
        answer = ask(client or Client(REMOTE_ADDR="192.0.2.1"), email)
    assert answer.status_code < 500
    return len(hashed), len(mail.outbox), len(queries)


@pytest.mark.parametrize("ask", [sign_up, reset, log_in, office, programs], ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("kind", KNOWN)
def test_a_known_address_costs_what_an_unknown_one_does(ask, kind, django_capture_on_commit_callbacks):
    # What a process does once is done.
    cost(ask, "autre@exemple.fr", django_capture_on_commit_callbacks)
    KNOWN[kind]("camille@exemple.fr")
    known = cost(ask, "camille@exemple.fr", django_capture_on_commit_callbacks)
    unknown = cost(ask, UNKNOWN, django_capture_on_commit_callbacks)
    assert known[:2] == unknown[:2]
    # A query or so more or less is a millisecond, in the noise of a network; thirty were not.
    assert abs(known[2] - unknown[2]) <= 8, (known, unknown)


@pytest.mark.parametrize("kind", KNOWN)
def test_changing_to_a_known_address_costs_what_an_unknown_one_does(kind, django_capture_on_commit_callbacks):
    cost(change_email, "autre@exemple.fr", django_capture_on_commit_callbacks, signed_in())
    KNOWN[kind]("camille@exemple.fr")
    known, unknown = (
        cost(change_email, email, django_capture_on_commit_callbacks, signed_in())
        for email in ("camille@exemple.fr", UNKNOWN)
    )
    assert known[:2] == unknown[:2]
    assert abs(known[2] - unknown[2]) <= 8, (known, unknown)


@pytest.mark.usefixtures("delivery_methods", "variant")
@pytest.mark.parametrize("ask", [contact, order_as_guest], ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("kind", ["customer", "staff"])
def test_a_form_that_takes_any_address_looks_none_up(ask, kind, django_capture_on_commit_callbacks):
    cost(ask, "autre@exemple.fr", django_capture_on_commit_callbacks)
    KNOWN[kind]("camille@exemple.fr")
    known = cost(ask, "camille@exemple.fr", django_capture_on_commit_callbacks)
    assert known == cost(ask, UNKNOWN, django_capture_on_commit_callbacks)


def test_signing_up_with_a_known_address_leaves_nothing_behind(django_capture_on_commit_callbacks):
    account("camille@exemple.fr")
    with django_capture_on_commit_callbacks(execute=True):
        answer = sign_up(Client(), "camille@exemple.fr")
    assert answer.url == reverse("account_email_verification_sent")
    assert list(User.objects.values_list("email", flat=True)) == ["camille@exemple.fr"]
    assert EmailAddress.objects.count() == 1
    assert [message.to for message in mail.outbox] == [["camille@exemple.fr"]]
