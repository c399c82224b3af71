"""A product and its category get another slug in the back office; their old URLs redirect."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.models import Product
from apps.common.letters import slug_of
from webmarket.tests.journeys.conftest import DESKTOP, PHONE, sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("small_shop"),
    pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"]),
]
NAMES = [
    "Œufs de plein air",
    "Cœur de laitue, pur bœuf",
    "Weißbier & Smørrebrød",
    "Łódź, Đakovo, þorri",
    "L’huile d’olive (1re pression) – 75 cl",
    "GROẞ ex æquo ½",
    "  ---  ",
]


def test_a_renamed_product_is_found_by_its_old_url(page, shop, look, size):
    page.set_viewport_size(size)
    sign_in(page.context, shop, StaffFactory(is_superuser=True))
    product = Product.objects.get(slug_fr="confiture-de-figues")
    other = Product.objects.get(slug_fr="miel-de-lavande")
    page.goto("/produit/confiture-de-figues/")
    look(page, "avant")

    page.goto(reverse("admin:catalogue_product_change", args=[product.pk]))
    page.get_by_text("Textes", exact=True).first.click()
    page.fill("#id_slug_fr", "figues-de-provence")
    with page.expect_navigation():
        page.locator("[name=_continue]").first.click()
    product.refresh_from_db()
    assert product.slug_fr == "figues-de-provence"

    answer = page.goto("/produit/confiture-de-figues/?modele=CONFITURE-DE-FIGUES")
    assert answer.request.redirected_from.response().status == 301
    assert page.url.endswith("/produit/figues-de-provence/?modele=CONFITURE-DE-FIGUES")
    assert page.locator("link[rel=canonical]").get_attribute("href").endswith("/produit/figues-de-provence/")
    look(page, "suivi-de-l-ancienne-adresse")
    page.locator("header a[hreflang=en]").click()
    page.wait_for_url("**/en/product/confiture-de-figues-en/?modele=CONFITURE-DE-FIGUES")
    look(page, "en-anglais")

    page.goto(reverse("admin:catalogue_product_change", args=[other.pk]))
    page.get_by_text("Textes", exact=True).first.click()
    page.fill("#id_slug_fr", "confiture-de-figues")
    with page.expect_navigation():
        page.locator("[name=_continue]").first.click()
    assert "celle de «\u202fConfiture de figues\u202f»" in page.content()
    look(page, "adresse-refusee")


def test_the_back_office_proposes_what_the_shop_would_make(page, shop, size):
    page.set_viewport_size(size)
    sign_in(page.context, shop, StaffFactory(is_superuser=True))
    for model in ("category", "brand"):
        page.goto(reverse(f"admin:catalogue_{model}_add"))
        for name in NAMES:
            assert page.evaluate("text => window.URLify(text, 140)", name) == slug_of(name)
    page.goto(reverse("admin:catalogue_category_add"))
    page.locator("#id_name_fr").press_sequentially("Lait, beurre et œufs")
    expect(page.locator("#id_slug_fr")).to_have_value("lait-beurre-et-oeufs")
