"""Lists of prospects as files: taken away, and brought in."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import DataAccess
from apps.backoffice.tests.prospects import colleague
from apps.common.documents import documents
from apps.common.tests.races import race
from apps.common.tests.tables import workbook
from apps.prospects import tasks
from apps.prospects.columns import ColumnsChoice
from apps.prospects.models import Prospect, ProspectImport, Stage
from apps.prospects.services.imports import choose_columns, import_prospects, receive_prospects
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "admin:prospects_prospectimport_add"
FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def staff(client):
    make_stages()
    user = colleague()
    client.force_login(user)
    return user


def export(client, kind, query=""):
    page = client.get(reverse("admin:prospects_prospect_export") + query)
    names = [name for form in [page.context["form"]] for name in form.fields if name.startswith("prospectresource_")]
    return client.post(
        reverse("admin:prospects_prospect_export") + query,
        {"format": kind, "resource": "", **dict.fromkeys(names, "on")},
    )


def send(client, content, name="liste.csv"):
    content = content if isinstance(content, bytes) else content.encode()
    return client.post(reverse(ADD), {"file": SimpleUploadedFile(name, content)})


class TestExport:
    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    @pytest.mark.parametrize("name", ["first_name", "company", "message", "source", "phone", "next_action"])
    def test_no_cell_is_a_formula(self, client, staff, name, start):
        ProspectFactory(**{name: f"{start}1+1"})
        (row,) = csv.DictReader(io.StringIO(export(client, "0").content.decode()))
        assert f"'{start}1+1" in {cell.replace("\n", "\r") for cell in row.values()}
        assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]

    def test_no_cell_of_a_workbook_is_a_formula(self, client, staff):
        ProspectFactory(company=FORMULA)
        sheet = openpyxl.load_workbook(io.BytesIO(export(client, "1").content)).active
        cells = [cell for row in sheet for cell in row]
        assert f"'{FORMULA}" in [cell.value for cell in cells]
        assert not [cell for cell in cells if cell.data_type == "f"]

    def test_holds_what_the_list_shows_and_is_logged(self, client, staff):
        stages = make_stages()
        ProspectFactory(last_name="Dedans", stage=stages["contacte"])
        ProspectFactory(last_name="Dehors")
        query = f"?stage__id__exact={stages['contacte'].pk}&q=Dedans"
        body = export(client, "0", query).content.decode()
        assert "Dedans" in body
        assert "Dehors" not in body
        logged = DataAccess.objects.get()
        assert (logged.by, logged.action, logged.count) == (staff, "EXPORTED", 1)
        assert f"stage__id__exact={stages['contacte'].pk}" in logged.detail
        assert "Dedans" not in logged.detail

    def test_asks_as_many_queries_for_many_as_for_few(self, client, staff, polled_revisions):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        ProspectFactory(assignee=staff)
        with CaptureQueriesContext(connection) as few:
            export(client, "0")
        for _ in range(30):
            ProspectFactory(assignee=staff)
        with CaptureQueriesContext(connection) as many:
            export(client, "0")
        assert len(many) == len(few)


class TestImport:
    def test_shows_first_then_writes_once(self, client, staff):
        ProspectFactory(email="connu@exemple.fr")
        content = (
            "Prénom;Nom;E-mail;Téléphone;Étape\n"
            "Léa;Petit;lea@exemple.fr;06 12 34 56 78;Contacté\n"
            "Paul;Grand;pas une adresse;;\n"
            ";;sans.nom@exemple.fr;;\n"
            "Zoé;Connue;CONNU+x@exemple.fr;;\n"
            "Léa;Petit;LEA@exemple.fr;;\n"
            "Max;Rien;max@exemple.fr;;Nulle part\n"
        )
        response = send(client, content)
        received = ProspectImport.objects.get()
        assert response.url == reverse("admin:prospects_prospectimport_change", args=[received.pk])
        assert Prospect.objects.count() == 1
        report = received.report
        assert (report["created"], report["known"], report["rejected"]) == (3, 1, 2)
        assert [line for line, _reason in report["rejects"]] == [3, 6]
        assert report["stages"] == [["Nulle part", 1]]
        page = client.get(response.url).content.decode()
        assert "Ligne 3" in page

        confirm = reverse("admin:prospect_import_confirm", args=[received.pk])
        for _ in range(2):
            assert client.post(confirm).status_code == 302
        card = Prospect.objects.get(email="lea@exemple.fr")
        assert (card.stage.code, card.phone_key, card.consent_at) == ("contacte", "33612345678", None)
        assert card.events.get().by == staff
        assert DataAccess.objects.get().count == 3
        assert not documents().exists(received.file.name)

        send(client, content)
        assert ProspectImport.objects.first().report["created"] == 0

    def test_reads_a_workbook(self, client, staff):
        rows = [["Nom", "E-mail", "Téléphone", "date de la prochaine action"], ["Petit", "lea@exemple.fr", 612345678]]
        send(client, workbook(*rows), "liste.xlsx")
        assert ProspectImport.objects.get().report["created"] == 1

    def test_takes_back_what_was_exported(self, client, staff):
        ProspectFactory(company=FORMULA, next_action_date=timezone.localdate(), next_action="@home")
        body = export(client, "0").content
        before = Prospect.objects.get()
        Prospect.objects.update(deleted_at=timezone.now())
        send(client, body)
        client.post(reverse("admin:prospect_import_confirm", args=[ProspectImport.objects.get().pk]))
        after = Prospect.objects.not_deleted().get()
        for name in ("first_name", "last_name", "email", "company", "next_action", "next_action_date", "stage"):
            assert getattr(after, name) == getattr(before, name)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("vide.csv", b""),
            ("sans.csv", b"Nom\nPetit\n"),
            ("faux.xlsx", b"PK\x03\x04 rien"),
            ("image.png", b"\x89PNG\r\n\x1a\n"),
            ("trop.csv", b"e-mail;nom\n" + b"x" * (5 * 1024 * 1024)),
            ("long.csv", b"e-mail;nom\n" + b"".join(b"a%d@b.fr;n\n" % number for number in range(5001))),
        ],
        ids=["empty", "no e-mail", "damaged workbook", "picture", "too large", "too many lines"],
    )
    def test_says_what_is_wrong_with_a_file(self, client, staff, name, content):
        response = send(client, content, name)
        assert response.status_code == 200
        assert response.context["adminform"].form.errors["file"]
        assert not ProspectImport.objects.exists()

    def test_text_of_a_file_stays_text(self, client, staff):
        send(client, 'nom;e-mail\n<script>alert(1)</script>;"<script>alert(2)</script>"\n')
        page = client.get(reverse("admin:prospects_prospectimport_change", args=[ProspectImport.objects.get().pk]))
        assert "<script>alert" not in page.content.decode()

    def test_what_nobody_confirms_is_deleted(self, client, staff):
        send(client, "nom;e-mail\nPetit;lea@exemple.fr\n")
        name = ProspectImport.objects.get().file.name
        ProspectImport.objects.update(created_at=timezone.now() - timedelta(days=8))
        tasks.purge_deleted()
        assert not ProspectImport.objects.exists()
        assert not documents().exists(name)

    @pytest.mark.mysql
    def test_the_same_list_twice_at_once_adds_each_person_once(self, staff):
        now = timezone.now()
        file = b"nom;e-mail\n" + b"".join(b"n;a%d@b.fr\n" % number for number in range(50))
        lists = [receive_prospects(file=SimpleUploadedFile("a.csv", file), by=staff, now=now) for _ in range(2)]
        race(
            *[
                lambda received=received: import_prospects(import_id=received.pk, by=staff, now=now)
                for received in lists
            ]
        )
        assert Prospect.objects.count() == 50


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Email Address,First Name,Last Name,Phone Number\na@exemple.fr,Claire,Martin,0612345678\n",
         [("a@exemple.fr", "Martin", "0612345678", "")]),
        ('Notes:\n"Some addresses, are missing."\n\nFirst Name,Last Name,URL,Email Address,Company,Connected On\n'
         "Claire,Martin,https://x.example,a@exemple.fr,La Ruche,12 Mar 2025\n",
         [("a@exemple.fr", "Martin", "", "La Ruche")]),
        ("Fichier clients 2026;;;\n;;;\nNom;Prénom;Adresse mail;Raison sociale\nMartin;Claire;a@exemple.fr;La Ruche\n",
         [("a@exemple.fr", "Martin", "", "La Ruche")]),
        ("First Name,Last Name,Email,Phone Number,Company Name\nClaire,Martin,a@exemple.fr,0612345678,La Ruche\n",
         [("a@exemple.fr", "Martin", "0612345678", "La Ruche")]),
    ],
    ids=["mailchimp", "linkedin", "titles", "hubspot"],
)  # fmt: skip
def test_reads_the_lists_that_other_programs_export(staff, text, people):
    received = receive_prospects(file=SimpleUploadedFile("liste.csv", text.encode()), by=staff, now=timezone.now())
    import_prospects(import_id=received.pk, by=staff, now=timezone.now())
    assert list(Prospect.objects.values_list("email", "last_name", "phone", "company")) == people


# The headers as the programs write them in 2026, with invented people: who, phone, company, what else is noted.
EXPORTS = {
    "hubspot": (
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Last Activity Date (CET),Lead Status,"
        "Marketing contact status,Create Date (CET),Associated Company,Associated Company IDs\n"
        "151,Claire,Martin,a@exemple.fr,612345678,,2026-01-05 10:00,Open,Marketing contact,2026-01-04,La Ruche,9\n",
        ("Claire", "Martin", "a@exemple.fr", "0612345678", "La Ruche", "Étape dans le fichier : Open"),
    ),
    "hubspot fr": (
        "ID de fiche d’informations;Prénom;Nom;E-mail;Numéro de téléphone;Propriétaire du contact;Statut du lead;"
        "Date de création;Entreprise associée\n151;Claire;Martin;a@exemple.fr;+33 6 12 34 56 78;;;04/01/2026;Ruche\n",
        ("Claire", "Martin", "a@exemple.fr", "+33 6 12 34 56 78", "Ruche", ""),
    ),
    "pipedrive": (
        "Person - ID,Person - Name,Person - Label,Person - Organization,Person - Email - Work,Person - Email - Home,"
        "Person - Email - Other,Person - Phone - Work,Person - Phone - Home,Person - Phone - Mobile,Person - Owner\n"
        "7,Claire Martin,,La Ruche,,a@exemple.fr,b@exemple.fr,04 78 00 00 00,,06 12 34 56 78,Zoé\n",
        ("Claire", "Martin", "a@exemple.fr", "06 12 34 56 78", "La Ruche",
         "Autre adresse e-mail : b@exemple.fr\nAutre téléphone : 04 78 00 00 00"),
    ),
    "mailchimp": (
        '"Email Address","First Name","Last Name",Address,"Phone Number",Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,'
        "CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
        'a@exemple.fr,,,,,,2,"2025-03-01 10:00:00",,"2025-03-01 10:00:00",192.0.2.1,,,,,,,,'
        '"2025-03-01 10:00:00",1,x,,"""Marché"""\n',
        ("", "a", "a@exemple.fr", "", "", ""),
    ),
    "brevo": (
        "CONTACT ID;EMAIL;NOM;PRENOM;SMS;WHATSAPP;DOUBLE_OPT-IN;ADDED_TIME;MODIFIED_TIME\n"
        "3;a@exemple.fr;Martin;Claire;33612345678;;Oui;01-03-2025 10:00:00;01-03-2025 10:00:00\n",
        ("Claire", "Martin", "a@exemple.fr", "+33612345678", "", ""),
    ),
    "linkedin": (
        'Notes:\n"When exporting your connection data, you may notice that some of the email addresses are."\n\n'
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Claire,Martin,https://www.linkedin.com/in/x,a@exemple.fr,La Ruche,Gérante,12 Mar 2025\n"
        "Luc,Petit,https://www.linkedin.com/in/y,,,,13 Mar 2025\n",
        ("Claire", "Martin", "a@exemple.fr", "", "La Ruche", ""),
    ),
    "outlook": (
        "First Name,Middle Name,Last Name,Title,Suffix,Nickname,Company,Department,Job Title,Business Street,"
        "Business City,Business Phone,Home Phone,Mobile Phone,E-mail Address,E-mail Type,E-mail 2 Address,Notes\n"
        "Claire,,Martin,,,,La Ruche,,Gérante,,,04 78 00 00 00,,,a@exemple.fr,SMTP,b@exemple.fr,Rencontrée au salon\n",
        ("Claire", "Martin", "a@exemple.fr", "04 78 00 00 00", "La Ruche",
         "Rencontrée au salon\nAutre adresse e-mail : b@exemple.fr"),
    ),
    "outlook fr": (
        "Titre;Prénom;Deuxième prénom;Nom;Suffixe;Société;Service;Téléphone (bureau);Téléphone (domicile);Tél. mobile;"
        "Adresse de messagerie;Adresse de messagerie 2;Notes\n"
        "Mme;Claire;;Martin;;La Ruche;;;;06 12 34 56 78;a@exemple.fr;;\n",
        ("Claire", "Martin", "a@exemple.fr", "06 12 34 56 78", "La Ruche", ""),
    ),
    "google": (
        "First Name,Middle Name,Last Name,Phonetic First Name,Nickname,File As,Organization Name,Organization Title,"
        "Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,"
        "Phone 1 - Label,Phone 1 - Value\n"
        "Claire,,Martin,,,,La Ruche,,,,,* myContacts,*,a@exemple.fr ::: c@exemple.fr,Work,b@exemple.fr,"
        "Mobile,06 12 34 56 78 ::: 04 78 00 00 00\n",
        ("Claire", "Martin", "a@exemple.fr", "06 12 34 56 78", "La Ruche",
         "Autre adresse e-mail : c@exemple.fr\nAutre adresse e-mail : b@exemple.fr\nAutre téléphone : 04 78 00 00 00"),
    ),
    "google of before": (
        "Name,Given Name,Additional Name,Family Name,Birthday,Notes,Group Membership,E-mail 1 - Type,E-mail 1 - Value,"
        "Phone 1 - Type,Phone 1 - Value,Organization 1 - Name\n"
        "Claire Martin,Claire,,Martin,,,* My Contacts,*,a@exemple.fr,Mobile,0612345678,La Ruche\n",
        ("Claire", "Martin", "a@exemple.fr", "0612345678", "La Ruche", ""),
    ),
    "excel": (
        "Liste des clients du salon;;;\n\nNom et prénom;Mail;N° de téléphone;Observations\n"
        "MARTIN Claire;a@exemple.fr;6 12 34 56 78;À rappeler\n",
        ("Claire", "MARTIN", "a@exemple.fr", "06 12 34 56 78", "", "À rappeler"),
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("program", EXPORTS)
def test_reads_whole_rows_of_the_exports_of_other_programs(staff, program):
    text, expected = EXPORTS[program]
    brought(staff, text)
    card = Prospect.objects.get()
    found = (card.first_name, card.last_name, card.email, card.phone, card.company, card.message)
    assert found == expected
    # What a file says of a consent is no proof of it.
    assert (card.consent_at, card.consent_version) == (None, "")


@pytest.mark.django_db
@pytest.mark.parametrize(("cell", "phone"), [
    ("612345678", "0612345678"), ("6 12 34 56 78", "06 12 34 56 78"), ("0612345678", "0612345678"),
    ("+33 6 12 34 56 78", "+33 6 12 34 56 78"), ("12345678", "12345678"), ("1234567890", "1234567890"),
])  # fmt: skip
def test_a_zero_that_a_spreadsheet_took_comes_back(staff, cell, phone):
    brought(staff, f"nom;e-mail;téléphone\nPetit;lea@exemple.fr;{cell}\n")
    assert Prospect.objects.get().phone == phone


@pytest.mark.django_db
@pytest.mark.parametrize(("cell", "email", "message"), [
    ('"lea@exemple.fr, Petit <petit@exemple.fr>"', "lea@exemple.fr", "Autre adresse e-mail : petit@exemple.fr"),
    ("Léa Petit <lea@exemple.fr>", "lea@exemple.fr", ""),
    ("inconnue / lea@exemple.fr", "lea@exemple.fr", ""),
])  # fmt: skip
def test_of_several_addresses_the_first_counts_and_the_others_are_noted(staff, cell, email, message):
    brought(staff, f"nom|e-mail\nPetit|{cell}\n")
    assert list(Prospect.objects.values_list("email", "message")) == [(email, message)]


@pytest.mark.django_db
def test_words_for_stages_are_asked_and_never_refuse_a_person(client, staff):
    send(client, "nom;e-mail;statut\nA;a@exemple.fr;Client\nB;b@exemple.fr;À rappeler\nC;c@exemple.fr;client\n")
    received = ProspectImport.objects.get()
    assert received.report["stages"] == [["Client", 1], ["À rappeler", 1], ["client", 1]]
    page = client.get(reverse("admin:prospects_prospectimport_change", args=[received.pk]))
    assert "« À rappeler », 1 personne" in page.content.decode()
    confirm = reverse("admin:prospect_import_confirm", args=[received.pk])
    client.post(confirm, {"stage-0": "nulle-part"})
    assert not Prospect.objects.exists()
    client.post(confirm, {"stage-0": "contacte", "stage-1": ""})
    stages = dict(Prospect.objects.values_list("email", "stage__code"))
    first = Stage.objects.order_by("position", "pk").first().code
    assert stages == {"a@exemple.fr": "contacte", "b@exemple.fr": first, "c@exemple.fr": "contacte"}
    assert "À rappeler" in Prospect.objects.get(email="b@exemple.fr").message


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [True, False])
def test_known_people_are_completed_where_empty_when_asked(client, staff, asked):
    card = ProspectFactory(email="lea@exemple.fr", phone="", company="La Ruche")
    send(client, "nom;e-mail;téléphone;société\nAutre;lea@exemple.fr;612345678;Autre SARL\n")
    received = ProspectImport.objects.get()
    assert (received.report["created"], received.report["completed"]) == (0, 1)
    client.post(reverse("admin:prospect_import_confirm", args=[received.pk]), {"completes": "on"} if asked else {})
    version = card.version
    card.refresh_from_db()
    assert (card.phone, card.phone_key) == (("0612345678", "33612345678") if asked else ("", ""))
    assert (card.company, card.version) == ("La Ruche", version + asked)


def brought(staff, text: str) -> None:
    received = receive_prospects(file=SimpleUploadedFile("liste.csv", text.encode()), by=staff, now=timezone.now())
    import_prospects(import_id=received.pk, by=staff, now=timezone.now())


class TestColumns:
    LIST = (
        "Qui;Où le joindre;Numéro\nZoé Martin;zoe@exemple.fr;06 12 34 56 78\nNina;nina chez exemple;\n"
        "Luc;luc@exemple.fr;\nPaul;paul@exemple.fr;0612345679\n"
    )

    def test_are_asked_where_none_is_called_an_address(self, client, staff):
        page = client.post(reverse(ADD), {"file": SimpleUploadedFile("l.csv", self.LIST.encode())}, follow=True)
        received = ProspectImport.objects.get()
        url = reverse("admin:prospect_import_columns", args=[received.pk])
        assert (received.status, page.redirect_chain[-1][0]) == (ProspectImport.Status.COLUMNS, url)
        assert [each["field"].initial for each in page.context["form"].columns()] == ["", "email", "phone"]
        given = {"column-0": "full_name", "column-1": "", "column-2": "phone", "has_header": "on"}
        assert client.post(url, given).status_code == 422
        page = client.post(url, {**given, "column-1": "email"}, follow=True)
        rejects = client.get(reverse("admin:prospect_import_rejects", args=[received.pk]))
        assert "nina chez exemple" in rejects.content.decode("utf-8-sig").splitlines()[1]
        client.post(reverse("admin:prospect_import_confirm", args=[received.pk]))
        zoe = Prospect.objects.get(email="zoe@exemple.fr")
        assert (zoe.first_name, zoe.last_name, zoe.phone) == ("Zoé", "Martin", "06 12 34 56 78")
        assert Prospect.objects.count() == 3
        assert client.get(reverse("admin:prospect_import_rejects", args=[received.pk])).status_code == 404
        # The next list with these columns begins with what was said.
        page = client.post(reverse(ADD), {"file": SimpleUploadedFile("m.csv", self.LIST.encode())}, follow=True)
        assert [each["field"].initial for each in page.context["form"].columns()] == ["full_name", "email", "phone"]
        assert page.context["form"].offered == "l.csv"

    def test_several_addresses_may_be_chosen(self, client, staff):
        client.post(reverse(ADD), {"file": SimpleUploadedFile("l.csv", b"a;b\nzoe@exemple.fr;z@exemple.fr\n")})
        received = ProspectImport.objects.get()
        choice = ColumnsChoice({"a": "email", "b": "email"})
        choose_columns(received=received, choice=choice)
        import_prospects(import_id=received.pk, by=staff, now=timezone.now())
        assert Prospect.objects.values_list("email", "message").get() == (
            "zoe@exemple.fr",
            "Autre adresse e-mail : z@exemple.fr".replace(" :", "\u202f:"),
        )
