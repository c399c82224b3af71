"""The owner's first day in a browser: from an empty database, by the link of `create_owner`, to the opened shop."""

import re
import time
from io import StringIO

import pytest
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import expect

from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.shop.tests.factories import COMPLETE

pytestmark = pytest.mark.browser
PASSWORD = "une phrase bien longue"


def code_of(key: str) -> str:
    return f"{hotp_value(key, next(iter(yield_hotp_counters_from_time()))):06}"


def step(page, title: str):
    return page.locator(".checklist-step").filter(has=page.get_by_role("link", name=title, exact=True))


def test_an_owner_opens_the_shop(page, chromium, shop, settings, assert_accessible):
    cache.clear()
    settings.DEMO, settings.SHOP_INVENTED = False, {}
    stranger = chromium.new_context(base_url=shop, locale="fr-FR").new_page()
    stranger.goto("/")
    expect(stranger.get_by_role("heading", name="Bientôt ouvert")).to_be_visible()
    assert_accessible(stranger)

    printed = StringIO()
    call_command("create_owner", stdout=printed)
    page.goto(re.search(r"https?://\S+", printed.getvalue())[0])
    page.get_by_label("Prénom").fill("Camille")
    page.get_by_label("Adresse e-mail").fill("camille@exemple.fr")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    assert_accessible(page)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/double-authentification/application/")
    key = page.locator("main code").inner_text().replace(" ", "")
    page.get_by_label("Code à usage unique").fill(code_of(key))
    page.get_by_role("button", name="Activer").click()
    page.wait_for_url("**/codes-de-recuperation/")

    page.get_by_role("link", name="Ce qui reste à faire").click()
    page.wait_for_url("**/admin/")
    assert_accessible(page)
    page.get_by_role("button", name="Ouvrir la boutique").click()
    expect(page.get_by_text("La boutique ne peut pas encore ouvrir")).to_be_visible()

    step(page, "Qui vous êtes").get_by_role("link").click()
    page.wait_for_url("**/admin/shop/shop/1/change/")
    assert_accessible(page)
    for name, value in COMPLETE.items():
        field = page.locator(f"[name={name}]")
        field.select_option(value) if name == "legal_form" else field.fill(value)
    page.locator("[name=hours_1]").fill("9h-12h30, 15h-19h")
    page.locator("[name=_save]").first.click()
    expect(page.get_by_text("Ce que la loi demande encore")).to_have_count(0)

    page.goto("/admin/")
    step(page, "Comment vous livrez").get_by_role("link").click()
    page.goto("/admin/delivery/deliverymethod/add/")
    for name, value in {"code": "boutique", "name_fr": "Retrait en boutique"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=kind]").select_option("IN_STORE")
    page.locator("[name=_save]").first.click()
    page.wait_for_url("**/admin/delivery/deliverymethod/")

    page.goto("/admin/")
    step(page, "Vos textes").get_by_role("link").click()
    page.wait_for_url("**/terms/")
    expect(page.get_by_text("Camille Primeurs SARL").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Publier ces conditions").click()
    expect(page.get_by_text("Ce texte est en vigueur")).to_be_visible()

    variant = VariantFactory(product__name_fr="Miel de lavande")
    refresh_listing(product_ids=[variant.product_id])
    product_url = reverse("storefront:product", args=[variant.product.slug_fr])
    stranger.goto(product_url)
    expect(stranger.get_by_role("heading", name="Bientôt ouvert")).to_be_visible()
    page.goto(product_url)
    expect(page.get_by_text("seule l’équipe voit cette page")).to_be_visible()
    assert_accessible(page)

    page.goto("/admin/")
    page.get_by_role("button", name="Ouvrir la boutique").click()
    expect(page.get_by_text("La boutique est ouverte")).to_be_visible()
    expect(page.locator(".checklist")).to_have_count(0)
    deadline = time.monotonic() + 5
    stranger.goto(product_url)
    while stranger.get_by_role("heading", name="Bientôt ouvert").count() and time.monotonic() < deadline:
        stranger.reload()
    expect(stranger.get_by_role("heading", name="Miel de lavande")).to_be_visible()
    expect(stranger.locator("footer")).to_contain_text("Camille Primeurs SARL")
    stranger.context.close()
