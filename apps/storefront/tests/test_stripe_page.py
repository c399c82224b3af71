"""The pages of an order that is paid through Stripe, and its messages."""

import pytest
from django.test import Client

from apps.checkout.services import check_books
from apps.common.models import OutboxEmail
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.payments.gateways.stripe import Stripe
from apps.payments.tests.fixtures import with_stripe  # noqa: F401
from apps.payments.tests.stripe_api import ACCEPTED, CHALLENGED, DEBIT, DECLINED, StripeApi
from apps.storefront.tests.purchase import buy, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]
MESSAGES = "/paiement/notification/stripe/"


@pytest.fixture
def api(with_stripe) -> StripeApi:  # noqa: F811
    return with_stripe


@pytest.fixture
def order(client, variant, api) -> Order:
    buy(client, variant.sku, payment_method="stripe")
    return Order.objects.get()


@pytest.fixture
def page(order) -> str:
    return f"/paiement/{order.access_token}/"


def pay(client, page, instrument=""):
    return client.post(page, {"method": "stripe", "instrument": instrument})


def send(api, kind, about, client=None):
    headers, body = api.message(kind, about)
    client = client or Client(enforce_csrf_checks=True)
    return client.post(MESSAGES, data=body, content_type="application/json", headers=headers)


def state(order) -> str:
    order.refresh_from_db()
    return order.status


def test_stripe_is_named_in_the_policy_of_the_payment_page_alone(client, order, page):
    policies = {
        path: client.get(path)["Content-Security-Policy"]
        for path in ("/", "/panier/", f"/suivi/{order.access_token}/", page)
    }
    named = {path for path, policy in policies.items() if "stripe.com" in policy}
    assert named == {page}
    directives = dict(part.strip().split(" ", 1) for part in policies[page].split(";"))
    assert "'self'" in directives["script-src"]
    assert "https://js.stripe.com" in directives["script-src"]
    assert "'unsafe-inline'" not in policies[page]
    assert directives["form-action"].split()[0] == "'self'"
    assert "https://checkout.stripe.com" in directives["form-action"]
    assert directives["default-src"] == "'self'"


def test_another_means_may_be_left_for_stripe(client, variant, api):
    buy(client, variant.sku, payment_method="bank_transfer")
    page = f"/paiement/{Order.objects.get().access_token}/"
    policy = client.get(page)["Content-Security-Policy"]
    assert "https://checkout.stripe.com" in policy
    assert "js.stripe.com" not in policy
    assert pay(client, page)["Location"] == api.only_session()["url"]


def test_the_form_needs_nothing_but_a_button(client, order, page, api):
    html = client.get(page).content.decode()
    assert Stripe.script_url in html
    assert "mode test" in html.lower()
    assert f'data-cents="{int(order.total * 100)}"' in html
    assert pay(client, page)["Location"] == api.only_session()["url"]
    assert api.only_session()["success_url"].endswith(f"{page}retour/")


@pytest.mark.parametrize("instrument", [ACCEPTED, f"ctoken_{ACCEPTED}"])
def test_a_token_of_the_form_pays(client, order, page, instrument):
    assert path_of(pay(client, page, instrument)) == f"/commande/merci/{order.access_token}/"
    assert state(order) == Order.Status.CONFIRMED
    assert check_books() == []


def test_a_refused_card_is_told_and_another_may_be_tried(client, order, page):
    html = client.get(path_of(pay(client, page, f"ctoken_{DECLINED}"))).content.decode()
    assert "le solde ou le plafond" in html
    assert path_of(pay(client, page, f"ctoken_{ACCEPTED}")) == f"/commande/merci/{order.access_token}/"


def test_3d_secure_in_the_page(client, order, page, api):
    there = pay(client, page, f"ctoken_{CHALLENGED}")["Location"]
    [intent] = api.intents.values()
    answer = client.get(there)
    assert f'data-challenge="{intent["client_secret"]}"' in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert intent["client_secret"] not in client.get(page).content.decode()
    api.authenticate(intent)
    assert path_of(client.get(f"{page}retour/")) == f"/commande/merci/{order.access_token}/"
    assert path_of(client.get(there)) == f"/suivi/{order.access_token}/"
    assert state(order) == Order.Status.CONFIRMED


def test_3d_secure_that_was_left_is_taken_up_again(client, order, page, api):
    there = pay(client, page, f"ctoken_{CHALLENGED}")["Location"]
    assert pay(client, page, f"ctoken_{ACCEPTED}")["Location"] == there
    assert len(api.intents) == 1


def test_a_debit_is_told_as_what_it_is(client, order, page, api):
    assert order.number in client.get("/panier/").content.decode().replace("\u00a0", " ")
    pay(client, page)
    session = api.pay(method=DEBIT)
    thanks = f"/commande/merci/{order.access_token}/"
    assert path_of(client.get(f"{page}retour/")) == thanks
    for path in (thanks, f"/suivi/{order.access_token}/"):
        html = client.get(path).content.decode()
        assert "Votre banque exécute le paiement" in html
        assert "Reprendre le paiement" not in html
        assert "Payer" not in html
    assert order.number not in client.get("/panier/").content.decode()
    assert path_of(client.get(page)) == thanks
    assert path_of(pay(client, page)) == thanks
    assert path_of(client.post(page, {"method": "bank_transfer"})) == thanks
    assert OutboxEmail.objects.filter(kind=OrderEmail.PROCESSING).count() == 1
    api.settle(api.intent_of(session), accepted=False)
    assert send(api, "checkout.session.async_payment_failed", session).status_code == 204
    assert OutboxEmail.objects.filter(kind=OrderEmail.PAYMENT_FAILED).count() == 1
    assert "Payer" in client.get(page).content.decode()


def test_messages_are_answered_by_what_came_of_them(client, order, page, api):
    pay(client, page)
    session = api.pay()
    headers, body = api.message("checkout.session.completed", session)
    wrong = {"Stripe-Signature": headers["Stripe-Signature"][:-1] + "x"}
    assert client.post(MESSAGES, data=body, content_type="application/json", headers=wrong).status_code == 400
    api.silent = True
    assert client.post(MESSAGES, data=body, content_type="application/json", headers=headers).status_code == 503
    api.silent = False
    for _time in range(2):
        assert client.post(MESSAGES, data=body, content_type="application/json", headers=headers).status_code == 204
    assert state(order) == Order.Status.CONFIRMED
    assert send(api, "checkout.session.expired", session).status_code == 204
