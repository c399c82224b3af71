"""From the home page to a paid order and its e-mail: by mouse, by keyboard, and without JavaScript."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from apps.orders.models import Order
from webmarket.tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_shop")]

GUEST = {
    "email": "camille@exemple.fr",
    "recipient": "Camille Martin",
    "line1": "12 rue des Halles",
    "postcode": "69002",
    "city": "Lyon",
}


POSTAL_FIELDS = ("line1", "postcode", "city")


def fill_in(page, **choices: str) -> None:
    """Fill in the fields of the chosen delivery; the others must not be visible."""
    chosen = {"delivery_method": "domicile", "payment_method": "demo_card"} | choices
    for name, value in chosen.items():
        page.check(f"[name={name}][value={value}]")
    to_home = chosen["delivery_method"] == "domicile"
    for name in POSTAL_FIELDS:
        assert page.is_visible(f"[name={name}]") is to_home
    for name, value in GUEST.items():
        if to_home or name not in POSTAL_FIELDS:
            page.fill(f"[name={name}]", value)


def put_in_basket(page) -> None:
    page.goto("/produit/confiture-de-figues/")
    with page.expect_response("**/panier/ajouter/"):
        page.click("main button:has-text('Ajouter au panier')")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_guest_buys_with_3d_secure(page, look, size):
    page.set_viewport_size(size)
    page.goto("/")
    page.locator("main a[href='/rayon/epicerie-fine/']").first.click()
    page.click("main a:has-text('Confiture de figues')")
    page.click("main form button:has-text('Ajouter au panier')")
    page.get_by_role("link", name="Voir le panier").click()
    page.wait_for_url("**/panier/**")
    look(page, "1-panier")
    page.get_by_role("button", name=re.compile("Un de plus")).click()
    page.wait_for_load_state()
    expect(page.locator("[name=quantity]")).to_have_value("2")

    page.click("text=Passer la commande")
    page.click("text=Vérifier ma commande")
    look(page, "2-coordonnees-a-corriger")
    expect(page.locator(".error-summary")).to_be_visible()
    fill_in(page)
    look(page, "2-coordonnees")
    page.click("text=Vérifier ma commande")

    page.wait_for_url("**/recapitulatif/")
    look(page, "3-recapitulatif")
    page.check("[name=terms]")
    page.click("text=Commander avec obligation de paiement")

    page.wait_for_url("**/paiement/**")
    look(page, "4-paiement")
    page.check("[value='4000000000000002']")
    page.get_by_role("button", name=re.compile("^Payer")).click()
    page.wait_for_selector("[role=alert]")
    look(page, "4-paiement-refuse")
    page.check("[value='4000000000003220']")
    page.get_by_role("button", name=re.compile("^Payer")).click()

    page.wait_for_url("**/banque-de-demonstration/**")
    look(page, "5-authentification")
    page.click("text=Accepter le paiement")

    page.wait_for_url("**/merci/**")
    look(page, "6-confirmation")
    order = Order.objects.get()
    assert order.number in page.inner_text("main").replace("\u00a0", " ")
    assert order.status == Order.Status.CONFIRMED
    message = mail.outbox[-1]
    assert message.to == ["camille@exemple.fr"]
    assert order.number in message.subject + message.body

    page.click("text=Suivre ma commande")
    page.wait_for_url("**/suivi/**")
    look(page, "7-suivi")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_transfer_shows_what_to_do(page, look, size):
    page.set_viewport_size(size)
    put_in_basket(page)
    page.goto("/commande/")
    fill_in(page, payment_method="bank_transfer")
    page.click("text=Vérifier ma commande")
    page.check("[name=terms]")
    page.click("text=Commander avec obligation de paiement")
    page.wait_for_url("**/merci/**")
    expect(page.get_by_text("IBAN")).to_be_visible()
    look(page, "6-confirmation-virement")


def test_the_basket_says_what_to_do_when_empty_and_takes_a_removal_back(page, look):
    page.set_viewport_size(PHONE)
    put_in_basket(page)
    page.goto("/panier/")
    page.click("text=Retirer")
    page.click("text=Annuler le retrait")
    expect(page.locator("[name=quantity]")).to_have_value("1")
    page.click("text=Retirer")
    look(page, "1-panier-vide")
    expect(page.get_by_text("Votre panier est vide")).to_be_visible()


def test_the_total_follows_the_delivery(page):
    put_in_basket(page)
    page.goto("/commande/")
    expect(page.locator("[data-total][aria-live]")).to_contain_text("11,40")
    page.check("[value=relais]")
    expect(page.locator("[data-total][aria-live]")).to_contain_text("10,40")
    expect(page.locator("[name=pickup_point]")).to_be_visible()
    expect(page.locator("[name=line1]")).to_be_hidden()
    page.check("[value=boutique]")
    expect(page.locator("[name=pickup_point]")).to_be_hidden()
    page.check("[value=on_collection]")
    page.check("[value=domicile]")
    expect(page.locator("[value=on_collection]")).not_to_be_checked()


def test_a_quantity_typed_is_applied_when_the_field_is_left(page):
    put_in_basket(page)
    page.goto("/panier/")
    page.fill("main [name=quantity]", "3")
    with page.expect_navigation():
        page.press("main [name=quantity]", "Tab")
    expect(page.locator("main")).to_contain_text("19,50")


def test_a_double_click_makes_one_order(page):
    put_in_basket(page)
    page.goto("/commande/")
    fill_in(page, payment_method="bank_transfer")
    page.click("text=Vérifier ma commande")
    page.check("[name=terms]")
    page.dblclick("text=Commander avec obligation de paiement")
    page.wait_for_url("**/merci/**")
    page.go_back()
    page.goto("/panier/")
    expect(page.get_by_text("Votre panier est vide")).to_be_visible()
    assert Order.objects.count() == 1


def press_until(page, selector: str, *, key: str = "Tab", most: int = 80) -> None:
    """Move the focus by keyboard until it is on what the selector names, and see that it shows."""
    for _press in range(most):
        page.keyboard.press(key)
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"no visible focus on {selector}"
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_by_keyboard_alone(page):
    page.set_viewport_size(DESKTOP)
    page.goto("/produit/confiture-de-figues/")
    press_until(page, "main form[action*='ajouter'] button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-toast] a")
    page.goto("/panier/")
    press_until(page, "a[href='/commande/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/commande/")
    press_until(page, "[name=delivery_method]")
    page.keyboard.press("Space")
    for name, value in GUEST.items():
        press_until(page, f"[name={name}]")
        page.keyboard.type(value)
    press_until(page, "[name=payment_method]")
    page.keyboard.press("Space")
    press_until(page, "main .checkout-form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recapitulatif/")
    press_until(page, "[name=terms]")
    page.keyboard.press("Space")
    press_until(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/paiement/**")
    press_until(page, "[name=instrument]")
    press_until(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/merci/**")
    assert Order.objects.get().status == Order.Status.CONFIRMED


def test_without_javascript(chromium, small_shop):
    context = chromium.new_context(base_url=small_shop, java_script_enabled=False, viewport=PHONE, locale="fr-FR")
    page = context.new_page()
    try:
        put_in_basket(page)
        page.wait_for_url("**/panier/**")
        page.get_by_role("button", name=re.compile("Un de plus")).click()
        page.fill("[name=quantity]", "3")
        page.press("[name=quantity]", "Enter")
        page.wait_for_load_state()
        expect(page.locator("[name=quantity]")).to_have_value("3")
        page.click("text=Passer la commande")
        fill_in(page, delivery_method="relais")
        page.select_option("[name=pickup_point]", "relais-halles")
        page.click("text=Vérifier ma commande")
        page.check("[name=terms]")
        page.click("text=Commander avec obligation de paiement")
        page.check("[value='4242424242424242']")
        page.get_by_role("button", name=re.compile("^Payer")).click()
        page.wait_for_url("**/merci/**")
    finally:
        context.close()
    order = Order.objects.get()
    assert order.status == Order.Status.CONFIRMED
    assert order.lines.get().quantity == 3
