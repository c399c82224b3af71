"""A prospect's card and the pages around it: accessible, no wider than a telephone, and safe against a stale save."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from apps.accounts.tests.factories import StaffFactory
from apps.orders.tests.factories import OrderFactory
from apps.prospects import services
from apps.prospects.tests.factories import ProspectFactory, make_stages
from webmarket.tests.journeys.conftest import DESKTOP, PHONE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])]


@pytest.fixture
def staff(page, shop, size):
    make_stages()
    user = StaffFactory(is_superuser=True, email="camille@exemple.fr", first_name="Camille", last_name="Martin")
    StaffFactory(is_superuser=True, email="paul@exemple.fr", first_name="Paul", last_name="Durand")
    sign_in(page.context, shop, user)
    page.set_viewport_size(size)
    return user


@pytest.fixture
def card(staff):
    now, by = timezone.now(), services.Author(user=staff)
    found = services.create_prospect(
        details={
            "first_name": "Léa",
            "last_name": "Petit",
            "email": "lea@exemple.fr",
            "phone": "06 12 34 56 78",
            "company": "Ferme du Puits",
            "message": "Bonjour, livrez-vous Lyon ?",
            "source": "Salon",
        },
        verified=True,
        consent_version="2026-11",
        ip="203.0.113.9",
        now=now - timedelta(days=12),
    )
    services.move_prospect(prospect_id=found.pk, version=1, stage_code="contacte", by=by, now=now - timedelta(days=9))
    changes = {"assignee": staff, "next_action": "Envoyer le devis", "next_action_date": now.date() - timedelta(days=1)}
    found = services.update_prospect(prospect_id=found.pk, version=2, changes=changes, by=by, now=now)
    services.add_note(prospect_id=found.pk, text="Vue au salon, @paul la connaît.", key="n", by=by, now=now)
    file = SimpleUploadedFile("Devis Ferme du Puits.pdf", b"%PDF-1.7")
    services.attach_file(prospect_id=found.pk, file=file, by=by, now=now)
    return found


@pytest.fixture
def twin(card):
    return ProspectFactory(
        first_name="Léa", last_name="Petit-Roux", phone=card.phone, email="lea.petit@ferme.fr", company="La Ferme"
    )


def test_card_survives_a_colleague_who_was_faster(page, look, card, twin):
    page.goto(reverse("admin:prospects_prospect_change", args=[card.pk]))
    look(page, "prospect-carte")
    page.fill("[name=company]", "Ferme d’en haut")
    services.update_prospect(
        prospect_id=card.pk,
        version=card.version,
        changes={"company": "Ferme d’en bas", "source": "Parrainage"},
        by=services.Author(name="Paul Durand"),
        now=timezone.now(),
    )
    page.click("form[novalidate] button[type=submit]")
    page.get_by_role("heading", name="Ce qui a changé entre-temps").wait_for()
    look(page, "prospect-carte-perimee")
    expect(page.locator("[name=company]")).to_have_value("Ferme d’en haut")
    expect(page.locator("[name=source]")).to_have_value("Parrainage")
    page.click("form[novalidate] button[type=submit]")
    page.get_by_text("La carte est enregistrée.").wait_for()
    card.refresh_from_db()
    assert (card.company, card.source) == ("Ferme d’en haut", "Parrainage")


def test_colleagues_are_proposed_in_a_note(page, card):
    page.goto(reverse("admin:prospects_prospect_change", args=[card.pk]))
    page.locator("[name=text]").press_sequentially("Demande à @pa")
    page.get_by_role("button", name="@paul (Paul Durand)").click()
    expect(page.locator("[name=text]")).to_have_value("Demande à @paul ")


def test_two_cards_side_by_side(page, look, card, twin):
    page.goto(reverse("admin:prospects_prospect_change", args=[card.pk]))
    page.click("text=Comparer les deux cartes")
    look(page, "prospect-comparer")
    page.get_by_label("La Ferme", exact=True).check()
    page.click("text=Fusionner les deux cartes")
    page.get_by_role("button", name="Annuler la fusion").click()
    page.get_by_text("La fusion est annulée").wait_for()
    twin.refresh_from_db()
    assert twin.merged_into is None


def test_a_person_across_the_shop(page, look, card):
    OrderFactory(email=card.email, recipient="Léa Petit")
    page.goto(reverse("admin:person"))
    page.fill("[name=email]", card.email)
    page.click("text=Chercher")
    page.get_by_role("heading", name="Effacer cette personne").wait_for()
    look(page, "personne")


def test_smaller_pages(page, look, card):
    page.goto(reverse("admin:prospects_card_convert", args=[card.pk]))
    look(page, "prospect-convertir")
    services.delete_prospect(prospect_id=card.pk, by=services.Author(name="Paul"), now=timezone.now())
    for name in ("trash", "digest"):
        page.goto(reverse(f"admin:prospects_{name}"))
        look(page, f"prospect-{name}")
    page.goto(reverse("admin:prospects_prospectimport_add"))
    rows = "nom;e-mail\nPetit;lea2@exemple.fr\nGrand;pas une adresse\n"
    page.set_input_files("[name=file]", {"name": "liste.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.click("[name=_save]")
    page.get_by_role("button", name="Importer").wait_for()
    look(page, "prospect-import")
