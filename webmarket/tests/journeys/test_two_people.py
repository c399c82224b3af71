"""Concurrent edits of a product: the page of a refused save, and its resolution by one click."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.models import Product, ProductImage
from apps.catalogue.tests.factories import VariantFactory
from apps.catalogue.tests.images import picture_bytes
from webmarket.tests.journeys.conftest import DESKTOP, PHONE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])]
SAVED = re.compile(r"/product/(#.*)?$")


@pytest.fixture
def product(shop):
    return VariantFactory(
        product__name_fr="Miel de lavande", product__origin_fr="France", sku="MIEL-250", on_hand=12
    ).product


@pytest.fixture
def change_url(product):
    return reverse("admin:catalogue_product_change", args=[product.pk])


@pytest.fixture
def staff(page, shop, size):
    sign_in(page.context, shop, StaffFactory(is_superuser=True, email="bruno@webmarket.example"))
    page.set_viewport_size(size)


@pytest.fixture
def colleague(chromium, shop, size):
    context = chromium.new_context(base_url=shop, locale="fr-FR", viewport=size)
    sign_in(context, shop, StaffFactory(is_superuser=True, email="anne@webmarket.example"))
    yield context.new_page()
    context.close()


def save(page) -> None:
    page.get_by_role("button", name="Enregistrer", exact=True).click()


def test_the_second_save_is_refused_and_settled_by_one_click(staff, page, colleague, product, change_url, look):
    page.goto(change_url)
    colleague.goto(change_url)
    colleague.locator("[name=name_fr]").fill("Miel de lavande de Drôme")
    colleague.locator("[name=vat_class]").select_option("STANDARD")
    save(colleague)
    colleague.wait_for_url(SAVED)
    page.locator("[name=name_fr]").fill("Miel de lavande fine")
    page.locator("[name=code]").fill("miel-fin")
    save(page)
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("anne@webmarket.example")
    expect(alert).to_contain_text("Miel de lavande de Drôme")
    look(page, "admin-deux-personnes")
    alert.get_by_label("Prendre leur valeur").check()
    alert.get_by_role("button", name="Enregistrer avec ces choix").click()
    page.wait_for_url(SAVED)
    product.refresh_from_db()
    assert (product.name_fr, product.vat_class, product.code) == ("Miel de lavande de Drôme", "STANDARD", "miel-fin")


def test_a_refused_save_opens_at_the_error_and_keeps_the_picture(staff, page, product, change_url, look):
    page.goto(change_url + "#images")
    page.get_by_role("link", name="Ajouter un objet Image supplémentaire").click()
    page.locator("input[type=file][name=images-0-file]").set_input_files(
        {"name": "miel.png", "mimeType": "image/png", "buffer": picture_bytes(size=(640, 480))}
    )
    page.evaluate("document.querySelector('[name=slug_fr]').value = ''")
    save(page)
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    wrong = page.locator("[name=slug_fr]")
    expect(wrong).to_be_visible()
    look(page, "admin-enregistrement-refuse")
    alert.get_by_role("link").first.click()
    expect(wrong).to_be_focused()
    wrong.fill("miel-de-lavande")
    save(page)
    page.wait_for_url(SAVED)
    assert ProductImage.objects.get(product=product).width == 640


def test_without_script_nothing_is_lost_either(chromium, shop, size, product, change_url):
    context = chromium.new_context(base_url=shop, locale="fr-FR", viewport=size, java_script_enabled=False)
    sign_in(context, shop, StaffFactory(is_superuser=True))
    page = context.new_page()
    page.goto(change_url)
    Product.objects.filter(pk=product.pk).update(name_fr="Miel d’acacia")
    page.locator("[name=name_fr]").fill("Miel fin")
    page.locator("[name=slug_fr]").fill("")
    page.locator("[name=_save]").first.click()
    alert = page.locator("#refusal")
    expect(alert).to_contain_text("Miel d’acacia")
    page.locator("[name=slug_fr]").fill("miel-fin")
    alert.get_by_label("Garder ma valeur").check()
    alert.get_by_role("button", name="Enregistrer avec ces choix").click()
    page.wait_for_url(SAVED)
    product.refresh_from_db()
    assert (product.name_fr, product.slug_fr) == ("Miel fin", "miel-fin")
    context.close()


def test_500_variants_by_pages(staff, page, product, change_url, look):
    for number in range(60):
        VariantFactory(product=product, sku=f"MIEL-{number:03}", position=number + 1)
    page.goto(change_url + "#variants")
    look(page, "admin-modeles")
    page.get_by_role("link", name="Page 3 des modèles").click()
    row = page.locator("input[value=MIEL-059]")
    expect(row).to_be_visible()
    row.fill("MIEL-DERNIER")
    save(page)
    page.wait_for_url(SAVED)
    assert product.variants.filter(sku="MIEL-DERNIER").exists()
    look(page, "admin-produits")
