"""The screen of columns, the list of an import's products, and the buttons beside them."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.accounts.models import User
from apps.catalogue.models import CatalogueImport, Product
from apps.imports.models import ColumnMapping, ImportedProduct

pytestmark = pytest.mark.django_db
LIST = (
    "Repère;Intitulé du produit;Montant conseillé;Situation;Qté\n"
    "T-1;Thé vert de Chine;3,50;en rayon;12\nT-2;Café moulu;4,50;arrêté;3\nT-3;Sucre roux;2,50;en rayon;9\n"
)
CHOICES = {
    "column-0": "reference",
    "column-1": "name",
    "column-2": "price",
    "column-3": "state",
    "column-4": "stock",
    "word-3-0": "PUBLISHED",
    "word-3-1": "DRAFT",
    "supplier": "Comptoir",
    "key": "sku",
    "new": "published",
    "missing": "leave",
    "weight_unit": "",
    "levels": ">",
    "lists": "",
    "has_header": "on",
}


@pytest.fixture
def client(client):
    staff = User.objects.create_user("rayon@example.org", "x", is_staff=True)
    verbs = ("view", "add", "change")
    staff.user_permissions.set(Permission.objects.filter(codename__in=[f"{verb}_catalogueimport" for verb in verbs]))
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def send(client, django_capture_on_commit_callbacks):
    def send(content: str, **fields: str) -> CatalogueImport:
        file = SimpleUploadedFile("liste.csv", content.encode())
        with django_capture_on_commit_callbacks(execute=True):
            client.post(
                reverse("admin:catalogue_catalogueimport_add"),
                {"file": file, "format": "auto", "vat_class": "STANDARD", **fields},
            )
        return CatalogueImport.objects.first()

    return send


@pytest.fixture
def press(client, django_capture_on_commit_callbacks):
    def press(its: CatalogueImport, name: str, data: dict[str, str] | None = None):
        with django_capture_on_commit_callbacks(execute=True):
            page = client.post(reverse(f"admin:catalogue_import_{name}", args=[its.pk]), data or {}, follow=True)
        its.refresh_from_db()
        return page

    return press


def page_of(client, its: CatalogueImport):
    return client.get(reverse("admin:catalogue_catalogueimport_change", args=[its.pk]))


def test_an_unknown_list_is_mapped_previewed_applied_and_undone(client, send, press):
    its = send(LIST)
    page = page_of(client, its).text
    assert its.status == "MAPPING"
    assert "Thé vert de Chine" in page
    assert re.search(r'<select name="column-0"[^>]*id="id_column-0"', page)
    press(its, "columns", CHOICES)
    assert (its.status, its.report["created"], its.report["drafts"]) == ("PREVIEWED", 3, 1)
    assert "2 nouveaux produits seront en vente aussitôt." in page_of(client, its).text
    press(its, "confirm")
    assert dict(Product.objects.values_list("code", "state")) == {
        "T-1": "PUBLISHED",
        "T-2": "DRAFT",
        "T-3": "PUBLISHED",
    }
    assert "Annuler cet import" in page_of(client, its).text
    press(its, "undo")
    assert (its.status, Product.objects.filter(state="PUBLISHED").count()) == ("UNDONE", 0)
    assert "Cet import est annulé" in page_of(client, its).text


def test_the_next_file_of_the_supplier_begins_with_the_same_choices(client, send, press):
    press(send(LIST), "columns", CHOICES)
    assert ColumnMapping.objects.get().name == "Comptoir"
    its = send(LIST.replace("3,50", "3,80"))
    page = page_of(client, its).text
    assert "ces choix sont ceux du dernier fichier de «\u202fcomptoir\u202f»" in page.lower()
    assert re.search(r'<option value="state" selected', page)
    assert re.search(r'<option value="DRAFT" selected', page)


def test_choices_that_lack_something_come_back_as_they_were(client, send, press):
    its = send(LIST)
    page = press(its, "columns", {**CHOICES, "column-0": "", "supplier": "Comptoir des thés"})
    assert its.status == "MAPPING"
    assert "mais aucune colonne ne l’est" in page.text
    assert 'value="Comptoir des thés"' in page.text
    without = {name: choice for name, choice in CHOICES.items() if not name.startswith("word")}
    page = press(its, "columns", without)
    assert "Dites ce que «\u202fen rayon\u202f» veut dire." in page.text
    page = press(its, "columns", {**without, "again": "1"})
    assert (its.status, 'name="word-3-0"' in page.text) == ("MAPPING", True)
    assert press(its, "columns", {**CHOICES, "column-1": "colour"}).status_code == 200
    assert its.status == "MAPPING"


def test_a_known_list_can_be_read_otherwise(client, send, press):
    its = send("ref;nom;prix_ttc;stock\nA;Thé;3,00;5\n")
    assert its.status == "PREVIEWED"
    press(its, "reopen")
    assert its.status == "MAPPING"
    choices = {**CHOICES, "column-2": "", "column-3": "price", "column-4": ""}
    press(its, "columns", {**choices, "column-0": "reference", "column-1": "name", "supplier": ""})
    assert (its.status, its.report["created"]) == ("PREVIEWED", 1)
    assert ColumnMapping.objects.count() == 0
    press(its, "reopen")
    assert re.search(r'id="id_column-3"[^§]*?<option value="price" selected', page_of(client, its).text)


def test_all_products_are_listed_filtered_and_given_as_a_file(client, send, press):
    press(send("ref;nom;rayon;prix_ttc;stock\nA;Thé;Thés;3,00;5\nB;Café;Cafés;3,00;5\n"), "confirm")
    its = send(
        "ref;nom;rayon;prix_ttc;stock\nA;Thé;Thés;9,00;5\nB;Café;Cafés;3,00;5\nC;Eau;Eaux;trois;5\nD;Sel;Sels;1;5\n"
    )
    page = page_of(client, its).text
    assert "1 prix change de plus de 30" in page
    url = reverse("admin:catalogue_import_products", args=[its.pk])
    assert "4 lignes" in client.get(url).text
    for query, name in (
        ("outcome=NEW", "Sel"),
        ("outcome=REFUSED", "Eau"),
        ("attention=PRICE", "Thé"),
        ("words=caf", "Café"),
    ):
        page = client.get(f"{url}?{query}").text
        assert "1 ligne" in page
        assert name in page
    assert client.get(f"{url}?outcome=autre&page=zzz").status_code == 200
    text = b"".join(client.get(reverse("admin:catalogue_import_file", args=[its.pk])).streaming_content).decode(
        "utf-8-sig"
    )
    assert "2;modifié;A;Thé;prix TTC;3,00;9,00;prix changé de plus de 30" in text
    assert text.count("\n") >= 5


def test_the_list_asks_as_much_of_the_database_for_many_as_for_few(client, send, django_assert_max_num_queries):
    its = send("ref;nom;rayon;prix_ttc\n" + "".join(f"A{number};Thé {number};Thés;3,00\n" for number in range(60)))
    with django_assert_max_num_queries(14):
        client.get(reverse("admin:catalogue_import_products", args=[its.pk]))
    assert ImportedProduct.objects.count() == 60


@pytest.mark.parametrize("name", ["columns", "reopen", "pause", "stop", "resume", "undo"])
def test_buttons_need_the_right_to_change_imports(client, send, press, name):
    its = send(LIST)
    its.created_by.user_permissions.remove(Permission.objects.get(codename="change_catalogueimport"))
    assert press(its, name).status_code == 403
    assert client.get(reverse(f"admin:catalogue_import_{name}", args=[its.pk])).status_code == 405
    assert its.status == "MAPPING"


def test_a_waiting_import_is_stopped_and_what_is_over_stays(client, send, press):
    its = send(LIST)
    press(its, "stop")
    assert its.status == "STOPPED"
    for name in ("pause", "resume", "undo", "columns", "reopen"):
        page = press(its, name)
        assert (its.status, page.status_code) == ("STOPPED", 200)


def test_products_without_a_stock_begin_with_what_the_owner_says(client, send, press):
    content = "ref;nom;rayon;prix_ttc;stock\nA;Thé;Thés;3,00;\nB;Café;Cafés;3,00;2\n"
    its = send(content)
    assert "Stock de départ" in page_of(client, its).text
    press(its, "confirm", {"starting_stock": "-3"})
    assert its.status == "PREVIEWED"
    press(its, "confirm", {"starting_stock": "7"})
    assert dict(Product.objects.values_list("code", "variants__stock__on_hand")) == {"A": 7, "B": 2}
    again = send(content)
    assert (again.report["updated"], again.report["unchanged"]) == (0, 2)
