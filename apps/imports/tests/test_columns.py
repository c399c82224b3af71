"""Files that no format knows: what their columns look like, and what is made of them once a person has chosen."""

import dataclasses
from decimal import Decimal

import pytest

from apps.catalogue.models import Product, Stock, Variant
from apps.catalogue.tests.factories import ProductFactory, VariantFactory
from apps.common.tabular.choice import column_keys
from apps.common.tabular.errors import UnreadableFile
from apps.imports.catalogue.columns import guessed_reading, survey_columns
from apps.imports.catalogue.matching import Supplier
from apps.imports.catalogue.reading import InvalidReading, Key, Missing, New, Reading, Role
from apps.imports.models import ColumnMapping, SuppliedVariant
from apps.imports.services import mappings
from apps.imports.tests.importing import NOW, imported, rejected, source_of
from apps.imports.tests.test_files import variants

LIST = (
    "Réf. fourn.;Gencod;Désignation longue;Tarif public;Dispo;Univers;Visuel 1;Visuel 2\n"
    "F-1;3560070139675;Saucisson sec;4,50 €;12;Frais;https://i.example/a.jpg;https://i.example/b.jpg\n"
    "F-2;3017620422003;Cidre fermier;3,90 €;0;Boissons;;\n"
)


def surveyed(content: str):
    source = source_of(content)
    return survey_columns(source.header, source.rows())


def roles(content: str) -> dict[str, str]:
    return {column.name: str(column.role) for column in surveyed(content)}


def reading_of(content: str, **changes) -> Reading:
    return dataclasses.replace(guessed_reading(surveyed(content)), **changes)


def test_columns_are_guessed_by_words_in_their_names():
    assert roles(LIST) == {
        "Réf. fourn.": "supplier_reference",
        "Gencod": "ean",
        "Désignation longue": "name",
        "Tarif public": "price",
        "Dispo": "stock",
        "Univers": "category",
        "Visuel 1": "image",
        "Visuel 2": "image",
    }


def test_columns_are_guessed_by_what_stands_in_them():
    content = (
        "A;B;C;D;E;F\n"
        "3560070139675;Saucisson sec d’Auvergne;4,50;5,5 %;https://i.example/a.jpg;AB-1\n"
        "3017620422003;Cidre fermier doux;3,90;20 %;https://i.example/b.png;AB-2\n"
        "3760012345670;Miel de lavande;9,90;5,5 %;https://i.example/c.jpg;AB-3\n"
    )
    assert list(roles(content).values()) == ["ean", "name", "price", "vat", "image", "reference"]


@pytest.mark.parametrize("name", ["Prix d’achat HT", "PA HT coût", "Prix de revient", "Marge", "Total TTC"])
def test_what_the_shop_pays_is_no_price(name):
    assert roles(f"Ref;Nom;{name}\nA;Thé vert;4,50\nB;Thé noir;5,50\n")[name] == ""


def test_each_column_comes_with_three_values_and_few_words():
    states = {column.name: column for column in surveyed("Ref;Etat\nA;Actif\nB;Epuisé\nC;Actif\nD;Arrêté\n")}
    assert states["Ref"].samples == ["A", "B", "C"]
    assert states["Etat"].words == ["Actif", "Epuisé", "Arrêté"]


def test_columns_of_one_name_or_none_are_told_apart():
    assert column_keys(["Prix", "", "Prix"]) == ["prix", "colonne_2", "prix#2"]
    assert column_keys(["Thé", "4,50"], has_header=False) == ["colonne_1", "colonne_2"]
    assert column_keys(["rejet_ligne", "rejet_motif", "colonne 1"], has_header=False)[2] == "colonne_1"


@pytest.mark.parametrize(("changes", "words"), [
    ({"columns": {}}, "Aucune colonne"),
    ({"columns": {"a": Role.NAME, "b": Role.NAME, "c": Role.REFERENCE}}, "2 colonnes"),
    ({"columns": {"a": Role.NAME, "b": Role.PRICE}}, "se retrouvent par"),
    ({"columns": {"a": Role.REFERENCE}}, "« nom"),
    ({"columns": {"a": Role.SUPPLIER}, "key": Key.SUPPLIER}, "fournisseur"),
    ({"columns": {"a": Role.REFERENCE}, "new": New.SKIP, "missing": Missing.ZERO}, "nom du fournisseur"),
])  # fmt: skip
def test_choices_that_cannot_be_are_refused_with_what_to_choose(changes, words):
    with pytest.raises(InvalidReading, match=words):
        dataclasses.replace(Reading(columns={}), **changes).check()


def test_a_reading_is_kept_as_json():
    reading = reading_of(LIST, states={"actif": "PUBLISHED"}, missing=Missing.ZERO, supplier="Grossiste")
    again = Reading.from_json(reading.as_json())
    assert (again.as_json(), again.key, again.missing) == (reading.as_json(), Key.EAN, Missing.ZERO)
    for damaged in ({}, {**reading.as_json(), "key": "colour"}, {**reading.as_json(), "columns": 3}):
        with pytest.raises(InvalidReading):
            Reading.from_json(damaged)


@pytest.mark.django_db
def test_new_products_are_drafts_unless_it_is_chosen_otherwise():
    imported(LIST, reading=reading_of(LIST))
    assert set(Product.objects.values_list("state", flat=True)) == {"DRAFT"}
    assert variants("sku", "ean13", "price", "stock__on_hand") == [
        ("3560070139675", "3560070139675", Decimal("4.50"), 12),
        ("3017620422003", "3017620422003", Decimal("3.90"), 0),
    ]
    saucisson = Product.objects.get(name_fr="Saucisson sec")
    assert (saucisson.category.name_fr, saucisson.images.count()) == ("Frais", 2)
    report = imported(LIST, reading=reading_of(LIST))
    assert (report.created, report.updated, report.unchanged) == (0, 0, 2)
    more = "EAN;Nom;Prix\n3760012345670;Miel;9,90\n"
    imported(more, reading=reading_of(more, new=New.PUBLISHED))
    assert Product.objects.get(name_fr="Miel").state == "PUBLISHED"


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "column", "value"), [
    (Key.SKU, "Ref", "FAR-1"), (Key.SKU, "Ref", "far-1"), (Key.EAN, "EAN", "3560070139675"),
    (Key.EAN, "EAN", '="3560070139675"'), (Key.CODE, "Code parent", "farine"), (Key.SUPPLIER, "Ref fournisseur", "X9"),
])  # fmt: skip
def test_a_supplier_changes_price_and_stock_alone(key, column, value):
    product = ProductFactory(code="farine", name_fr="Farine de blé", description_fr="<p>Moulue ici.</p>")
    product.variants.all().delete()
    variant = VariantFactory(product=product, sku="FAR-1", ean13="3560070139675", price=Decimal("2.50"), on_hand=3)
    mapping = ColumnMapping.objects.create(name="Moulin")
    SuppliedVariant.objects.create(mapping=mapping, variant=variant, reference="X9")
    content = f"{column};Libellé;Prix TTC;Stock\n{value};FARINE T65 SAC;2,80;40\nZZZ;Autre;1,00;1\n"
    reading = reading_of(content, key=key, new=New.SKIP, supplier="Moulin")
    columns = {name: role for name, role in reading.columns.items() if name != "libelle"}
    columns[column_keys([column])[0]] = {"sku": Role.REFERENCE, "ean": Role.EAN, "code": Role.CODE}.get(
        key, Role.SUPPLIER
    )
    content = content if key != Key.EAN else content.replace("ZZZ", "3017620422003")
    report = imported(content, reading=dataclasses.replace(reading, columns=columns), supplier=Supplier(mapping))
    variant.refresh_from_db()
    product.refresh_from_db()
    assert (variant.price, variant.stock.on_hand, product.name_fr) == (Decimal("2.80"), 40, "Farine de blé")
    assert product.description_fr == "<p>Moulue ici.</p>"
    assert (report.updated, report.created, report.rejected) == (1, 0, 0)
    assert report.warnings["inconnu de la boutique : laissé de côté"] == 1


@pytest.mark.django_db
def test_lines_of_one_product_are_its_variants():
    content = (
        "Modèle;Ref;Nom;Taille;Couleur;Prix;Photo\n"
        "PULL;P-S;Pull marin;S;Bleu;59,00;https://i.example/s.jpg\n"
        "PULL;P-M;Pull marin;M;Bleu;59,00;https://i.example/m.jpg\n"
        "BONNET;B;Bonnet;;;19,00;\n"
    )
    reading = reading_of(content)
    reading = dataclasses.replace(reading, columns={**reading.columns, "modele": Role.CODE})
    report = imported(content, reading=reading)
    assert report.created == 2
    assert variants("product__code", "sku", "option1_fr", "option2_fr") == [
        ("PULL", "P-S", "S", "Bleu"), ("PULL", "P-M", "M", "Bleu"), ("BONNET", "B", "", ""),
    ]  # fmt: skip
    pull = Product.objects.get(code="PULL")
    assert (pull.option1_name_fr, pull.option2_name_fr, pull.images.count()) == ("Taille", "Couleur", 2)
    lines = content.splitlines(keepends=True)
    apart = imported("".join([lines[0], lines[2], lines[3], lines[1]]), reading=reading)
    assert (apart.created, apart.updated, apart.rejected, Variant.objects.count()) == (0, 0, 0, 3)


@pytest.mark.django_db
def test_rayons_stand_in_levels_over_columns_or_in_one_cell():
    content = (
        "Ref;Nom;Prix;Univers;Famille\nA;Thé;3,00;Épicerie;Thés > Noirs\nB;Café;3,00;Boissons, Épicerie > Cafés;\n"
    )
    report = imported(content, reading=reading_of(content, levels=">", lists=","))
    paths = {
        product.code: product.category.get_ancestors().values_list("name_fr", flat=True)
        for product in Product.objects.select_related("category")
    }
    assert {code: [*names] for code, names in paths.items()} == {"A": ["Épicerie", "Thés"], "B": ["Épicerie"]}
    assert [text for text in report.warnings if text.startswith("plusieurs rayons")]


@pytest.mark.django_db
def test_words_of_a_state_and_rules_of_taxes_mean_what_was_chosen():
    content = (
        "Ref;Nom;Prix HT;Regle de taxes;Statut\nA;Thé;10,00;R1;ok\nB;Café;10,00;R2;fin de série\nC;Eau;10,00;R9;ok\n"
    )
    reading = reading_of(
        content,
        new=New.PUBLISHED,
        states={"ok": "PUBLISHED", "fin de serie": "ARCHIVED"},
        rates={"R1": "REDUCED", "R2": "STANDARD"},
    )
    report = imported(content, reading=reading)
    assert variants("sku", "price", "product__state", "product__vat_class") == [
        ("A", Decimal("10.55"), "PUBLISHED", "REDUCED"),
        ("B", Decimal("12.00"), "ARCHIVED", "STANDARD"),
    ]
    assert "R9" in report.rejects[0].reason


@pytest.mark.django_db
@pytest.mark.parametrize(("charges", "amount"), [(False, "10.00"), (True, "8.00")])
def test_a_sale_price_is_charged_only_where_that_is_chosen(charges, amount):
    content = "Ref;Nom;Prix;Prix promo\nA;Thé;10,00;8,00\nB;Café;10,00;12,00\n"
    report = imported(content, reading=reading_of(content, charges_sale_price=charges))
    assert str(Variant.objects.get(sku="A").price) == amount
    assert report.rejected == charges


@pytest.mark.django_db
def test_a_first_line_that_is_a_product_is_one_and_its_rejects_come_back(tmp_path):
    content = "A;Thé vert;3,00\nB;Café moulu;trois\n"
    keys = ["colonne_1", "colonne_2", "colonne_3"]
    reading = Reading(columns=dict(zip(keys, [Role.REFERENCE, Role.NAME, Role.PRICE], strict=True)), has_header=False)
    rows = rejected(content, tmp_path / "r.csv", reading=reading, has_header=False)
    assert (Product.objects.count(), rows[0][2:]) == (1, ["B", "Café moulu", "trois"])
    text = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    report = imported(text.replace("trois", "4,00"), reading=reading)
    assert (report.created, report.rejected, Product.objects.count()) == (1, 0, 2)


@pytest.mark.django_db
def test_rejects_open_in_excel_and_their_codes_survive_it(tmp_path):
    content = "ref,ean,nom,prix\n007,3560070139675,Thé,trois\n"
    rows = rejected(content, tmp_path / "r.csv")
    assert rows[0][2:] == ['="007"', '="3560070139675"', "Thé", "trois"]
    text = (tmp_path / "r.csv").read_text(encoding="utf-8-sig").replace("trois", "4,00")
    assert ";" in text.splitlines()[0]
    assert imported(text).created == 1
    assert variants("sku", "ean13") == [("007", "3560070139675")]


@pytest.mark.django_db
@pytest.mark.parametrize(("missing", "stock", "state"), [
    (Missing.LEAVE, 5, "PUBLISHED"), (Missing.ZERO, 0, "PUBLISHED"), (Missing.DRAFT, 5, "DRAFT"),
])  # fmt: skip
def test_what_a_later_file_of_the_supplier_lacks(missing, stock, state):
    other = VariantFactory(on_hand=9)
    content = "Ref;Nom;Prix;Stock\nA;Thé;3,00;5\nB;Café;3,00;5\nC;Eau;1,00;5\n"
    mapping = ColumnMapping.objects.create(name="Grossiste")
    reading = reading_of(content, new=New.PUBLISHED, supplier="Grossiste", missing=missing)
    imported(content, reading=reading, supplier=Supplier(mapping))
    later = "Ref;Nom;Prix;Stock\nA;Thé;3,00;5\nC;Eau;gratuit;5\n"
    preview = imported(later, reading=reading, supplier=Supplier(mapping), dry_run=True)
    report = imported(later, reading=reading, supplier=Supplier(mapping))
    assert preview.missing == report.missing == (missing != Missing.LEAVE)
    coffee = Variant.objects.select_related("stock", "product").get(sku="B")
    assert (coffee.stock.on_hand, coffee.product.state) == (stock, state)
    # A refused line is in the file, and another supplier's product is nobody's to touch.
    assert Stock.objects.get(variant__sku="C").on_hand == 5
    assert Stock.objects.get(variant=other).on_hand == 9
    again = imported(later, reading=reading, supplier=Supplier(mapping))
    assert (again.missing, again.updated) == (0, 0)


@pytest.mark.django_db
def test_a_mapping_is_offered_to_files_that_have_its_columns():
    keys = column_keys(source_of(LIST).header)
    assert mappings.mapping_for(keys) is None
    mappings.save_mapping(reading=reading_of(LIST, supplier="Grossiste"), by=None, now=NOW)
    mappings.save_mapping(reading=Reading(columns={"gencod": Role.EAN}, supplier="Peu"), by=None, now=NOW)
    assert mappings.mapping_for([*keys, "nouvelle"]).name == "Grossiste"
    assert mappings.mapping_for(["gencod"]).name == "Peu"
    assert mappings.mapping_for(["autre"]) is None
    with pytest.raises(mappings.UnknownMapping, match="Grossiste, Peu"):
        mappings.mapping_named("grossiste")


def test_a_file_of_unknown_columns_asks_for_them():
    with pytest.raises(UnreadableFile, match="Aucun format connu"):
        imported("Truc;Machin\nA;1\n")
