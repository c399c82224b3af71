"""Paying through Stripe: on its own page, on ours with its form, and by a debit that takes days."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.checkout.services import check_books
from apps.orders.models import Order
from apps.payments.gateways.stripe import Stripe
from apps.payments.models import Payment
from apps.payments.tests.fixtures import with_stripe  # noqa: F401
from apps.payments.tests.stripe_api import StripeApi
from webmarket.tests.journeys.conftest import DESKTOP, PHONE
from webmarket.tests.journeys.test_purchase import fill_in, put_in_basket

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_shop")]


@pytest.fixture
def api(with_stripe, monkeypatch) -> StripeApi:  # noqa: F811
    """With what the page loads from Stripe at the stand-in, and allowed there alone."""
    origin = with_stripe.origin
    policy = {name: [origin] for name in Stripe.page_policy}
    monkeypatch.setattr(Stripe, "page_policy", policy)
    monkeypatch.setattr(Stripe, "script_url", f"{origin}/stripe.js")
    return with_stripe


@pytest.fixture
def without_script(api, monkeypatch) -> StripeApi:
    monkeypatch.setattr(Stripe, "script_url", f"{api.origin}/v1/nothing")
    return api


def order(page: Page) -> Order:
    """Up to the payment page."""
    put_in_basket(page)
    page.goto("/commande/")
    fill_in(page, payment_method="stripe")
    page.click("text=Vérifier ma commande")
    page.wait_for_url("**/recapitulatif/")
    page.check("[name=terms]")
    page.click("text=Commander avec obligation de paiement")
    page.wait_for_url("**/paiement/**")
    return Order.objects.get()


def look_twice(page: Page, look, name: str) -> None:
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        look(page, name)


def pay(page: Page):
    return page.get_by_role("button", name=re.compile("^Payer"))


def test_on_stripes_page_declined_and_back_and_paid(page, look, without_script):
    api = without_script
    placed = order(page)
    look_twice(page, look, "stripe-1-sans-son-script")
    pay(page).click(click_count=2)
    page.wait_for_url(f"{api.origin}/pay/**")
    page.get_by_role("button", name="Payer avec une carte refusée").click()
    expect(page.get_by_text("Votre carte a été refusée")).to_be_visible()
    page.get_by_role("button", name="Retour").click()
    page.wait_for_url(f"**/paiement/{placed.access_token}/")
    expect(page.locator("main")).not_to_contain_text("Rien n’a été débité")
    pay(page).click()
    page.wait_for_url(f"{api.origin}/pay/**")
    page.get_by_role("button", name="Payer", exact=True).click()
    page.wait_for_url("**/merci/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci pour votre commande")
    page.go_back()
    page.go_back()
    page.goto(f"/paiement/{placed.access_token}/")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Payer")
    assert len(api.sessions) == 1
    assert Payment.objects.get().status == Payment.Status.CAPTURED
    assert check_books() == []


def test_on_our_page_declined_and_authenticated(page, look, api):
    placed = order(page)
    cards = page.get_by_label("Carte d’essai")
    expect(cards).to_be_visible()
    expect(page.locator("[data-stripe-away]")).to_be_hidden()
    pay(page).click()
    expect(page.get_by_role("alert")).to_have_text("Choisissez une carte.")
    look_twice(page, look, "stripe-2-notre-page")
    cards.select_option("Refusée")
    pay(page).click()
    expect(page.get_by_text("Le paiement n’a pas abouti")).to_be_visible()
    look_twice(page, look, "stripe-3-refusee")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_label("Carte d’essai").select_option("3-D Secure")
    pay(page).click()
    expect(page.get_by_text("L’authentification n’a pas abouti.")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Carte d’essai").select_option("3-D Secure")
    pay(page).click(click_count=2)
    page.wait_for_url("**/merci/**")
    placed.refresh_from_db()
    assert placed.status == Order.Status.CONFIRMED
    assert len([each for each in api.intents.values() if each["amount_received"]]) == 1
    assert check_books() == []


def test_a_debit_says_that_it_takes_days(page, look, without_script):
    placed = order(page)
    pay(page).click()
    page.wait_for_url(f"{without_script.origin}/pay/**")
    page.get_by_role("button", name="Payer par prélèvement").click()
    page.wait_for_url("**/merci/**")
    expect(page.locator("main")).to_contain_text("Votre banque exécute le paiement")
    expect(page.locator("main")).not_to_contain_text("Reprendre le paiement")
    look_twice(page, look, "stripe-4-prelevement")
    page.goto(f"/paiement/{placed.access_token}/")
    page.wait_for_url("**/merci/**")
