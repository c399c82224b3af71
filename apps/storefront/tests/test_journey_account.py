"""A new customer in a real browser: from sign-up through the link in the e-mail to a postal address and an order."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from apps.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.browser
PASSWORD = "un mot de passe solide"


def link_in(message) -> str:
    return re.search(r"https?://[^/]+(/\S+)", message.body)[1]


def test_opens_an_account_and_uses_it(page, assert_accessible):
    cache.clear()
    OrderFactory(email="camille@exemple.fr", number="WM-TEST-0001")

    page.goto("/compte/inscription/")
    assert_accessible(page)
    page.get_by_label("Prénom").fill("Camille")
    page.get_by_label("Adresse e-mail").fill("camille@exemple.fr")
    page.get_by_label("Mot de passe").fill("123")
    page.get_by_role("button", name="Ouvrir mon compte").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Adresse e-mail")).to_have_value("camille@exemple.fr")
    assert_accessible(page)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/compte/confirmation/")
    assert_accessible(page)

    page.goto(link_in(mail.outbox[0]))
    assert_accessible(page)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/compte/")
    expect(page.get_by_role("heading", name="Bonjour Camille")).to_be_visible()
    assert_accessible(page)

    page.goto("/compte/deconnexion/")
    with page.expect_navigation():
        page.get_by_role("button", name="Se déconnecter").click()
    page.goto("/compte/adresses/")
    page.locator("input[name=login]").fill("camille@exemple.fr")
    page.locator("input[name=password]").fill(PASSWORD)
    assert_accessible(page)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url("**/compte/adresses/")
    assert_accessible(page)

    page.get_by_role("link", name="Ajouter une adresse").click()
    page.get_by_label("Prénom et nom").fill("Camille Martin")
    page.get_by_label("Numéro et rue", exact=True).fill("12 rue des Halles")
    page.get_by_label("Code postal").fill("69 002")
    page.get_by_label("Ville").fill("Lyon")
    assert_accessible(page)
    page.get_by_role("button", name="Enregistrer l’adresse").click()
    page.wait_for_url("**/compte/adresses/")
    expect(page.locator("main")).to_contain_text("12 rue des Halles")
    assert_accessible(page)

    page.get_by_role("link", name="Commandes").click()
    page.wait_for_url("**/compte/commandes/")
    assert_accessible(page)
    page.get_by_role("link", name="WM-TEST-0001", exact=True).click()
    expect(page.locator("main")).to_contain_text("Miel de lavande")
    assert_accessible(page)


@pytest.mark.parametrize("language", ["", "/en"])
def test_writes_to_the_shop_without_javascript(chromium, shop, assert_accessible, language):
    cache.clear()
    context = chromium.new_context(base_url=shop, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{language}/contact/")
    page.locator("input[name=name]").fill("Camille")
    page.locator("input[name=email]").fill("camille@exemple.fr")
    page.locator("textarea").fill("Bonjour, avez-vous du miel de châtaignier ?")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/contact/*/")
    assert "châtaignier" in mail.outbox[0].body
    context.close()
