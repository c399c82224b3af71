import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.catalogue.models import CatalogueImport, Product, ProductImage
from apps.catalogue.tests.factories import ProductFactory
from apps.common.documents import documents
from apps.common.tests.tables import workbook
from apps.imports.services import catalogue_imports
from apps.imports.tests.importing import CIDRE, merchant
from apps.imports.tests.importing import SAUCISSON as PICTURED

pytestmark = pytest.mark.django_db
SAUCISSON = PICTURED.removesuffix("https://images.example/1.jpg")
ADD = "admin:catalogue_catalogueimport_add"
CHANGE = "admin:catalogue_catalogueimport_change"


@pytest.fixture
def client(client):
    """Logged in as somebody of the group that may send catalogues."""
    staff = User.objects.create_user("rayon@example.org", "x", is_staff=True)
    staff.user_permissions.set(
        Permission.objects.filter(codename__in=[f"{verb}_catalogueimport" for verb in ("view", "add", "change")])
    )
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def send(client, django_capture_on_commit_callbacks):
    def send(content: str | bytes, name: str = "liste.csv", **fields: str):
        data = content.encode() if isinstance(content, str) else content
        form = {"file": SimpleUploadedFile(name, data), "format": "auto", "vat_class": "STANDARD", **fields}
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(reverse(ADD), form)

    return send


@pytest.fixture
def confirm(client, django_capture_on_commit_callbacks):
    def confirm(received: CatalogueImport):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(reverse("admin:catalogue_import_confirm", args=[received.pk]), follow=True)

    return confirm


def test_shows_what_would_change_before_anything_is_written(client, send):
    response = send(merchant(SAUCISSON, CIDRE, SAUCISSON))
    received = CatalogueImport.objects.get()
    assert response.url == reverse(CHANGE, args=[received.pk])
    assert received.status == CatalogueImport.Status.PREVIEWED
    assert (received.report["created"], received.report["rejected"]) == (2, 1)
    assert Product.objects.count() == 0
    page = client.get(response.url)
    assert "rien n’est encore écrit" in page.text
    assert "déjà donné ligne 2" in page.text
    assert "Refresh" not in page.headers


def test_imports_once_confirmed_and_only_once(client, send, confirm):
    send(merchant(SAUCISSON, CIDRE))
    received = CatalogueImport.objects.get()
    confirm(received)
    received.refresh_from_db()
    assert (received.status, received.report["created"]) == (CatalogueImport.Status.DONE, 2)
    assert received.confirmed_by == received.created_by
    assert Product.history.filter(history_user=received.created_by).count() == 2
    again = confirm(received)
    assert "n’attend pas de confirmation" in again.text
    assert "créés" in client.get(reverse(CHANGE, args=[received.pk])).text


def test_the_first_differences_are_shown(client, send, confirm):
    send(merchant(SAUCISSON))
    confirm(CatalogueImport.objects.get())
    response = send(merchant(SAUCISSON.replace("4,50", "4,90")))
    page = client.get(response.url).text
    assert "4,50" in page
    assert "4,90" in page


def test_a_file_that_changes_nothing_offers_nothing_to_confirm(client, send, confirm):
    send(merchant(SAUCISSON))
    confirm(CatalogueImport.objects.get())
    page = client.get(send(merchant(SAUCISSON)).url).text
    assert "ne changerait rien" in page
    assert "confirmer/" not in page


def test_rejected_lines_can_be_downloaded_corrected_and_sent_again(client, send, confirm):
    send(merchant(SAUCISSON.replace("4,50", "")))
    received = CatalogueImport.objects.get()
    rejects = client.get(reverse("admin:catalogue_import_rejects", args=[received.pk]))
    assert rejects.headers["Content-Disposition"] == 'attachment; filename="liste.rejets.csv"'
    text = rejects.getvalue().decode("utf-8-sig")
    assert "2;prix manquant (colonne «\u202fprix_ttc\u202f»);" in text
    send(text.replace("Charcuterie;;", "Charcuterie;4,50;"))
    confirm(CatalogueImport.objects.first())
    assert Product.objects.count() == 1


def test_without_rejected_lines_there_is_nothing_to_download(client, send):
    send(merchant(SAUCISSON))
    assert (
        client.get(reverse("admin:catalogue_import_rejects", args=[CatalogueImport.objects.get().pk])).status_code
        == 404
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"PK\x03\x04classeur", "classeur"), (b"\x00\x01\x02" * 99, "binaire"), (b"\n\n", "vide"), (b"", "vide")],
)
def test_a_file_that_is_no_catalogue_is_refused_in_the_form(send, content, words):
    response = send(content)
    assert response.status_code == 200
    assert words in response.text
    assert CatalogueImport.objects.count() == 0


def test_a_file_too_large_is_refused_with_the_way_out(send, monkeypatch):
    monkeypatch.setattr(catalogue_imports, "MAX_BYTES", 100)
    assert "dépasse" in send("x" * 200).text


def test_a_file_with_unknown_columns_asks_what_they_are(client, send):
    response = send("a;b\n1;2\n")
    received = CatalogueImport.objects.get()
    assert received.status == CatalogueImport.Status.MAPPING
    assert "Dites ce que contient chaque colonne" in client.get(response.url).text


@pytest.mark.parametrize("lost", ["view", "add", "change"])
def test_each_step_needs_its_permission(client, send, lost):
    send(merchant(SAUCISSON.replace("4,50", "")))
    received = CatalogueImport.objects.get()
    received.created_by.user_permissions.remove(Permission.objects.get(codename=f"{lost}_catalogueimport"))
    if lost == "add":
        assert send(merchant(SAUCISSON)).status_code == 403
    elif lost == "change":
        assert client.post(reverse("admin:catalogue_import_confirm", args=[received.pk])).status_code == 403
    else:
        assert client.get(reverse("admin:catalogue_import_rejects", args=[received.pk])).status_code == 403
    received.refresh_from_db()
    assert received.status == CatalogueImport.Status.PREVIEWED


def test_a_link_cannot_confirm(client, send):
    send(merchant(SAUCISSON))
    url = reverse("admin:catalogue_import_confirm", args=[CatalogueImport.objects.get().pk])
    assert client.get(url).status_code == 405


def test_a_task_that_runs_twice_imports_once(send, confirm):
    send(merchant(SAUCISSON))
    received = CatalogueImport.objects.get()
    confirm(received)
    report = CatalogueImport.objects.get().report
    catalogue_imports.apply_import(import_id=received.pk, now=timezone.now())
    catalogue_imports.preview_import(import_id=received.pk, now=timezone.now())
    assert CatalogueImport.objects.get().report == report


def test_an_import_interrupted_by_a_restart_completes_when_run_again(send):
    send(merchant(SAUCISSON, CIDRE))
    received = CatalogueImport.objects.get()
    CatalogueImport.objects.update(status=CatalogueImport.Status.CONFIRMED)
    ProductFactory(code="3560070139675", name_fr="Saucisson sec")
    catalogue_imports.apply_import(import_id=received.pk, now=timezone.now())
    assert Product.objects.count() == 2
    assert CatalogueImport.objects.get().status == CatalogueImport.Status.DONE


def test_wanted_images_are_fetched_in_small_portions(monkeypatch):
    from apps.catalogue import tasks

    started, waits, later = [], [], []

    def start(kwargs, countdown):
        started.append(kwargs["image_id"])
        waits.append(countdown)

    monkeypatch.setattr(tasks.fetch_image, "apply_async", start)
    monkeypatch.setattr(tasks.fetch_wanted_images, "apply_async", lambda **call: later.append(call))
    product = ProductFactory()
    images = [
        ProductImage.objects.create(product=product, source_url=f"https://{host}.example/{number}", state="WANTED")
        for number, host in enumerate(("i", "I", "other"))
    ]
    tasks.fetch_wanted_images(limit=2)
    assert started == [images[0].pk, images[1].pk]
    # One server's requests do not begin together.
    assert waits == [0, tasks.FETCH_HOST_SECONDS]
    assert later == [{"kwargs": {"limit": 2, "after": images[1].pk}, "countdown": tasks.FETCH_PAUSE_SECONDS}]
    tasks.fetch_wanted_images(**later[0]["kwargs"])
    assert started == [image.pk for image in images]
    assert len(later) == 1


def test_what_deserves_a_look_stands_above_the_button(client, send, confirm):
    send(merchant(SAUCISSON))
    confirm(CatalogueImport.objects.get())
    changed = SAUCISSON.replace("4,50", "45,00")
    weightless = "ref;nom;rayon;prix_ttc;poids\nA;Thé;Thés;3,00;2\n"
    page = client.get(send(merchant(changed)).url).text
    assert "1 prix change de plus de 30\xa0%." in page.replace("\u202f", "\xa0").replace(" %", "\xa0%")
    assert "4,50" in page.partition("À regarder d’abord")[2]
    page = client.get(send(weightless).url).text
    assert "1 nouveau produit sera épuisé." in page
    assert "1 produit est à relire" in page
    assert "poids sans unité connue" in page


def test_doubtful_letters_can_be_chosen_and_stay_so_when_written(
    client, send, confirm, django_capture_on_commit_callbacks
):
    content = "ref;nom;rayon;prix\nA;Noël;Fêtes;3,00\n".encode("mac_roman").replace(b"\x90", b"e")
    response = send(content.replace(b"F\x90tes", b"Fetes"))
    page = client.get(response.url).text
    assert "n’est pas sûr" in page
    assert (page.count('name="encoding"'), "Noël" in page) == (3, True)
    received = CatalogueImport.objects.get()
    url = reverse("admin:catalogue_import_encoding", args=[received.pk])
    assert "Cet encodage n’est pas à choisir" in client.post(url, {"encoding": "rot13"}, follow=True).text
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"encoding": "mac_roman"})
    confirm(received)
    assert Product.objects.get().name_fr == "Noël"
    assert "Cet encodage n’est pas à choisir" in client.post(url, {"encoding": "cp850"}, follow=True).text


def test_pictures_that_failed_are_listed_and_asked_for_again(client, send):
    send(merchant(PICTURED))
    received, now = CatalogueImport.objects.get(), timezone.now()
    catalogue_imports.confirm_import(received=received, by=User.objects.get(), now=now)
    catalogue_imports.apply_import(import_id=received.pk, now=now)
    ProductImage.objects.update(state="FAILED", failure="Il n’y a pas d’image à cette adresse (réponse 404).")
    page = client.get(reverse(CHANGE, args=[received.pk])).text
    assert "réponse 404" in page
    assert "https://images.example/1.jpg" in page
    client.post(reverse("admin:catalogue_import_ask_again", args=[received.pk]))
    assert ProductImage.objects.get().state == "WANTED"
    assert "Redemander ces images" not in client.get(reverse(CHANGE, args=[received.pk])).text


def test_an_unforeseen_error_ends_the_import_and_says_so(client, send, confirm, monkeypatch):
    def fail(*_args):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(type(documents()), "_open", fail)
        page = client.get(send(merchant(SAUCISSON)).url)
    assert "Refresh" not in page
    assert "Une erreur de notre part a interrompu l’aperçu" in page.text
    send(merchant(SAUCISSON))
    received = CatalogueImport.objects.first()
    with monkeypatch.context() as broken:
        broken.setattr(type(documents()), "_open", fail)
        confirm(received)
    page = client.get(reverse(CHANGE, args=[received.pk]))
    assert "Ce qui était écrit le reste" in page.text
    assert set(CatalogueImport.objects.values_list("status", flat=True)) == {CatalogueImport.Status.REFUSED}


def test_a_workbook_is_previewed_and_imported(send, confirm):
    send(workbook(["Réf", "Nom", "Rayon", "Prix TTC"], ["A", "Thé", "Thés", 3.5]), name="liste.xlsx")
    confirm(CatalogueImport.objects.get())
    assert Product.objects.get().name_fr == "Thé"
