"""A guest and a customer renounce an order by keyboard alone, on a telephone and on a desk."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.accounts.tests.factories import UserFactory
from apps.aftersales.models import Withdrawal
from apps.orders.tests.factories import OrderFactory, OrderLineFactory
from webmarket.tests.journeys.conftest import DESKTOP, PHONE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_shop")]
SMALLEST = {"width": 320, "height": 640}


def delivered(**fields):
    now = timezone.now()
    order = OrderFactory(status="DELIVERED", paid_at=now, closed_at=now, lines=[], **fields)
    OrderLineFactory(order=order)
    OrderLineFactory(order=order, product_name="Crème de jour", variant_label="", withdrawal_exception="HYGIENE")
    OrderLineFactory(order=order, product_name="Reblochon fermier", withdrawal_exception="PERISHABLE")
    return order


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize(
    ("way", "here", "go_on", "confirm"),
    [
        ("/suivi/", "Renoncer au contrat ici", "Continuer", "Confirmer la rétractation"),
        ("/en/order/", "Withdraw from contract here", "Continue", "Confirm withdrawal"),
    ],
    ids=["fr", "en"],
)
def test_a_guest_by_keyboard_alone(page, look, size, way, here, go_on, confirm):
    page.set_viewport_size(size)
    order, language = delivered(), "en" if way.startswith("/en") else "fr"
    page.goto(f"{way}{order.access_token}/")
    look(page, f"retractation-commande-{language}")
    page.get_by_role("main").get_by_role("link", name=here).focus()
    page.keyboard.press("Enter")
    page.locator("[name^=quantity_]").first.focus()
    look(page, f"retractation-formulaire-{language}")
    page.keyboard.type("1")
    page.get_by_role("button", name=go_on).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=confirm)).to_be_visible()
    look(page, f"retractation-confirmer-{language}")
    page.get_by_role("button", name=confirm).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_role("status")).to_be_visible()
    look(page, f"retractation-accuse-{language}")
    assert Withdrawal.objects.get().lines.get().quantity == 1


@pytest.mark.parametrize("size", [SMALLEST, DESKTOP], ids=["smallest", "desktop"])
def test_a_customer_from_the_foot_of_the_page(page, look, shop, size):
    page.set_viewport_size(size)
    user = UserFactory()
    order = delivered(user=user)
    sign_in(page.context, shop, user)
    page.goto("/compte/commandes/")
    look(page, "retractation-compte")
    page.get_by_role("contentinfo").get_by_role("link", name="Renoncer au contrat ici").click()
    look(page, "retractation-entree")
    page.get_by_role("main").get_by_role("link", name="Renoncer au contrat ici").click()
    page.wait_for_url(f"**/{order.access_token}/")
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator(".error-summary")).to_be_visible()
    look(page, "retractation-refus")
    page.check("[name=everything]")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Confirmer la rétractation").click()
    expect(page.get_by_role("main").get_by_role("status")).to_be_visible()
    look(page, "retractation-accuse-compte")
    page.get_by_role("main").get_by_role("link", name="Suivre la commande").click()
    look(page, "retractation-declaree")
