import pytest

from apps.catalogue.models import Brand, Category, PriceEntry, Product, ProductImage, Variant
from apps.imports.tests.importing import imported, rejected, written

pytestmark = pytest.mark.django_db
HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,"
    "Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,"
    "Image Alt Text,Variant Image"
)
TASSE = [
    'tasse,Tasse,"<p onclick=x>Grès</p>",Maison,Arts de la table,"Grès, Fait main",true,Couleur,Bleu,,300,4,18.50,'
    "25.00,,https://i.example/2.jpg,2,Dos,https://i.example/3.jpg",
    "tasse,,,,,,,,Rouge,TASSE-R,300,-1,19,,,https://i.example/1.jpg,1,Face,",
    "tasse,,,,,,,,,,,,,,,https://i.example/3.jpg,3,,",
]
SOFA = "sofa,Sofa,,,,,false,Title,Default Title,,,2,500,,,,,,"


def shopify(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def test_gathers_variants_and_images_from_several_rows():
    report = imported(shopify(*TASSE, SOFA))
    assert (report.format, report.created, report.rejected) == ("shopify", 2, 0)
    product = Product.objects.get(code="tasse")
    assert (product.description_fr, product.brand.name) == ("<p>Grès</p>", "Maison")
    assert (product.category.name_fr, product.option1_name_fr) == ("Arts de la table", "Couleur")
    assert list(product.variants.values_list("sku", "option1_fr", "position", "weight_g", "stock__on_hand")) == [
        ("tasse-bleu", "Bleu", 0, 300, 4),
        ("TASSE-R", "Rouge", 1, 300, 0),
    ]
    assert list(product.images.values_list("source_url", "alt_fr", "variant__sku")) == [
        ("https://i.example/1.jpg", "Face", None),
        ("https://i.example/2.jpg", "Dos", None),
        ("https://i.example/3.jpg", "", "tasse-bleu"),
    ]
    assert set(product.attribute_values.values_list("attribute__code", "label_fr")) == {
        ("etiquette", "Grès"),
        ("etiquette", "Fait main"),
    }


def test_a_single_variant_has_no_options_and_a_hidden_product_is_a_draft():
    imported(shopify(SOFA))
    product = Product.objects.get()
    assert (product.state, product.published_at, product.option1_name_fr) == ("DRAFT", None, "")
    assert (product.variants.get().sku, product.variants.get().option1_fr) == ("sofa", "")
    assert product.category == Category.objects.get(name_fr="Divers")


def test_a_compare_at_price_is_never_announced_as_a_reduction():
    report = imported(shopify(*TASSE))
    variant = Variant.objects.get(sku="tasse-bleu")
    assert (str(variant.price), str(variant.regular_price), variant.reference_price) == ("18.50", "18.50", None)
    assert [str(entry.amount) for entry in PriceEntry.objects.filter(variant=variant)] == ["18.50"]
    assert any(text.startswith("prix barré non repris") for text in report.warnings)


def test_importing_again_changes_nothing():
    imported(shopify(*TASSE, SOFA))
    before = written() | {"images": ProductImage.objects.count()}
    assert imported(shopify(*TASSE, SOFA)).unchanged == 2
    assert written() | {"images": ProductImage.objects.count()} == before


def test_a_refused_variant_leaves_the_others_and_comes_back_corrected(tmp_path):
    path = tmp_path / "r.csv"
    rows = rejected(shopify(TASSE[0], TASSE[1].replace(",19,", ",gratuit,"), TASSE[2]), path)
    assert [(row[0], row[1].split("\u202f:")[0]) for row in rows] == [("3", "prix illisible")]
    assert Variant.objects.count() == 1
    report = imported(path.read_text(encoding="utf-8-sig").replace("gratuit", "19"))
    assert (report.updated, Variant.objects.get(sku="TASSE-R").position) == (1, 1)


def test_a_product_without_any_variant_left_is_rejected_row_by_row(tmp_path):
    rows = rejected(shopify(TASSE[0].replace("18.50", ""), TASSE[2], SOFA), tmp_path / "r.csv")
    assert [row[0] for row in rows] == ["2", "3"]
    assert Product.objects.count() == 1


def test_a_handle_that_comes_back_further_down_is_rejected(tmp_path):
    rows = rejected(shopify(SOFA, *TASSE, SOFA), tmp_path / "r.csv")
    assert [(row[0], row[1]) for row in rows] == [("6", "« Handle » « sofa » déjà donné ligne 2")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Sans handle,,,,,true,,,,,,5,,,,,,", "« Handle » manquant"),
        ("inconnu,,,,,,,,Bleu,,,,5,,,,,,", "produit inconnu"),
        ("sofa-2,Sofa,,,,,true,Title,Default Title,sofa,,,5,,,,,,", "référence « sofa » déjà donné"),
        ("x,X,,,,,true", "ligne sans modèle et sans image"),
    ],
)
def test_rows_that_cannot_be_are_rejected(line, reason, tmp_path):
    rows = rejected(shopify(SOFA, line), tmp_path / "r.csv")
    assert len(rows) == 1
    assert rows[0][1].startswith(reason)


@pytest.mark.parametrize("spelled", [str.upper, str.lower])
def test_codes_in_capitals_mean_the_products_that_are_there(spelled):
    imported(shopify(*TASSE))
    before = list(Variant.objects.order_by("pk").values_list("sku", "product__code"))
    lines = [line.replace("tasse,", f"{spelled('tasse')},", 1) for line in TASSE]
    report = imported(shopify(lines[0], lines[1].replace("TASSE-R", spelled("TASSE-R")), lines[2]))
    assert (report.created, report.rejected) == (0, 0)
    assert list(Variant.objects.order_by("pk").values_list("sku", "product__code")) == before


def test_codes_that_differ_by_an_accent_are_two_products():
    imported(shopify(*TASSE))
    report = imported(shopify(SOFA.replace("sofa,Sofa", "tàsse,Tasse")))
    assert (report.created, report.rejected) == (1, 0)
    assert set(Product.objects.values_list("code", flat=True)) == {"tasse", "tàsse"}


def test_a_brand_without_its_accent_is_the_same_brand():
    imported(shopify(TASSE[0].replace(",Maison,", ",Nestlé,")))
    imported(shopify(SOFA.replace("sofa,Sofa,,,", "sofa,Sofa,,NESTLE,")))
    assert list(Brand.objects.values_list("name", flat=True)) == ["Nestlé"]


def test_pieces_of_several_places_are_added_up(tmp_path):
    header = HEADER.replace("Variant Inventory Qty", "Inventory Available: Lyon,Inventory Available: Annecy")
    lines = [
        SOFA.replace(",2,500", ",2,3,500"),
        SOFA.replace("sofa,Sofa", "lit,Lit").replace(",2,500", ",2,beaucoup,900"),
    ]
    rows = rejected("\n".join([header, *lines]), tmp_path / "r.csv")
    assert list(Variant.objects.values_list("product__code", "stock__on_hand")) == [("sofa", 5)]
    assert "2 + beaucoup" in rows[0][1]
