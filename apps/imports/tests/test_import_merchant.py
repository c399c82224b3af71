from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalogue.models import Category, Product, ProductImage, Stock, Variant
from apps.catalogue.services import prices
from apps.catalogue.services.ledgers import check_ledgers
from apps.catalogue.services.stock import hold_stock
from apps.catalogue.tests.factories import VariantFactory
from apps.common.tabular.errors import UnreadableFile
from apps.imports.tests.importing import CIDRE, HEADER, NOW, SAUCISSON, imported, merchant, rejected, written

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def ean(number: int) -> str:
    """A bar code with a right check digit."""
    digits = f"200{number:09}"
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def test_creates_products_ready_to_sell():
    report = imported(merchant(SAUCISSON, CIDRE))
    assert (report.rows, report.created, report.rejected) == (2, 2, 0)
    product = Product.objects.get(code="3560070139675")
    assert (product.name_fr, product.slug_fr, product.slug_en) == ("Saucisson sec", "saucisson-sec", "saucisson-sec")
    assert (product.vat_class, product.state, product.published_at) == ("REDUCED", "PUBLISHED", NOW)
    assert product.description_fr == "<p>Porc, sel</p>"
    assert (product.category.name_fr, Category.objects.get_parent(product.category).name_fr) == ("Charcuterie", "Frais")
    variant = product.variants.get()
    assert (variant.sku, variant.ean13, variant.price) == ("3560070139675", "3560070139675", Decimal("4.50"))
    assert variant.stock.on_hand == 12
    assert [entry.amount for entry in variant.price_entries.all()] == [Decimal("4.50")]
    assert product.images.get().state == ProductImage.State.WANTED
    cider = Variant.objects.get(sku="3017620422003")
    assert cider.product.name_fr == 'Cidre fermier "L\'Épatant" 75 cl'
    assert (cider.content_quantity, cider.content_unit, cider.weight_g) == (750, "MILLILITRE", 750)
    assert check_ledgers() == []
    assert product.history.count() == variant.history.count() == 1


def test_importing_again_changes_nothing():
    imported(merchant(SAUCISSON, CIDRE))
    before = written()
    report = imported(merchant(SAUCISSON, CIDRE), now=LATER)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 2)
    assert written() == before


def test_changes_only_what_the_file_speaks_of():
    imported(merchant(SAUCISSON))
    Product.objects.update(name_en="Dry sausage", slug_fr="le-saucisson", state="ARCHIVED")
    report = imported(
        merchant(SAUCISSON.replace("Saucisson sec", "Saucisson pur porc").replace("4,50", "5,00")), now=LATER
    )
    assert (report.updated, [difference.column for difference in report.differences]) == (1, ["name_fr", "price"])
    product = Product.objects.get()
    assert (product.name_fr, product.name_en) == ("Saucisson pur porc", "Dry sausage")
    assert (product.slug_fr, product.state) == ("le-saucisson", "ARCHIVED")
    variant = product.variants.get()
    assert [entry.amount for entry in variant.price_entries.all()] == [Decimal("4.50"), Decimal("5.00")]
    assert product.history.count() == 2


def test_a_running_reduction_goes_on_until_the_regular_price_changes():
    imported(merchant(SAUCISSON))
    variant = Variant.objects.get()
    prices.start_reduction(variant=variant, amount=Decimal("3.00"), author=None, now=LATER)
    assert imported(merchant(SAUCISSON), now=LATER).unchanged == 1
    variant.refresh_from_db()
    assert variant.price == 3
    imported(merchant(SAUCISSON.replace("4,50", "4,80")), now=LATER)
    variant.refresh_from_db()
    assert (variant.price, variant.reference_price) == (Decimal("4.80"), None)


def test_counts_stock_but_never_below_what_orders_were_promised():
    imported(merchant(SAUCISSON))
    stock = Stock.objects.get()
    hold_stock(quantities={stock.pk: 5}, reference="A1", now=NOW)
    report = imported(merchant(SAUCISSON.replace(";12;", ";3;")), now=LATER)
    stock.refresh_from_db()
    assert (stock.on_hand, stock.reserved) == (5, 5)
    assert next(iter(report.warnings)).startswith("stock sous les pièces promises")
    assert imported(merchant(SAUCISSON.replace(";12;", ";3;")), now=LATER).unchanged == 1
    assert check_ledgers() == []


def test_same_names_get_addresses_of_their_own_that_stay():
    lines = [f"{ean(number)};Thé vert;;Thés;3,00;5,5;1;" for number in range(3)]
    imported(merchant(*lines))
    slugs = list(Product.objects.order_by("code").values_list("slug_fr", flat=True))
    assert slugs == ["the-vert", f"the-vert-{ean(1)}", f"the-vert-{ean(2)}"]
    imported(merchant(*reversed(lines)), now=LATER)
    assert list(Product.objects.order_by("code").values_list("slug_fr", flat=True)) == slugs


def test_a_name_without_letters_still_has_an_address():
    imported(merchant(f"{ean(1)};！！;;Thés;3,00;5,5;1;"))
    assert Product.objects.get().slug_fr == f"produit-{ean(1)}"


def test_rayons_are_found_again_even_after_staff_renamed_them():
    imported(merchant(SAUCISSON))
    Category.objects.filter(slug_fr="frais").update(name_fr="Produits frais")
    imported(merchant(SAUCISSON), now=LATER)
    assert Category.objects.count() == 2


def test_equal_rayon_names_in_two_places_are_two_rayons():
    imported(merchant(f"{ean(1)};A;;Vins/Divers;3,00;20;1;", f"{ean(2)};B;;Thés/Divers;3,00;20;1;"))
    assert sorted(Category.objects.values_list("slug_fr", flat=True)) == ["divers", "thes", "thes-divers", "vins"]


@pytest.mark.parametrize("code", ["3560070139676", "30838155", "3083013804", "32503916726339"])
def test_a_doubtful_bar_code_sells_under_its_code_and_somebody_is_told(code):
    report = imported(merchant(SAUCISSON.replace("3560070139675", code)))
    variant = Variant.objects.get()
    assert (variant.sku, variant.ean13) == (code, None)
    assert len(report.warnings) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (";Sans code;;Thés;3,00;5,5;1;", "code-barres manquant"),
        (f"{ean(1)}; ;;Thés;3,00;5,5;1;", "nom manquant"),
        (f"{ean(1)};{'x' * 201};;Thés;3,00;5,5;1;", "nom trop long"),
        (f"{'9' * 81};Thé;;Thés;3,00;5,5;1;", "code trop long"),
        (f"{ean(1)};Thé;;;3,00;5,5;1;", "rayon manquant"),
        (f"{ean(1)};Thé;;{'r' * 121};3,00;5,5;1;", "nom de rayon trop long"),
        (f"{ean(1)};Thé;;Thés;;5,5;1;", "prix manquant"),
        (f"{ean(1)};Thé;;Thés;-1;5,5;1;", "prix négatif"),
        (f"{ean(1)};Thé;;Thés;9999999;5,5;1;", "prix absurde"),
        (f"{ean(1)};Thé;;Thés;3,00;19,6;1;", "taux de TVA inconnu"),
        (f"{ean(1)};Thé;;Thés;3,00;5,5;beaucoup;", "stock illisible"),
        (f"{ean(1)};Thé;;Thés;3,00;5,5;9999999;", "stock absurde"),
        (f"{ean(1)};Thé;;Thés;3,00", "TVA manquante"),
        ("TOTAL;1 article;;Thés;3,00;5,5;1;", "ligne de total"),
        ("3,76002E+12;Thé;;Thés;3,00;5,5;1;", "Excel a abîmé ce code"),
        (f"{ean(1)};Thé;;Thés;3,00;5,5;1;;en trop", "9 colonnes au lieu de 8"),
        (f"{ean(1)};T\0hé;;Thés;3,00;5,5;1;", "caractère nul"),
        (f'{ean(1)};"Thé;;Thés;3,00;5,5;1;', "un guillemet est ouvert et jamais fermé"),
        (f"{ean(1)};Th\ufffd;;Thés;3,00;5,5;1;", "nom illisible"),
        ("3560070139675;Encore;;Thés;3,00;5,5;1;", "code « 3560070139675 » déjà donné ligne 2"),
        ("03560070139675;Encore;;Thés;3,00;5,5;1;", "code-barres « 3560070139675 » déjà donné ligne 2"),
    ],
)
def test_a_bad_row_is_rejected_with_its_line_and_reason_and_the_rest_imported(line, reason, tmp_path):
    rows = rejected(merchant(SAUCISSON, line, CIDRE), tmp_path / "r.csv")
    assert [row[0] for row in rows] == ["3"]
    assert rows[0][1].startswith(reason)
    assert Product.objects.count() == 2


def test_a_row_cut_at_the_semicolons_of_its_entities_is_put_together_again():
    imported(merchant(f"{ean(1)};Cidre &quot;L&#39;Épatant&quot;;a &amp; b;Thés;3,00;5,5;1;"))
    product = Product.objects.get()
    assert (product.name_fr, product.description_fr) == ('Cidre "L\'Épatant"', "<p>a &amp; b</p>")


def test_a_corrected_rejects_file_imports_as_it_is(tmp_path):
    path = tmp_path / "r.csv"
    rejected(merchant(SAUCISSON.replace("4,50", "")), path)
    corrected = path.read_text(encoding="utf-8-sig").replace("Frais/Charcuterie;;", "Frais/Charcuterie;4,50;")
    assert imported(corrected).created == 1


def test_a_bar_code_that_another_product_already_has_is_rejected(tmp_path):
    VariantFactory(sku="MAISON-1", ean13="3560070139675")
    rows = rejected(merchant(SAUCISSON), tmp_path / "r.csv")
    assert rows[0][1] == "le code-barres 3560070139675 est déjà celui du modèle « MAISON-1 »"


def test_an_image_that_cannot_be_named_does_not_cost_the_product():
    url = "https://images.example/" + "x" * 500
    report = imported(merchant(SAUCISSON.replace("https://images.example/1.jpg", url)))
    assert (report.created, report.images, len(report.warnings)) == (1, 0, 1)


def test_negative_stock_is_none_and_said():
    report = imported(merchant(SAUCISSON.replace(";12;", ";-4;")))
    assert Stock.objects.get().on_hand == 0
    assert list(report.warnings) == ["stock négatif, importé comme 0"]


def test_a_dry_run_reports_the_same_and_writes_nothing():
    before = written()
    report = imported(merchant(SAUCISSON, CIDRE, SAUCISSON), dry_run=True)
    assert (report.created, report.rejected, report.images) == (2, 1, 1)
    assert (Product.objects.count(), Category.objects.count()) == (0, 0)
    assert written() == before


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("code_barres;nom;rayon", "Aucun format connu"),
        ("a;b;c", "Aucun format connu"),
        ("code_barres;nom;prix_ttc;raayon", "Il manque la colonne « rayon ». Est-ce « raayon »"),
    ],
)
def test_a_file_with_other_columns_is_refused_as_a_whole(header, words):
    with pytest.raises(UnreadableFile, match=words):
        imported(f"{header}\n1;2;3;4\n")


def test_columns_in_another_order_and_under_other_names():
    text = "Prix;Désignation;EAN13;Catégorie;Fournisseur\n3,00;Thé;3560070139675;Thés;Dupont\n"
    report = imported(text, vat="REDUCED")
    product = Product.objects.get()
    assert (product.name_fr, product.vat_class, product.variants.get().price) == ("Thé", "REDUCED", 3)
    assert list(report.warnings) == ["colonnes ignorées : Fournisseur", "« Prix » est lu comme un prix TTC"]


def test_a_crash_in_the_middle_leaves_what_the_same_command_completes(monkeypatch):
    monkeypatch.setattr("apps.imports.catalogue.run.BATCH", 5)
    text = merchant(*(f"{ean(number)};Thé n° {number};;Thés/T{number % 3};3,00;5,5;{number};" for number in range(17)))

    def crash(line: int) -> None:
        if line > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imported(text, progress=crash)
    assert 0 < Product.objects.count() < 17
    report = imported(text, now=LATER)
    assert report.created + report.unchanged == Product.objects.count() == Variant.objects.count() == 17
    assert check_ledgers() == []


def test_the_number_of_queries_does_not_depend_on_the_number_of_products():
    def queries(first: int, count: int) -> int:
        lines = [f"{ean(first + n)};Thé {first + n};doux;Thés;3,00;5,5;4;https://i.example/{n}" for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert imported(merchant(*lines)).created == count
        return len(captured)

    imported(merchant(f"{ean(999)};Thé;;Thés;3,00;5,5;4;"))
    assert queries(100, 30) <= queries(0, 3)


def test_texts_that_mysql_holds_equal_are_one_code_in_a_file(tmp_path):
    lines = [f"{code};Thé;;Thés;3,00;5,5;1;" for code in ("THE-VERT", "thé-vert")]
    assert rejected(merchant(*lines, header=HEADER), tmp_path / "r.csv")[0][1].startswith("code « thé-vert » déjà")
