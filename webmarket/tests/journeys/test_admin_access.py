"""Pages of the back office with templates of our own: accessible (axe), and no wider than a telephone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.roll_up import roll_up_recent
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.tests.factories import placed_order
from apps.imports.services import catalogue_imports
from apps.imports.tasks import preview_import
from apps.imports.tests.importing import CIDRE, SAUCISSON, merchant
from apps.payments.services import receive_payment
from webmarket.tests.journeys.conftest import DESKTOP, PHONE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])]


@pytest.fixture
def staff(page, shop, size):
    user = StaffFactory(is_superuser=True, first_name="Camille")
    sign_in(page.context, shop, user)
    page.set_viewport_size(size)
    return user


def test_dashboard(page, look, staff):
    VariantFactory(on_hand=1, product__name_fr="Confiture de figues")
    receive_payment(order=placed_order().order, by=staff, now=timezone.now())
    roll_up_recent(now=timezone.now())
    page.goto(reverse("admin:index"))
    look(page, "admin-tableau-de-bord")


def test_order(page, look, staff):
    order = placed_order().order
    page.goto(reverse("admin:orders_order_change", args=[order.pk]))
    look(page, "admin-commande")


@pytest.mark.parametrize("verb", ["cancel", "refund"])
def test_a_verb_on_an_order_and_its_refusal(page, look, staff, verb):
    order = placed_order().order
    receive_payment(order=order, by=staff, now=timezone.now())
    page.goto(reverse("admin:orders_order_verb", args=[order.pk, verb]))
    look(page, f"admin-commande-{verb}")
    page.locator(".desk-form").evaluate("form => form.noValidate = true")
    page.click(".desk-form button[type=submit]")
    look(page, f"admin-commande-{verb}-a-corriger")


def test_preview_of_an_import(page, look, staff):
    received = catalogue_imports.receive_import(
        file=SimpleUploadedFile("liste.csv", merchant(SAUCISSON, CIDRE, SAUCISSON).encode()),
        format_="auto",
        vat_class="STANDARD",
        author=staff,
        now=timezone.now(),
    )
    preview_import(import_id=received.pk)
    page.goto(reverse("admin:catalogue_catalogueimport_change", args=[received.pk]))
    page.get_by_text("à créer").first.wait_for()
    look(page, "admin-import")


def test_a_list_is_mapped_previewed_written_and_undone(page, look, staff):
    lines = (
        "Repère;Intitulé;Montant conseillé;Situation;Qté;Rayon",
        "T-1;Thé vert de Chine;3,50;en rayon;12;Épicerie > Thés",
        "T-2;Café moulu d’Éthiopie;4,50;arrêté;3;Épicerie > Cafés",
        "T-3;Sucre roux;trois euros;en rayon;9;Épicerie",
        "T-4;Miel de lavande;9,90;en rayon;;Épicerie > Miels",
    )
    received = catalogue_imports.receive_import(
        file=SimpleUploadedFile("comptoir.csv", "\n".join(lines).encode()),
        format_="mapped",
        vat_class="REDUCED",
        author=staff,
        now=timezone.now(),
    )
    preview_import(import_id=received.pk)
    url = reverse("admin:catalogue_catalogueimport_change", args=[received.pk])
    page.goto(url)
    page.get_by_role("button", name="Voir l’aperçu").wait_for()
    look(page, "import-colonnes")
    page.get_by_label("Situation", exact=True).select_option("state")
    page.get_by_label("Fournisseur ou origine du fichier").fill("Comptoir")
    page.get_by_label("Produits que la boutique n’a pas").select_option("published")
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_text("Il reste quelque chose à choisir").wait_for()
    look(page, "import-mots")
    page.get_by_label("«\u202fen rayon\u202f» dans «\u202fSituation\u202f»").select_option("PUBLISHED")
    page.get_by_label("«\u202farrêté\u202f» dans «\u202fSituation\u202f»").select_option("DRAFT")
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_role("button", name="Importer", exact=True).wait_for()
    look(page, "import-apercu")
    page.get_by_label("Stock de départ").fill("5")
    page.get_by_role("button", name="Importer", exact=True).click()
    page.get_by_role("button", name="Annuler cet import").wait_for()
    look(page, "import-fait")
    page.get_by_role("link", name="Tout voir, filtrer").click()
    page.wait_for_url("**/produits/")
    look(page, "import-produits")
    page.goto(url)
    page.get_by_role("button", name="Annuler cet import").click()
    page.get_by_text("Cet import est annulé").wait_for()
    look(page, "import-annule")
