"""An owner brings in a PrestaShop file, a WooCommerce file and a supplier's workbook: seen before, sold, undone."""

import os
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.models import Product, Variant
from apps.catalogue.services.listing import rebuild_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.tests.factories import placed_order
from apps.common.tests.tables import workbook
from apps.imports.tests.test_files import content
from webmarket.tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser
SIZES = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def owner(page, shop):
    sign_in(page.context, shop, StaffFactory(is_superuser=True, first_name="Camille"))
    page.set_viewport_size(SIZES[0])


@pytest.fixture
def look_at(look):
    """On a telephone, and for pictures at both widths; the wide one goes on."""

    def look_at(page, name: str) -> None:
        for size in reversed(SIZES if os.environ.get("SCREENSHOTS") else SIZES[1:]):
            page.set_viewport_size(size)
            look(page, name)
        page.set_viewport_size(SIZES[0])

    return look_at


def without_pictures(name: str) -> bytes:
    """No network here."""
    return re.sub(rb"https://exemple.fr/\w+.jpg(, ?)?", b"", content(name))


def send(page, name: str, file: bytes, mime_type: str = "text/csv") -> None:
    page.goto(reverse("admin:catalogue_catalogueimport_add"))
    page.set_input_files("input[name=file]", {"name": name, "mimeType": mime_type, "buffer": file})
    page.get_by_role("button", name="Envoyer", exact=True).click()
    page.wait_for_url("**/change/")


def confirm(page) -> None:
    page.get_by_role("button", name="Importer", exact=True).click()
    expect(page.get_by_role("button", name="Annuler cet import")).to_be_visible()


def sell(page, product: Product, button: str = "Ajouter au panier") -> None:
    """A shopper finds it, puts it into the basket and orders."""
    page.goto(reverse("storefront:product", args=[product.slug_fr]))
    page.get_by_role("button", name=button).first.click()
    expect(page.get_by_role("status").filter(has_text=re.compile("panier")).first).to_be_visible()
    variant = product.variants.order_by("pk").first()
    placed_order((variant, 1))
    assert Variant.objects.get(pk=variant.pk).stock.reserved >= 1


def undo(page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Annuler cet import").click()
    expect(page.get_by_text("Cet import est annulé")).to_be_visible()


def test_a_prestashop_file(page, owner, look_at):
    # The shop has made a rule of taxes of its own, so that the rates are asked.
    send(page, "products.csv", without_pictures("p01").replace(b";9.383886;3;", b";9.383886;53;"))
    expect(page.get_by_text("La règle de taxes")).to_be_visible()
    look_at(page, "prestashop-colonnes")
    page.get_by_label("Fournisseur ou origine du fichier").fill("Ancienne boutique")
    page.get_by_label("Produits que la boutique n’a pas").select_option("published")
    page.get_by_label("Unité du poids").select_option("kg")
    page.get_by_label("Signe entre les niveaux d’un rayon").select_option(",")
    for rule, rate in (("53", "REDUCED"), ("1", "STANDARD")):
        page.get_by_label(f"«\u202f{rule}\u202f» dans «\u202fTax rules ID\u202f»").select_option(rate)
    page.get_by_role("button", name="Voir l’aperçu").click()
    expect(page.get_by_role("button", name="Importer", exact=True)).to_be_visible()
    url = page.url
    look_at(page, "prestashop-apercu")
    page.get_by_role("link", name="Miel de lavande").click()
    page.wait_for_url("**/apercu-import/**")
    expect(page.get_by_role("heading", name="Miel de lavande")).to_be_visible()
    expect(page.get_by_text("9,90")).to_be_visible()
    look_at(page, "prestashop-comme-sur-la-boutique")
    page.get_by_role("link", name="Revenir à l’import").click()
    page.wait_for_url(url)
    confirm(page)
    honey = Product.objects.get(variants__sku="MIEL-1")
    assert (honey.category.name_fr, honey.variants.get().price, honey.vat_class) == (
        "Miels",
        Decimal("9.90"),
        "REDUCED",
    )
    sell(page, honey)
    undo(page, url)
    look_at(page, "prestashop-annule")
    honey.refresh_from_db()
    assert honey.state == Product.State.ARCHIVED
    assert not Product.objects.filter(variants__sku="BOU-1").exists()


def test_a_woocommerce_file(page, owner, look_at):
    send(page, "wc-product-export.csv", without_pictures("w01"))
    expect(page.get_by_role("button", name="Importer", exact=True)).to_be_visible()
    url = page.url
    look_at(page, "woocommerce-apercu")
    page.get_by_role("link", name="Pull marin").click()
    page.wait_for_url("**/apercu-import/**")
    page.get_by_role("link", name="M", exact=True).click()
    expect(page.locator(".decision legend")).to_contain_text("M")
    look_at(page, "woocommerce-comme-sur-la-boutique")
    page.goto(url)
    confirm(page)
    look_at(page, "woocommerce-fait")
    jumper = Product.objects.get(code="PULL")
    assert [*jumper.variants.values_list("option1_fr", flat=True)] == ["S", "M"]
    sell(page, jumper)
    undo(page, url)
    page.get_by_role("link", name=re.compile("pas pu l’être")).click()
    page.wait_for_url("**/produits/**")
    expect(page.get_by_text("vendu depuis l’import")).to_be_visible()
    look_at(page, "woocommerce-non-annule")


def test_a_supplier_s_workbook(page, owner, look_at):
    held = VariantFactory(
        ean13="3760012345670", sku="MIEL", price="9.90", product__name_fr="Miel de lavande", on_hand=7
    )
    rebuild_listing()
    rows = (
        ["Tarif public 2027", None, None, None],
        [],
        ["Réf. fournisseur", "Gencod", "Désignation longue", "Prix conseillé"],
        ["F-1", 3760012345670, "MIEL LAVANDE 500G (CARTON DE 12)", 14.5],
        ["F-2", 3560070139675, "Saucisson sec", 4.5],
    )
    send(page, "tarif-2027.xlsx", workbook(*rows), XLSX)
    page.get_by_role("button", name="Voir l’aperçu").wait_for()
    look_at(page, "tarif-colonnes")
    page.get_by_label("Fournisseur ou origine du fichier").fill("Grossiste")
    page.get_by_label("Désignation longue").select_option("")
    page.get_by_label("Un produit se retrouve par").select_option("ean")
    page.get_by_label("Produits que la boutique n’a pas").select_option("skip")
    page.get_by_role("button", name="Voir l’aperçu").click()
    expect(page.get_by_role("button", name="Importer", exact=True)).to_be_visible()
    url = page.url
    expect(page.get_by_text("1 prix change de plus de 30")).to_be_visible()
    look_at(page, "tarif-apercu")
    confirm(page)
    held.refresh_from_db()
    assert (held.price, held.product.name_fr, held.stock.on_hand) == (Decimal("14.50"), "Miel de lavande", 7)
    sell(page, held.product)
    undo(page, url)
    look_at(page, "tarif-annule")
    held.refresh_from_db()
    assert held.price == Decimal("9.90")
