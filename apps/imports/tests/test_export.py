import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    EconomicOperator,
    PriceEntry,
    Product,
    ProductImage,
    Variant,
)
from apps.catalogue.services import prices
from apps.catalogue.services.ledgers import check_ledgers
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.imports.catalogue.export import write_catalogue
from apps.imports.tests.importing import NOW, imported, merchant, rejected, written

pytestmark = pytest.mark.django_db


def exported() -> str:
    stream = io.StringIO(newline="")
    write_catalogue(stream)
    return stream.getvalue()


def emptied() -> None:
    """Deletes the catalogue below the ORM's guards, ledgers included."""
    tables = [table for table in connection.introspection.table_names() if table.startswith("catalogue_")]
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608


@pytest.fixture
def catalogue():
    """One of everything that a catalogue can hold."""
    top = CategoryFactory(name_fr="Arts de la table", name_en="Tableware", tint="sauge", description_en="Plates, cups")
    below = CategoryFactory(parent=top, name_fr="Tasses", slug_fr="tasses", slug_en="cups", is_visible=False)
    maker = EconomicOperator.objects.create(
        name="Poterie Dubois", postal_address="1 rue du Four, Lyon", electronic_address="a@poterie.example"
    )
    product = ProductFactory(
        code="TASSE",
        category=below,
        name_fr="Tasse « Été » ; grès",
        name_en="=Summer cup",
        description_fr="<p>Ligne 1\nligne 2</p>",
        option1_name_fr="Couleur",
        option1_name_en="Colour",
        origin_fr="Drôme",
        manufacturer=maker,
        responsible_person=maker,
        safety_warnings_fr="Chaud",
        vat_class="STANDARD",
        withdrawal_exception="HYGIENE",
    )
    colour = Attribute.objects.create(code="matiere", name_fr="Matière", name_en="Material", position=3)
    weight = Attribute.objects.create(code="poids", name_fr="Poids", kind="NUMBER", unit="g", is_facet=False)
    product.attribute_values.add(
        AttributeValue.objects.create(attribute=colour, slug="gres", label_fr="Grès", label_en="Stoneware"),
        AttributeValue.objects.create(attribute=weight, slug="300", label_fr="300 g", number="300.5"),
    )
    blue = VariantFactory(product=product, sku="T-B", option1_fr="Bleu", option1_en="Blue", ean13="3560070139675")
    red = VariantFactory(
        product=product, sku="'T-R", position=1, on_hand=0, is_active=False, content_quantity="250", content_unit="GRAM"
    )
    red.stock.low_threshold = 7
    red.stock.save()
    now = NOW + timedelta(days=365)
    prices.set_price(variant=blue, amount=Decimal("14.00"), reason="hausse; « grès »", now=now)
    prices.start_reduction(variant=blue, amount=Decimal("9.90"), author=None, now=now + timedelta(days=40))
    ProductImage.objects.create(
        product=product, source_url="https://i.example/a.jpg", state="WANTED", alt_en="Blue cup", variant=blue
    )
    ProductImage.objects.create(
        product=product, file="products/1/b.webp", width=8, height=6, renditions=[320, 640], position=1
    )
    ProductFactory(code="BROUILLON", state=Product.State.DRAFT, published_at=None, brand=None)
    Brand.objects.create(name="Sans produit", slug="seule")
    return now + timedelta(days=41)


def test_the_export_comes_back_without_a_difference(catalogue):
    before = exported()
    emptied()
    assert (Product.objects.count(), PriceEntry.objects.count(), Category.objects.count()) == (0, 0, 0)
    report = imported(before, now=catalogue)
    assert (report.created, report.rejected, report.rejects) == (2, 0, [])
    assert exported() == before
    assert check_ledgers() == []
    variant = Variant.objects.get(sku="T-B")
    assert (variant.price, variant.regular_price, variant.reference_price) == (
        Decimal("9.90"),
        Decimal("14.00"),
        Decimal("14.00"),
    )


def test_importing_it_into_the_same_shop_changes_nothing(catalogue):
    text, before = exported(), written()
    report = imported(text, now=catalogue)
    assert (report.created, report.updated, report.defined, report.rejected) == (0, 0, 0, 0)
    assert written() == before
    assert exported() == text


def test_what_the_file_leaves_out_of_a_product_is_removed(catalogue):
    text = exported().replace("matiere:gres|poids:300", "poids:300").replace("Chaud", "")
    report = imported(text, now=catalogue)
    product = Product.objects.get(code="TASSE")
    assert report.updated == 1
    assert [value.slug for value in product.attribute_values.all()] == ["300"]
    assert product.safety_warnings_fr == ""


def test_a_file_without_the_withdrawal_column_leaves_it_as_it_is(catalogue):
    rows = list(csv.reader(io.StringIO(exported(), newline=""), delimiter=";"))
    place = rows[0].index("retractation")
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=";").writerows(row[:place] + row[place + 1 :] for row in rows)
    report = imported(stream.getvalue(), now=catalogue)
    assert (report.created, report.updated, report.rejected) == (0, 0, 0)
    assert Product.objects.get(code="TASSE").withdrawal_exception == "HYGIENE"


def test_an_empty_withdrawal_cell_gives_the_right_back(catalogue):
    report = imported(exported().replace(";HYGIENE;", ";;"), now=catalogue)
    assert (report.updated, report.rejected) == (1, 0)
    assert Product.objects.get(code="TASSE").withdrawal_exception == ""


def test_text_that_a_spreadsheet_would_run_is_guarded(catalogue):
    assert ";'=Summer cup;" in exported()


@pytest.mark.parametrize(
    ("found", "put", "reason"),
    [
        (";PUBLISHED;", ";EN LIGNE;", "« publication »"),
        (";HYGIENE;", ";PEUT-ETRE;", "« retractation »"),
        ("T-B;TASSE;", "T-B;AUTRE;", "produit inconnu « AUTRE »"),
        ("TASSE;tasses;", "TASSE;verres;", "rayon inconnu"),
        (";3560070139675;", ";3560070139676;", "« ean13 »"),
        ("[{", "[[{", "cellule JSON illisible"),
        ("products/1/b.webp", "../../etc/passwd", "image refusée"),
        ("REDUCTION", "SOLDES", "historique des prix illisible"),
        (";14,00;", ";15,00;", "le prix n’est pas le dernier prix courant"),
        ("modele;T-B", "model;T-B", "type inconnu"),
        ("marque;seule;", "marque;à nous;", "« code »"),
    ],
)
def test_bad_cells_are_rejected_with_a_reason(catalogue, found, put, reason, tmp_path):
    text = exported()
    assert found in text
    emptied()
    rows = rejected(text.replace(found, put, 1), tmp_path / "r.csv", now=catalogue)
    assert any(row[1].startswith(reason) for row in rows)


def test_the_commands_carry_a_catalogue_from_shop_to_shop(catalogue, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ProductImage.objects.filter(state=ProductImage.State.WANTED).delete()
    Variant.objects.get(sku="T-B").delete()
    call_command("export_catalogue", "a.csv")
    emptied()
    call_command("import_catalogue", "a.csv")
    call_command("export_catalogue", "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    output = capsys.readouterr().out
    assert "2 produits dans a.csv" in output
    assert "produits créés" in output
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "b.csv"}


def test_the_command_says_what_was_refused_and_where_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "liste.csv").write_text(merchant("3560070139675;Thé;;Thés;gratuit;5,5;1;"), encoding="cp1252")
    call_command("import_catalogue", "liste.csv")
    output = capsys.readouterr().out
    assert "1 × prix illisible" in output
    assert "ligne 2" in output
    assert "liste.rejets.csv" in output
    assert (tmp_path / "liste.rejets.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.csv"], "n’existe pas"),
        (
            [
                ".",
            ],
            "ne peut pas être lu",
        ),
        (["liste.csv", "--rejects", "liste.csv"], "remplacerait le catalogue"),
        (["liste.csv", "--format", "shopify"], "Il manque la colonne"),
        (["liste.csv", "--rejects", "absent/r.csv"], "absent/r.csv"),
    ],
)
def test_the_command_fails_with_a_sentence(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "liste.csv").write_text(merchant("3560070139675;Thé;;Thés;;5,5;1;"))
    with pytest.raises(CommandError, match=words):
        call_command("import_catalogue", *arguments)
