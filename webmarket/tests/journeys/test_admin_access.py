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
