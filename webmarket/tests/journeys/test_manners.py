"""The shop's script, by touch and by keyboard: the focus stays, pictures open in a dialog, the pay button is seen."""

import re
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from playwright.sync_api import expect

from apps.catalogue.models import Product, ProductImage, Variant
from apps.catalogue.services.listing import rebuild_listing
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from webmarket.tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_shop")]
RAYON = "/rayon/epicerie-fine/"
PRODUCT = "/produit/confiture-de-figues/"
FOCUSED = "document.activeElement.name + '=' + document.activeElement.value"


@pytest.fixture
def pictures(small_shop):
    product = Product.objects.get(slug_fr="confiture-de-figues")
    for place, colour in enumerate(("olive", "orange")):
        picture_file = BytesIO()
        Image.new("RGB", (900, 900), colour).save(picture_file, "PNG")
        ProductImage.objects.create(
            product=product, file=ContentFile(picture_file.getvalue(), f"{place}.png"), position=place
        )
    rebuild_listing()


def test_ticking_filters_by_keyboard_keeps_the_focus_and_says_what_came_of_it(page, look):
    page.set_viewport_size(DESKTOP)
    page.goto(RAYON)
    box = page.locator("[data-filters] input[type=checkbox]").first
    box.focus()
    before = page.evaluate(FOCUSED)
    page.keyboard.press("Space")
    page.wait_for_url("**/?*")
    assert page.evaluate(FOCUSED) == before
    expect(box).to_be_checked()
    count = page.locator("#produits .card").count()
    expect(page.locator("form[data-filters]").locator("xpath=preceding-sibling::p")).to_contain_text(f"{count} produit")
    look(page, "filtres")
    page.keyboard.press("Space")
    page.wait_for_url(f"**{RAYON}")
    assert page.evaluate(FOCUSED) == before
    page.go_back()
    expect(box).to_be_checked()


def test_a_filter_that_goes_when_it_is_unticked_leaves_the_focus_to_its_neighbour(page):
    page.set_viewport_size(DESKTOP)
    dear = Product.objects.get(slug_fr="huile-d-olive").brand.slug
    page.goto(RAYON)
    cheap = page.locator("[data-filters] input[name=prix]").first.get_attribute("value")
    page.goto(f"{RAYON}?marque={dear}&prix={cheap}")
    page.locator(f"[data-filters] input[name=prix][value='{cheap}']").focus()
    page.keyboard.press("Space")
    page.wait_for_url(f"**/?marque={dear}")
    expect(page.locator(f"[data-filters] input[name=prix][value='{cheap}']")).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('[data-filters] input')")


def test_the_sort_keeps_the_focus_and_the_filters(page):
    page.set_viewport_size(DESKTOP)
    page.goto(RAYON)
    page.focus("#tri")
    page.select_option("#tri", "prix-desc")
    page.wait_for_url("**/?tri=prix-desc")
    assert page.locator("#produits .card__name").first.inner_text().startswith("Huile")
    assert page.evaluate("document.activeElement.id") == "tri"


def test_the_drawer_says_how_many_products_wait(page, look):
    page.set_viewport_size(PHONE)
    page.goto(RAYON)
    page.click(".toolbar__filters")
    apply = page.locator(".filters__apply button")
    expect(apply).to_have_text("Voir 3 produits")
    page.locator("[data-filters] input[name=prix]").first.check()
    page.wait_for_url("**/?prix=*")
    expect(page.locator(".filters__apply")).to_have_text(re.compile(r"Voir 1 produit\s*$"), use_inner_text=True)
    look(page, "tiroir")
    apply.click()
    expect(page.locator("[data-filters]")).to_be_hidden()
    expect(page.locator("#produits .card")).to_have_count(1)


def test_filters_work_without_javascript(chromium, small_shop):
    context = chromium.new_context(base_url=small_shop, java_script_enabled=False, viewport=PHONE, locale="fr-FR")
    page = context.new_page()
    try:
        page.goto(RAYON)
        page.click(".toolbar__filters")
        page.locator("[data-filters] input[name=prix]").first.check()
        page.get_by_role("button", name="Appliquer les filtres").click()
        page.wait_for_url("**prix=*")
        expect(page.locator("#produits .card")).to_have_count(1)
    finally:
        context.close()


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_picture_opens_over_the_page(page, look, size):
    page.set_viewport_size(size)
    page.goto(PRODUCT)
    opener = page.locator("a.gallery__picture:visible")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    look(page, "loupe")
    expect(dialog.get_by_role("status")).to_have_text("1 / 2")
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("status")).to_have_text("2 / 2")
    page.get_by_role("button", name="Image suivante").click()
    expect(dialog.get_by_role("status")).to_have_text("1 / 2")
    frame, image = dialog.locator("div").last.bounding_box(), dialog.locator("img").bounding_box()
    assert image["height"] <= frame["height"] + 1
    page.get_by_role("button", name="Grossir ou réduire").click()
    assert dialog.locator("img").bounding_box()["width"] > frame["width"]
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert page.url.endswith(PRODUCT)
    assert opener.evaluate("a => a === document.activeElement")


@pytest.mark.usefixtures("pictures")
def test_without_javascript_the_picture_is_a_page_of_the_shop(chromium, small_shop):
    context = chromium.new_context(base_url=small_shop, java_script_enabled=False, viewport=PHONE, locale="fr-FR")
    page = context.new_page()
    try:
        page.goto(PRODUCT)
        page.locator("a.gallery__picture:visible").click()
        page.wait_for_url("**/image/1/")
        page.get_by_role("link", name="Image suivante").click()
        page.wait_for_url("**/image/2/")
        page.locator("main").get_by_role("link", name=re.compile("Confiture de figues")).click()
        page.wait_for_url(f"**{PRODUCT}#image-2")
    finally:
        context.close()


@pytest.mark.usefixtures("pictures")
def test_all_that_a_page_says_follows_the_chosen_variant(page):
    product = Product.objects.get(slug_fr="confiture-de-figues")
    Product.objects.filter(pk=product.pk).update(option1_name_fr="Contenance")
    small = {"option1_fr": "250 g", "ean13": "3760012345670", "weight_g": 420, "content_quantity": 250}
    Variant.objects.filter(product=product).update(**small, content_unit="GRAM")
    large = {"option1_fr": "1 kg", "ean13": "3760012345687", "weight_g": 1300, "content_quantity": 1000}
    VariantFactory(product=product, sku="FIGUES-1KG", price="19.90", on_hand=0, **large, content_unit="GRAM")
    rebuild_listing()

    def texts_and_links() -> list[str]:
        """All that a person reads, and where it leads."""
        found = [page.locator("article").inner_text(), page.locator("h1").inner_text()]
        return found + page.locator("a").evaluate_all("links => links.map(a => a.href)")

    page.goto(PRODUCT)
    assert "3760012345670" in texts_and_links()[0]
    page.get_by_role("link", name="1 kg").click()
    expect(page.get_by_text("Épuisé pour le moment")).to_be_visible()
    followed = texts_and_links()
    for word in ("FIGUES-1KG", "3760012345687", "1,3", "19,90"):
        assert word in followed[0]
    assert "3760012345670" not in followed[0]
    page.wait_for_url("**modele=FIGUES-1KG")
    page.reload()
    assert texts_and_links() == followed
    page.get_by_role("link", name="250 g").click()
    expect(page.get_by_role("button", name="Ajouter au panier").first).to_be_visible()
    page.get_by_role("button", name="Un de plus").first.click()
    expect(page.locator("form.buy input[name=quantity]")).to_have_value("2")


@pytest.mark.parametrize("width", [320, 360])
def test_a_long_basket_keeps_the_way_to_pay_at_hand(page, look, width):
    rayon = Product.objects.first().category
    for number in range(12):
        product = ProductFactory(category=rayon, name_fr=f"Confiture {number}", slug_fr=f"confiture-{number}")
        VariantFactory(product=product, sku=f"C{number}", price="4.00")
    rebuild_listing()
    page.set_viewport_size({"width": width, "height": 640})
    page.emulate_media(reduced_motion="reduce")
    for number in range(12):
        page.goto(f"/produit/confiture-{number}/")
        with page.expect_response("**/panier/ajouter/"):
            page.click("main button:has-text('Ajouter au panier')")
    page.goto("/panier/")
    bar = page.locator(".order-bar")
    expect(bar).to_contain_text("57,90")
    box = bar.bounding_box()
    assert box["y"] + box["height"] <= 641
    look(page, "panier-long")
    page.evaluate("scrollTo(0, 0)")
    for _press in range(60):
        page.keyboard.press("Tab")
        under = page.evaluate(
            """() => {
              const at = document.activeElement, bar = document.querySelector(".order-bar");
              if (bar.contains(at) || !at.closest(".lines")) return false;
              return at.getBoundingClientRect().bottom > bar.getBoundingClientRect().top;
            }"""
        )
        assert not under
    bar.get_by_role("link").click()
    page.wait_for_url("**/commande/")


def test_the_strip_shows_the_rayon_one_is_in(page, small_shop):
    page.set_viewport_size({"width": 320, "height": 640})
    for number in range(8):
        CategoryFactory(name_fr=f"Rayon {number}", slug_fr=f"rayon-{number}")
    rebuild_listing()
    page.goto("/rayon/rayon-7/")
    here, strip = page.locator(".strip [aria-current]").bounding_box(), page.locator(".strip").bounding_box()
    assert here["x"] >= strip["x"] - 1
    assert here["x"] < strip["x"] + strip["width"]
