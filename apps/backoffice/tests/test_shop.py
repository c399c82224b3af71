"""« La boutique », its terms of sale, the checklist and the opening."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.checklist import checklist, reasons_against_opening
from apps.backoffice.services.groups import sync_groups
from apps.backoffice.tests.forms import form_of
from apps.catalogue.models import Product
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.delivery.models import DeliveryMethod
from apps.delivery.tests.factories import DeliveryMethodFactory
from apps.shop.identity import current
from apps.shop.models import Shop, TermsText
from apps.shop.tests.factories import COMPLETE, write_shop
from apps.shop.tests.test_look import picture

pytestmark = pytest.mark.django_db
LIST, CHANGE = reverse("admin:shop_shop_changelist"), reverse("admin:shop_shop_change", args=[1])
TERMS, OPEN = reverse("admin:shop_shop_terms"), reverse("admin:shop_shop_open")


@pytest.fixture
def new_shop(settings):
    settings.DEMO, settings.SHOP_INVENTED = False, {}
    settings.PAYMENT_GATEWAYS = [path for path in settings.PAYMENT_GATEWAYS if "demo" not in path]


def save(client, **changes):
    client.get(LIST)
    return client.post(CHANGE, form_of(client, CHANGE) | changes)


def mistakes(response) -> dict:
    return response.context["adminform"].form.errors


class TestTheScreen:
    def test_the_list_leads_to_the_one_record(self, client, staff):
        assert client.get(LIST).url == CHANGE
        assert client.get(CHANGE).status_code == 200

    def test_what_is_written_is_what_the_shop_says(self, client, staff, new_shop):
        typed = COMPLETE | {"siret": "732 829 320 00074", "iban": "FR14 2004 1010 0505 0001 3M02 606"}
        response = save(client, **typed, hours_0="9h-12h30", closure_lines="24/12/2026 au 02/01/2027 Congés")
        assert response.status_code == 302, mistakes(response)
        shop = current()
        assert (shop.name, shop.siret, shop.phone) == ("Chez Camille", "73282932000074", "04 72 00 00 00")
        assert shop.week[0] == ("Lundi", "9h-12h30")
        assert shop.closures[0].reason == "Congés"
        assert Shop.history.latest().history_user == staff

    def test_a_page_saved_untouched_changes_nothing(self, client, staff, new_shop):
        write_shop(**COMPLETE, hours=[[["09:00", "12:30"]], *[[]] * 6], closures=[["2026-12-24", "2027-01-02", "C"]])
        before = Shop.objects.values().get()
        assert save(client).status_code == 302
        after = Shop.objects.values().get()
        assert before | {"version": 0} == after | {"version": 0}

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"siret": "73282932000075"}, "siret"),
            ({"vat_number": "FR45732829320"}, "vat_number"),
            ({"vat_number": "FR40303265045"}, "vat_number"),  # of another company
            ({"iban": "FR1420041010050500013M02607"}, "iban"),
            ({"bic": "PSST"}, "bic"),
            ({"bic": ""}, "bic"),
            ({"phone": "appelez-moi"}, "phone"),
            ({"postcode": "6900"}, "postcode"),
            ({"email": "non"}, "email"),
            ({"order_prefix": "É1"}, "order_prefix"),
            ({"hours_2": "le matin"}, "hours_2"),
            ({"closure_lines": "en août"}, "closure_lines"),
            ({"working_days": []}, "working_days"),
            ({"transfer_hold_days": "0"}, "transfer_hold_days"),
            ({"accent": "vert"}, "accent"),
            ({"accent": "#e8b23f"}, "accent"),
            ({"picture": SimpleUploadedFile("logo.png", b"pas une image")}, "picture"),
        ],
    )
    def test_what_cannot_be_right_is_refused_beside_its_field(self, client, staff, new_shop, changes, field):
        write_shop(**COMPLETE)
        response = save(client, **changes)
        assert response.status_code == 200
        assert list(mistakes(response)) == [field]
        assert current().siret == COMPLETE["siret"]

    def test_a_colour_too_light_is_refused_with_its_contrast(self, client, staff, new_shop):
        assert "1,82" in str(mistakes(save(client, accent="#E8B23F")))
        assert save(client, accent="#6A1B9A").status_code == 302
        assert current().accent == "#6a1b9a"

    def test_a_picture_is_made_into_every_size(self, client, staff, new_shop):
        assert save(client, picture=SimpleUploadedFile("logo.png", picture())).status_code == 302
        folder = Shop.objects.get().icons
        assert current().icon["mark"] == f"/media/{folder}/mark.png"
        assert save(client).status_code == 302
        assert Shop.objects.get().icons == folder

    def test_what_the_environment_fixes_is_displayed_and_stays(self, client, staff, new_shop, settings):
        settings.SHOP_FROM_ENVIRONMENT = {"name": "Fixé ailleurs", "address": "1 rue Fixe, 69001 Lyon"}
        write_shop(**COMPLETE)
        page = client.get(CHANGE).content.decode()
        assert "Fixé ailleurs" in page
        assert "SHOP_NAME" in page
        assert "SHOP_ADDRESS" in page
        assert save(client, name="Autre", city="Paris", phone="04 72 11 11 11").status_code == 302
        row = Shop.objects.get()
        assert (row.name, row.city, row.phone) == ("Chez Camille", "Lyon", "04 72 11 11 11")
        assert current().name == "Fixé ailleurs"

    def test_what_the_law_still_needs_stands_on_top(self, client, staff, new_shop):
        write_shop(**COMPLETE | {"mediator": ""})
        page = client.get(CHANGE).content.decode()
        assert "Ce que la loi demande encore" in page
        assert 'href="#id_mediator"' in page
        write_shop(**COMPLETE)
        assert "Ce que la loi demande encore" not in client.get(CHANGE).content.decode()


class TestTheTerms:
    def test_they_are_published_as_they_were_read(self, client, staff, new_shop):
        write_shop(**COMPLETE)
        assert "Camille Primeurs SARL" in client.get(TERMS).content.decode()
        assert client.post(TERMS).status_code == 302
        text = TermsText.objects.get()
        assert "Camille Primeurs SARL" in text.text_fr
        assert current().terms_version == text.version
        write_shop(name="Autre", company="Autre Société")
        client.force_login(staff)
        page = client.get(f"/conditions-generales/{text.version}/").content.decode()
        assert "Camille Primeurs SARL" in page

    def test_the_same_text_is_not_published_twice(self, client, staff, new_shop):
        write_shop(**COMPLETE)
        for _ in range(2):
            client.post(TERMS)
        assert TermsText.objects.count() == 1

    def test_a_second_version_of_a_day_has_a_name_of_its_own(self, client, staff, new_shop):
        write_shop(**COMPLETE)
        client.post(TERMS)
        write_shop(transfer_hold_days=12)
        client.post(TERMS)
        first, second = TermsText.objects.order_by("pk")
        assert first.version != second.version
        assert "12 jours pour un virement" in " ".join(second.text_fr.split())
        assert current().terms_version == second.version
        listed = client.get("/conditions-generales/").content.decode()
        assert first.version in listed

    def test_they_are_not_published_with_holes(self, client, staff, new_shop):
        write_shop(**COMPLETE | {"mediator": ""})
        client.post(TERMS)
        assert not TermsText.objects.exists()


@pytest.fixture
def ready(client, staff, new_shop):
    """Everything that an opening needs."""
    write_shop(**COMPLETE)
    client.post(TERMS)
    DeliveryMethodFactory()
    variant = VariantFactory()
    refresh_listing(product_ids=[variant.product_id])
    Authenticator.objects.create(user=staff, type=Authenticator.Type.TOTP, data={"secret": "x"})


class TestTheOpening:
    def test_a_new_shop_has_everything_to_do(self, client, staff, new_shop):
        page = client.get(reverse("admin:index")).content.decode()
        assert "Avant d’ouvrir" in page
        assert not any(step.is_done for step in checklist(staff))
        client.post(OPEN)
        assert not current().is_open

    def test_it_opens_when_nothing_is_missing(self, client, staff, ready):
        assert reasons_against_opening(staff) == []
        client.post(OPEN)
        assert current().is_open
        assert "Avant d’ouvrir" not in client.get(reverse("admin:index")).content.decode()
        client.logout()
        assert "Bientôt ouvert" not in client.get("/").content.decode()

    @pytest.mark.parametrize(
        ("undo", "sentence"),
        [
            (lambda: write_shop(mediator=""), "médiateur de la consommation"),
            (lambda: write_shop(iban="", bic=""), "Aucun moyen de paiement"),
            (lambda: DeliveryMethod.objects.update(is_active=False), "Aucun mode de livraison"),
            (lambda: Product.objects.update(state=Product.State.DRAFT), "Aucun produit"),
            (lambda: write_shop(transfer_hold_days=20), "ne disent plus"),
            (lambda: Authenticator.objects.all().delete(), "second facteur"),
        ],
    )
    def test_it_stays_closed_while_one_thing_is_missing(self, client, staff, ready, undo, sentence):
        undo()
        answer = client.post(OPEN, follow=True)
        assert Shop.objects.get().opened_at is None
        assert any(sentence in reason for reason in reasons_against_opening(staff))
        text = " ".join(answer.content.decode().split())
        assert "ne peut pas encore ouvrir" in text
        assert sentence in text

    def test_a_link_or_a_reload_opens_nothing(self, client, staff, ready):
        assert client.get(OPEN).status_code == 405
        assert not current().is_open

    def test_support_neither_sees_nor_opens_it(self, client, ready):
        sync_groups()
        colleague = StaffFactory()
        colleague.groups.add(Group.objects.get(name="Assistance"))
        client.force_login(colleague)
        assert "Avant d’ouvrir" not in client.get(reverse("admin:index")).content.decode()
        assert client.post(OPEN).status_code == 403
        assert client.post(TERMS).status_code == 403
        assert client.get(CHANGE).status_code == 403

    def test_an_open_shop_s_dashboard_asks_nothing_more(self, client, staff, django_assert_max_num_queries):
        with django_assert_max_num_queries(25):
            assert "Avant d’ouvrir" not in client.get(reverse("admin:index")).content.decode()
