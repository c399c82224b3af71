"""Guests who leave the card page, or let the order expire, and then buy the same."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.orders.models import Order
from apps.orders.services import expire_unpaid
from webmarket.tests.journeys.conftest import DESKTOP, PHONE
from webmarket.tests.journeys.test_purchase import fill_in, put_in_basket

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_shop")]


def order_by_card(page) -> None:
    page.click("text=Vérifier ma commande")
    page.check("[name=terms]")
    page.click("text=Commander avec obligation de paiement")
    page.wait_for_url("**/paiement/**")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_turns_back_changes_the_order_and_buys_again(page, look, size):
    page.set_viewport_size(size)
    put_in_basket(page)
    page.goto("/commande/")
    fill_in(page)
    order_by_card(page)
    look(page, "retour-1-paiement")
    first = Order.objects.get()

    page.go_back()
    page.goto("/panier/")
    assert first.number in page.inner_text("main").replace("\u00a0", " ")
    look(page, "retour-2-panier")
    page.goto("/")
    page.wait_for_selector("main .notice--warning a")
    look(page, "retour-3-accueil")
    page.goto("/panier/")
    page.get_by_role("button", name=re.compile("Modifier ma commande")).click()
    page.wait_for_selector("main [name=quantity]")
    look(page, "retour-4-panier-repris")
    first.refresh_from_db()
    assert first.status == Order.Status.CANCELLED
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("Un de plus")).click()
    page.click("text=Passer la commande")
    expect(page.locator("[name=city]")).to_have_value("Lyon")
    order_by_card(page)
    page.get_by_role("button", name=re.compile("^Payer")).click()
    page.wait_for_url("**/merci/**")
    second = Order.objects.exclude(pk=first.pk).get()
    assert (second.status, second.lines.get().quantity) == (Order.Status.CONFIRMED, 2)
    page.goto(f"/commande/merci/{first.access_token}/")
    look(page, "retour-5-annulee")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_lets_it_expire_and_buys_the_same(page, look, size):
    page.set_viewport_size(size)
    put_in_basket(page)
    page.goto("/commande/")
    fill_in(page)
    order_by_card(page)
    first = Order.objects.get()
    Order.objects.update(hold_expires_at=timezone.now())
    expire_unpaid(now=timezone.now())
    page.goto("/panier/")
    look(page, "expiree-1-panier")
    page.goto(f"/suivi/{first.access_token}/")
    look(page, "expiree-2-commande")
    page.get_by_role("button", name=re.compile("Commander à nouveau")).click()
    page.wait_for_selector("main [name=quantity]")
    page.click("text=Passer la commande")
    order_by_card(page)
    page.get_by_role("button", name=re.compile("^Payer")).click()
    page.wait_for_url("**/merci/**")
    assert Order.objects.exclude(pk=first.pk).get().status == Order.Status.CONFIRMED


@pytest.mark.parametrize("language", ["/suivre-une-commande/", "/en/track-an-order/"])
def test_asks_for_a_lost_link(page, look, language):
    page.set_viewport_size(PHONE)
    page.goto(language)
    page.click("main button[type=submit]")
    look(page, "suivre-a-corriger")
    page.fill("[name=number]", "7k3q 9f2m")
    page.fill("[name=email]", "camille@exemple.fr")
    look(page, "suivre")
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{language}*/")
    look(page, "suivre-envoye")
