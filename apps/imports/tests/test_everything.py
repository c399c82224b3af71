"""Everything out again: complete, documented, short-lived, and no cell is a formula."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.accounts.models import DataAccess
from apps.accounts.tests.factories import AddressFactory, StaffFactory, UserFactory
from apps.catalogue.tests.factories import VariantFactory
from apps.comments.tests.factories import CommentFactory
from apps.imports import retention, tasks
from apps.imports.catalogue.formats import Format, detect
from apps.imports.everything.sheets import sheets
from apps.imports.everything.writing import TableFiles
from apps.imports.models import ShopExport
from apps.imports.services import shop_exports
from apps.imports.services.shop_exports import ExportUnderWay
from apps.imports.tests.importing import source_of
from apps.orders.models import PastOrder
from apps.orders.tests.factories import OrderFactory
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.either_database]
NOW = timezone.now()
FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def shop():
    make_stages()
    user = UserFactory(email="zoe@exemple.fr", first_name=FORMULA)
    AddressFactory(user=user)
    StaffFactory(email="equipe@exemple.fr")
    VariantFactory(sku="MIEL-1", product__name_fr=FORMULA)
    OrderFactory(email="zoe@exemple.fr")
    PastOrder.objects.create(
        source="Shopify",
        number="#1001",
        email="zoe@exemple.fr",
        placed_at=NOW,
        state="PAID",
        total=Decimal("12.50"),
        lines=[{"name": "Miel", "sku": "M", "quantity": 1, "price": ""}],
        import_number=1,
    )
    ProspectFactory(company=FORMULA)
    CommentFactory(text=f"{FORMULA}\x07 oui")


def archive_of(tmp_path) -> zipfile.ZipFile:
    path = tmp_path / "tout.zip"
    shop_exports.write_archive(path, now=NOW)
    return zipfile.ZipFile(path)


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(f"csv/{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_every_table_goes_out_three_times_with_the_same_rows(shop, tmp_path):
    with archive_of(tmp_path) as archive:
        for sheet in sheets():
            rows = table(archive, sheet.name)
            found = json.loads(archive.read(f"json/{sheet.name}.json"))
            book = openpyxl.load_workbook(io.BytesIO(archive.read(f"xlsx/{sheet.name}.xlsx")), read_only=True)
            assert len(rows) == len(found) == len(list(book.active.iter_rows())) - 1, sheet.name
            assert all(list(row) == [column.name for column in sheet.columns] for row in found)
        assert [row["email"] for row in table(archive, "clients")] == ["zoe@exemple.fr"]
        assert [row["reference"] for row in table(archive, "produits")] == ["MIEL-1"]
        assert len(table(archive, "commandes")) == len(table(archive, "prospects")) == 1
        assert table(archive, "commandes_anterieures")[0]["total_ttc"] == "12,50"
        assert json.loads(archive.read("json/commandes_anterieures.json"))[0]["lignes"][0]["name"] == "Miel"


def test_no_cell_is_a_formula(shop, tmp_path):
    with archive_of(tmp_path) as archive:
        for sheet in sheets():
            for row in table(archive, sheet.name):
                assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
            book = openpyxl.load_workbook(io.BytesIO(archive.read(f"xlsx/{sheet.name}.xlsx")))
            cells = [cell for row in book.active.iter_rows() for cell in row]
            assert not [cell for cell in cells if cell.data_type == "f"]
        assert table(archive, "clients")[0]["prenom"] == f"'{FORMULA}"
        assert json.loads(archive.read("json/clients.json"))[0]["prenom"] == FORMULA


def test_no_secret_goes_out(shop, tmp_path):
    names = {column.path for sheet in sheets() for column in sheet.columns}
    assert not {name for name in names if {"password", "access_token", "basket_key"} & set(name.split("__"))}


def test_the_readme_explains_each_column(shop, tmp_path):
    with archive_of(tmp_path) as archive:
        text = archive.read("LISEZMOI.txt").decode()
    for sheet in sheets():
        part = text.split(f"\n{sheet.name} — ")[1].split("\n\n")[0]
        for name, what in sheet.explanations():
            assert what
            assert f"\n  {name}\u202f: {what}" in part
    assert "CONFIRMED (confirmée)" in text


def test_the_catalogue_in_it_is_read_again_by_the_import(shop, tmp_path):
    with archive_of(tmp_path) as archive:
        source = source_of(archive.read(shop_exports.CATALOGUE))
    assert detect(source, Format.AUTO) == Format.WEBMARKET


def test_queries_and_memory_are_of_a_batch(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr("apps.imports.everything.sheets._BATCH", 10)
    for _ in range(30):
        UserFactory()
    sheet = next(sheet for sheet in sheets() if sheet.name == "clients")
    with django_assert_num_queries(4):
        assert [len(rows) for rows in sheet.batches()] == [10, 10, 10]


def test_a_workbook_goes_on_on_another_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr("apps.imports.everything.writing.SHEET_ROWS", 3)
    with TableFiles(tmp_path, "essai", ["a"]) as files:
        files.write([(number,) for number in range(5)])
    book = openpyxl.load_workbook(tmp_path / "essai.xlsx")
    assert [[row[0].value for row in sheet.iter_rows()] for sheet in book] == [["a", 0, 1], ["a", 2, 3], ["a", 4]]


class TestTheArchive:
    def test_is_made_stored_taken_by_its_link_and_logged(self, shop):
        owner = StaffFactory(is_superuser=True)
        export = shop_exports.ask_export(by=owner, now=NOW)
        with pytest.raises(ExportUnderWay):
            shop_exports.ask_export(by=owner, now=NOW)
        tasks.export_everything(export_id=export.pk)
        export.refresh_from_db()
        assert export.status == ShopExport.Status.DONE, export.problem
        assert export.counts["clients"] == 1
        assert export.rows == sum(export.counts.values())
        assert export.size == export.file.storage.size(export.file.name)
        token = shop_exports.sign(export, by=owner)
        assert shop_exports.export_of(token, by=owner) == export
        assert shop_exports.export_of(token, by=StaffFactory(is_superuser=True)) is None
        assert shop_exports.export_of(f"{token}x", by=owner) is None
        shop_exports.log_taken(export=export, by=owner, now=NOW)
        access = DataAccess.objects.get()
        assert (access.action, access.count, access.by) == (DataAccess.Action.EXPORTED, export.rows, owner)

    def test_goes_after_two_days(self, shop):
        export = shop_exports.ask_export(by=StaffFactory(), now=NOW)
        tasks.export_everything(export_id=export.pk)
        export.refresh_from_db()
        stored = export.file.name
        assert retention.purge_exports(now=export.finished_at + timedelta(days=2)) == 0
        assert retention.purge_exports(now=export.finished_at + timedelta(days=2, seconds=1)) == 1
        assert not export.file.storage.exists(stored)
        export.refresh_from_db()
        assert export.status == ShopExport.Status.EXPIRED

    def test_a_killed_worker_is_said_and_a_lost_message_is_sent_again(self, shop):
        killed = ShopExport.objects.create(status=ShopExport.Status.RUNNING, beat_at=NOW - timedelta(hours=1))
        lost = ShopExport.objects.create(beat_at=NOW - timedelta(hours=1))
        tasks.tend_exports()
        killed.refresh_from_db()
        lost.refresh_from_db()
        assert (killed.status, lost.status) == (ShopExport.Status.FAILED, ShopExport.Status.DONE)
        assert killed.problem

    def test_an_error_is_said(self, shop, monkeypatch):
        class Full:
            def save(self, *args):
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(ShopExport._meta.get_field("file").storage, "save", Full().save)
        export = shop_exports.ask_export(by=StaffFactory(), now=NOW)
        tasks.export_everything(export_id=export.pk)
        export.refresh_from_db()
        assert export.status == ShopExport.Status.FAILED
        assert export.problem


def test_the_command(shop, tmp_path, capsys):
    path = tmp_path / "tout.zip"
    call_command("export_everything", str(path))
    assert "clients\u202f: 1" in capsys.readouterr().out
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        assert "LISEZMOI.txt" in archive.namelist()
