"""The small files of `files/`, of the kinds that shops, tills and spreadsheets export, each with its right reading.

`pytest apps/imports/tests/test_files.py -s -k table` prints of each what was made of it before these readings, what is
right, and what is made of it now.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from apps.catalogue.models import Product, Variant
from apps.common.errors import DomainError
from apps.imports.comments.readers import read_comments
from apps.imports.services.comments import import_comments
from apps.imports.tests.importing import NOW, Report, imported

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parent / "files"
UNKNOWN = "refusé en entier : « Aucun format connu »"
BEFORE = {
    "c01": "refusé en entier : pas de colonne e-mail",
    "c02": "refusé en entier : pas de colonne e-mail",
    "c03": "refusé en entier : pas de colonne e-mail",
    "c04": "1 personne, sans téléphone ni société",
    "c05": "refusé en entier : pas de colonne e-mail",
    "i01": UNKNOWN,
    "i02": "KeyError, aperçu sans fin",
    "i03": "FAUX publié",
    "i04": "S seul, M et L refusés",
    "i05": "1 modèle sur 3",
    "i06": "épuisés, sans un mot",
    "i07": "restent en vente, sans un mot",
    "i08": "refusé : « stock illisible »",
    "i09": "sans prix au litre",
    "i10": "refusé : rayon trop profond",
    "i11": "en vente à 20 %",
    "k01": "rien ne lit les commentaires",
    "m01": "1 290,00 €, 1 290,00 €, 1 290,50 €, publiés",
    "m02": "vendu sous « 3,76002E+12 »",
    "m03": "produit « 1 article »",
    "m04": "« Pƒt‚ de liŠvre poˆl‚ » publié",
    "m05": "« P‰tŽ de canard r™ti » publié",
    "m06": "1 produit sur 3, référence ignorée",
    "m07": UNKNOWN,
    "m08": UNKNOWN,
    "m09": "ligne courte refusée",
    "m10": "D1 refusé : « un guillemet … jamais fermé »",
    "m11": "« TitrePoids5 kgOrigineFrance », une ligne",
    "m12": "4 lignes refusées",
    "m13": "une image à deux adresses",
    "m14": "sans marque, 0 g",
    "p01": UNKNOWN,
    "w01": UNKNOWN,
    "x01": "refusé : « C’est un classeur »",
}

EXPECTED = {
    "c01": "2 personnes, téléphone gardé",
    "c02": "1 personne, société",
    "c03": "1 personne, téléphone réparé, étape à choisir",
    "c04": "téléphone et société gardés",
    "c05": "1 personne, première adresse",
    "i01": "1 produit, 120 g, en vente",
    "i02": "1 produit dans « Divers »",
    "i03": "cache en brouillon, visible en vente",
    "i04": "1 produit, 3 modèles",
    "i05": "1 produit, 3 modèles",
    "i06": "le dire : 2 produits seront épuisés",
    "i07": "brouillon et archivé, ou les nommer",
    "i08": "454 g",
    "i09": "750 ml, 17,20 €/l",
    "i10": "5 niveaux, et le dire",
    "i11": "brouillon ou refus",
    "k01": "2 commentaires",
    "m01": "12,90 €, 12,90 €, refus",
    "m02": "2 refus, 1 produit",
    "m03": "1 produit, totaux dits",
    "m04": "« Pâté de lièvre poêlé »",
    "m05": "« Pâté de canard rôti »",
    "m06": "3 produits, EAN du premier",
    "m07": "1 produit",
    "m08": "1 produit",
    "m09": "2 produits",
    "m10": "2 produits, D1 sur deux lignes",
    "m11": "lignes et cellules séparées, pertes dites",
    "m12": "5,5, 20, 5,5 %, question sur 0",
    "m13": "2 images",
    "m14": "La Ruche, 500 g, prix au kilo",
    "p01": "9,90 € et brouillon à 14,00 €",
    "w01": "3 produits, un en brouillon",
    "x01": "2 produits",
}


def content(name: str) -> bytes:
    return next(FILES.glob(f"{name}_*")).read_bytes()


def of(name: str) -> tuple[Report, dict[str, Product]]:
    report = imported(content(name))
    return report, {product.code: product for product in Product.objects.select_related("category", "brand")}


def variants(*columns: str) -> list[tuple]:
    return list(Variant.objects.order_by("pk").values_list(*columns))


def images(product: Product) -> list[str]:
    return list(product.images.order_by("position").values_list("source_url", flat=True))


@pytest.mark.parametrize(
    "path", sorted(path for path in FILES.iterdir() if path.name[0] in "imwpx"), ids=lambda p: p.stem
)
def test_a_repeat_changes_nothing(path):
    imported(path.read_bytes())
    report = imported(path.read_bytes())
    assert (report.created, report.updated) == (0, 0)


def test_i01_shopifys_present_headers():
    report, products = of("i01")
    product = products["savon-karite"]
    assert (report.format, product.name_fr, product.state) == ("shopify", "Savon au karité", "PUBLISHED")
    assert (product.category.name_fr, product.brand.name) == ("Savons", "La Savonnerie")
    assert variants("sku", "ean13", "price", "weight_g", "stock__on_hand") == [
        ("SAV-1", "3760012345670", Decimal("6.50"), 120, 40)
    ]
    assert not report.warnings


def test_i02_the_three_columns_that_shopify_asks_for():
    report, products = of("i02")
    assert products["savon-karite"].category.name_fr == "Divers"
    assert variants("price") == [(Decimal("6.50"),)]
    assert report.without_stock == 1


def test_i03_false_as_french_excel_writes_it():
    _report, products = of("i03")
    assert {code: product.state for code, product in products.items()} == {"cache": "DRAFT", "visible": "PUBLISHED"}


def test_i03_an_unknown_word_is_not_taken_for_true():
    report = imported(content("i03").replace(b";VRAI;", b";peut-etre;"))
    assert set(Product.objects.values_list("state", flat=True)) == {"DRAFT"}
    assert (report.doubtful, next(iter(report.warnings))[:32]) == (1, "état de publication non compris ")


def test_i04_one_sku_on_several_variants():
    report, _products = of("i04")
    assert variants("sku", "option1_fr", "stock__on_hand") == [
        ("PULL-s", "S", 2),
        ("PULL-m", "M", 3),
        ("PULL-l", "L", 4),
    ]
    assert (report.rejected, sum(report.warnings.values())) == (0, 3)


def test_i04_the_variant_that_an_earlier_import_took_is_the_same_one():
    lines = content("i04").decode().splitlines(keepends=True)
    imported("".join(lines[:2]))
    assert variants("sku") == [("PULL",)]
    report = imported(content("i04"), now=NOW)
    assert (report.rejected, variants("sku", "option1_fr")) == (0, [("PULL", "S"), ("PULL-m", "M"), ("PULL-l", "L")])


def test_i05_invented_references_stay_distinct_when_cut():
    report, _products = of("i05")
    assert variants("price") == [(Decimal(29),), (Decimal(49),), (Decimal(69),)]
    assert report.rejected == 0


def test_i06_a_file_without_stock_says_so():
    report, _products = of("i06")
    assert report.without_stock == 2
    assert any("vendu sans compter" in text for text in report.warnings)


def test_i07_what_shopify_took_off_sale_is_named():
    imported(content("i07a"))
    report, products = of("i07b")
    assert {product.state for product in products.values()} == {"PUBLISHED"}
    assert next(text for text in report.warned if "en vente ici" in text)
    assert sum(report.warnings.values()) == 2


def test_i08_grams_with_a_comma():
    of("i08")
    assert variants("weight_g") == [(454,)]


def test_i09_the_price_per_litre_that_shopify_gives():
    of("i09")
    assert str(Variant.objects.get().unit_price) == "17.20"


def test_i10_six_levels_are_five_and_a_warning():
    report, products = of("i10")
    assert (products["mug"].category.name_fr, len(report.warnings)) == ("Mugs", 1)


def test_i11_a_gift_card_is_not_put_on_sale():
    report, products = of("i11")
    assert (products["carte-cadeau"].state, report.doubtful, report.drafts) == ("DRAFT", 1, 1)


def test_m01_prices_with_the_sign_between_euros_and_cents():
    report, _products = of("m01")
    assert variants("sku", "price") == [("P1", Decimal("12.90")), ("P2", Decimal("12.90"))]
    assert [reject.row.line for reject in report.rejects] == [4]


def test_m02_codes_that_excel_rounded():
    report, _products = of("m02")
    assert variants("sku", "ean13") == [("3760012345670", "3760012345670")]
    assert [(reject.row.line, reject.reason[:24]) for reject in report.rejects] == [
        (2, "Excel a abîmé ce code (3"),
        (3, "Excel a abîmé ce code (3"),
    ]


def test_m03_totals_are_no_products():
    report, products = of("m03")
    assert (len(products), [reject.row.line for reject in report.rejects]) == (1, [3, 5])


@pytest.mark.parametrize(("name", "product", "rayon"), [
    ("m04", "Pâté de lièvre poêlé", "Crèmerie"),
    ("m05", "Pâté de canard rôti", "Salés"),
])  # fmt: skip
def test_m04_m05_letters_of_old_tills_and_macs(name, product, rayon):
    _report, products = of(name)
    assert [(each.name_fr, each.category.name_fr) for each in products.values()] == [(product, rayon)]


def test_m06_a_reference_and_an_ean():
    of("m06")
    assert variants("sku", "ean13") == [("MIEL-LAV", "3760012345670"), ("BOUGIE-01", None), ("PANIER-XL", None)]


def test_m06_what_was_imported_by_its_ean_is_the_same_product():
    imported("code_barres;nom;rayon;prix_ttc;tva;stock\n3760012345670;Miel de lavande 500 g;Épicerie;9,90;5,5;12\n")
    report, products = of("m06")
    assert (report.created, report.rejected, len(products)) == (2, 0, 3)


@pytest.mark.parametrize("name", ["m07", "m08"])
def test_m07_m08_other_headers_and_lines_above_them(name):
    report, products = of(name)
    assert ([*products], report.rejected) == (["3760012345670"], 0)
    assert variants("price", "stock__on_hand") == [(Decimal("9.90"), 12)]


def test_m09_rows_without_their_empty_end():
    report, products = of("m09")
    assert (len(products), report.rejected) == (2, 0)


def test_m10_a_text_over_two_lines_beside_an_empty_column():
    report, products = of("m10")
    assert (report.rejected, products["D1"].description_fr) == (0, "<p>Première<br>Deuxième</p>")


def test_m11_descriptions_keep_their_lines_and_cells():
    report, products = of("m11")
    assert products["D1"].description_fr == "<p>Première ligne<br>Deuxième ligne<br>- puce 1<br>- puce 2</p>"
    assert products["D2"].description_fr == "<h3>Titre</h3><p>Poids : 5 kg<br>Origine : France</p><p>Texte</p>"
    assert len(report.warnings) == 1


def test_m12_rates_as_spreadsheets_write_them():
    report, products = of("m12")
    assert {code: product.vat_class for code, product in products.items()} == {
        "T1": "REDUCED",
        "T2": "STANDARD",
        "T3": "REDUCED",
    }
    assert "franchise en base" in report.rejects[0].reason.casefold()


def test_m13_two_pictures_in_one_cell():
    _report, products = of("m13")
    assert images(products["I1"]) == ["https://exemple.fr/a.jpg", "https://exemple.fr/b.jpg"]


def test_m14_brand_weight_and_unit():
    _report, products = of("m14")
    assert products["3760012345670"].brand.name == "La Ruche"
    assert variants("weight_g", "content_quantity", "content_unit") == [(500, Decimal(500), "GRAM")]


def test_m14_a_weight_without_a_unit_is_not_guessed():
    report = imported(content("m14").replace(b";kg;", b";;"))
    assert (Product.objects.get().state, variants("weight_g"), report.doubtful) == ("DRAFT", [(0,)], 1)


def test_p01_prestashops_prices_before_tax():
    report, products = of("p01")
    honey, candle = products["MIEL-1"], products["BOU-1"]
    assert (honey.category.name_fr, honey.brand.name, honey.vat_class) == ("Miels", "La Ruche", "REDUCED")
    assert (honey.state, candle.state, candle.vat_class, report.doubtful) == ("PUBLISHED", "DRAFT", "STANDARD", 0)
    assert variants("price", "weight_g", "stock__on_hand") == [(Decimal("9.90"), 500, 12), (Decimal("14.00"), 300, 0)]
    assert len(images(honey)) == 2


def test_p01_a_rate_that_the_price_does_not_prove_is_not_published():
    """Shops renumber their rules of taxes."""
    report = imported(content("p01").replace(b";9.383886;3;", b";9.383886;1;"))
    assert (Product.objects.get(code="MIEL-1").state, report.doubtful) == ("DRAFT", 1)


def test_p01_a_doubtful_price_does_not_change_one_that_is_on_sale():
    imported(content("p01"))
    imported(content("p01").replace(b";9.383886;3;", b";9.383886;1;"))
    honey = Variant.objects.select_related("product").get(sku="MIEL-1")
    assert (honey.price, honey.product.vat_class, honey.product.state) == (Decimal("9.90"), "REDUCED", "PUBLISHED")


def test_w01_woocommerce_in_french():
    report, products = of("w01")
    assert report.format == "woocommerce"
    honey = products["MIEL-1"]
    assert (honey.category.name_fr, honey.vat_class, len(images(honey))) == ("Miels", "REDUCED", 2)
    assert products["CACHE"].state == "DRAFT"
    assert [*products["PULL"].variants.values_list("sku", "option1_fr", "price", "weight_g", "stock__on_hand")] == [
        ("PULL-S", "S", Decimal(59), 400, 3),
        ("PULL-M", "M", Decimal(59), 400, 4),
    ]


def test_w01_variations_that_stand_above_their_product():
    lines = content("w01").decode().splitlines(keepends=True)
    report = imported("".join([lines[0], *reversed(lines[1:])]))
    assert (report.created, report.rejected, Variant.objects.count()) == (3, 0, 4)


def test_x01_a_workbook():
    of("x01")
    assert variants("ean13", "price", "product__vat_class", "stock__on_hand")[0] == (
        "3760012345670",
        Decimal("9.90"),
        "REDUCED",
        12,
    )
    assert variants("sku", "price")[1] == ("0012345678905", Decimal("4.50"))


def test_table_of_all_files():
    """What became of each; fails for a file of which nothing is said."""
    lines = []
    for path in sorted(FILES.iterdir()):
        Product.objects.all().delete()
        before = BEFORE[path.name[:3]]
        if path.name[0] in "ck":
            now = (
                "liste de personnes : apps/backoffice/tests/test_prospect_exchange.py"
                if path.name[0] == "c"
                else f"{import_comments(comments=read_comments(path), sections={}).created} commentaires repris"
            )
        else:
            try:
                report = imported(path.read_bytes())
            except DomainError as error:
                now = error.message
            else:
                now = f"{report.format}, {report.created} produits, {report.drafts} brouillons, {report.rejected} refus"
                now += "".join(f" ; {text}" for text in [*report.reasons, *report.warnings])
        lines.append(f"{path.name:<38} | {before:<46} | {EXPECTED[path.name[:3]]:<46} | {now}")
    print("\n" + "\n".join(lines))  # noqa: T201
    assert len(lines) == 35
