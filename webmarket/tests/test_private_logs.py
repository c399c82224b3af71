"""The log contains no personal data and no access token: of a purchase, of a failure, at level DEBUG, in slow SQL
statements."""

import io
import json
import logging
import logging.config
from smtplib import SMTPRecipientsRefused

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import path, reverse

from apps.accounts.models import User
from apps.api.tests.caller import Caller
from apps.comments.sections import section_of
from apps.common.middleware import request_log
from apps.common.tasks import send_email
from apps.demo.bank import ACCEPTED, DECLINED
from apps.orders.models import Order
from apps.prospects.tests.factories import make_stages
from apps.storefront.tests.conftest import delivery_methods, variant  # noqa: F401
from apps.storefront.tests.purchase import buy
from webmarket import logs
from webmarket.urls import urlpatterns as ours

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("delivery_methods")]
EMAIL, PASSWORD = "zephirine.quatrefages@poste.example", "rossignol-cerisier-88"
PERSON = {
    "email": EMAIL,
    "recipient": "Zéphirine Quatrefages",
    "company": "Atelier Brindille",
    "line1": "73 impasse des Libellules",
    "line2": "Escalier Coquelicot",
    "city": "Vaucresson-les-Bains",
    "phone": "06 98 76 54 32",
}
WORDS = "Mon secret est une grenouille"


def broken(request, token):
    raise IntegrityError(f"(1062, \"Duplicate entry '{EMAIL}' for key 'accounts_user.email'\")")


urlpatterns = [*ours, path("casse/<str:token>/", broken)]


@pytest.fixture
def log(settings):
    """All lines as in production, at DEBUG, with every SQL statement logged as slow."""
    cache.clear()
    settings.SLOW_REQUEST_SECONDS = settings.SLOW_QUERY_SECONDS = 0
    configuration = logs.configure(readable=False, level="DEBUG", release="v7")
    stream = configuration["handlers"]["stderr"]["stream"] = io.StringIO()
    logging.config.dictConfig(configuration)
    before, connection.force_debug_cursor = connection.force_debug_cursor, True
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    connection.force_debug_cursor = before
    logging.config.dictConfig(logs.configure(readable=project.DEMO, level="INFO"))


def found_in_log(log, *more: str) -> list[str]:
    """Which of the person's data (and of `more`) are in the log."""
    text = json.dumps(log(), ensure_ascii=False).casefold()
    words = [*PERSON.values(), "quatrefages", "06987654", PASSWORD, WORDS, "grenouille", ACCEPTED, DECLINED, *more]
    return [word for word in words if word.casefold() in text]


def events(log, name: str) -> list[dict]:
    return [line for line in log() if line["event"] == name]


def test_a_purchase(log, variant):  # noqa: F811
    client = Client()
    buy(client, variant.sku, payment_method="demo_card", **PERSON)
    order = Order.objects.get()
    page = f"/paiement/{order.access_token}/"
    for card in (DECLINED, ACCEPTED):
        client.post(page, {"instrument": card, "method": "demo_card"})
    client.get(f"/suivi/{order.access_token}/")
    client.get(f"/suivi/{order.access_token}/nulle-part/")
    client.get(f"/recherche/?q={EMAIL}")
    order.refresh_from_db()
    assert order.status != Order.Status.AWAITING_PAYMENT
    assert found_in_log(log, order.access_token) == []
    requests = [line for line in events(log, "slow_request") if "suivi" in line["route"]]
    assert requests[0]["route"] == "/suivi/<str:token>/"
    assert requests[0]["queries"] > 0
    assert {line["order_id"] for line in events(log, "slow_query") if "order_id" in line} == {order.pk}
    assert events(log, "slow_query")


def test_an_account(log):
    client = Client()
    client.post(reverse("account_signup"), {"email": EMAIL, "password1": PASSWORD, "first_name": "Zéphirine"})
    user = User.objects.get()
    user.emailaddress_set.update(verified=True)
    client.post(reverse("account_login"), {"login": EMAIL, "password": "faux" + PASSWORD})
    client.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
    client.get("/compte/")
    client.post(reverse("admin:login"), {"username": EMAIL, "password": PASSWORD})
    assert found_in_log(log) == []
    assert {line["user_id"] for line in log() if "user_id" in line} == {user.pk}


def test_a_message_a_prospect_and_a_comment(log, variant):  # noqa: F811
    make_stages()
    client = Client()
    fields = {"name": PERSON["recipient"], "email": EMAIL, "order_number": "", "message": WORDS}
    assert client.post("/contact/", fields).status_code in (302, 303)
    names = {"firstName": "Zéphirine", "lastName": "Quatrefages", "email": EMAIL, "phone": PERSON["phone"]}
    given = {**names, "message": WORDS, "consent": True, "captchaToken": "test-yes-1"}
    assert Caller()("post", "prospects", given).status_code < 300
    url = reverse("storefront:comments", args=[section_of(variant.product_id)])
    assert client.post(url, {"author": PERSON["recipient"], "email": EMAIL, "text": WORDS}).status_code == 303
    assert events(log, "slow_request")
    assert found_in_log(log) == []


@pytest.mark.urls(__name__)
def test_an_error_of_the_shop(log):
    client = Client(raise_request_exception=False)
    assert client.get("/casse/Zx8_kW3mQp7LrT5vNc2Yb9Hd/").status_code == 500
    failed = [line for line in log() if "IntegrityError" in line.get("exception", "")]
    assert failed
    assert found_in_log(log, "Zx8_kW3mQp7LrT5vNc2Yb9Hd") == []


def test_a_mail_server_that_refuses(log, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    send_email.apply(
        kwargs={"to": EMAIL, "subject": WORDS, "text": WORDS, "html": WORDS, "key": "one"}, throw=False, retries=20
    )
    assert any("SMTPRecipientsRefused" in json.dumps(line) for line in log())
    assert found_in_log(log) == []


class Refusing:
    def __init__(self, **_):
        pass

    def send_messages(self, messages):
        raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such user " + EMAIL.encode())})


def test_lines_of_a_request_carry_its_identifier_and_the_release(log):
    Client().get("/panier/", headers={"X-Request-ID": "c0ffee00c0ffee00"})
    [line] = events(log, "slow_request")
    assert (line["request_id"], line["release"], line["status"]) == ("c0ffee00c0ffee00", "v7", 200)
    Client().get("/panier/", headers={"X-Request-ID": 'x", "level": "critical'})
    assert len(events(log, "slow_request")[-1]["request_id"]) == 32
    assert request_log.current.get() is None
