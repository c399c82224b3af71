"""Details that one format had right, in all the others: references, gift cards, levels, zeros, words for a stock."""

import dataclasses
import io
import zipfile
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.basket.services.load import load
from apps.basket.tests.factories import BasketFactory
from apps.catalogue.models import Product, ProductImage, Variant
from apps.catalogue.tests.images import picture_bytes
from apps.common.tabular.errors import UnreadableFile
from apps.imports.catalogue.columns import guessed_reading, survey_columns
from apps.imports.catalogue.reading import New
from apps.imports.services import catalogue_imports
from apps.imports.tasks import apply_import, resume_imports
from apps.imports.tests.importing import imported, rejected, source_of
from apps.imports.tests.received import confirmed, previewed
from apps.imports.tests.test_files import variants
from apps.shop.tests.factories import write_shop

pytestmark = pytest.mark.django_db
LONG = "Très grand modèle à capuche doublée, coton biologique et laine des Pyrénées"
WOO = "ID,Type,SKU,Name,In stock?,Stock,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n"
WIX = "handleId,fieldType,name,sku,price,visible,inventory,productOptionName1,productOptionDescription1\n"
LIST = "Code parent;Référence;Nom;Taille;Prix\n"
SHOPIFY = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"
SAME = {
    "woocommerce": f"{WOO}1,variable,PULL,Pull,,,,,Taille,S | M\n2,variation,P-1,,1,3,59,PULL,Taille,S\n"
    "3,variation,P-1,,1,4,59,PULL,Taille,M\n4,variation,P-1,,1,5,59,PULL,Taille,L\n",
    "wix": f"{WIX}pull,Product,Pull,,59,true,,Taille,S;M;L\npull,Variant,,P-1,59,,3,,S\npull,Variant,,P-1,59,,4,,M\n"
    "pull,Variant,,P-1,59,,5,,L\n",
    "mapped": f"{LIST}PULL;P-1;Pull;S;59\nPULL;P-1;Pull;M;59\nPULL;P-1;Pull;L;59\n",
    "shopify": f"{SHOPIFY}pull,Pull,Taille,S,P-1,59\npull,,,M,P-1,59\npull,,,L,P-1,59\n",
}
NONE = {
    "woocommerce": f"{WOO}1,variable,,Pull,,,,,Taille,\n"
    + "".join(f'{at},variation,,,1,3,59,id:1,Taille,"{LONG} {at}"\n' for at in (2, 3, 4)),
    "wix": f"{WIX}pull,Product,Pull,,59,true,,Taille,\n"
    + "".join(f'pull,Variant,,,59,,3,,"{LONG} {at}"\n' for at in (2, 3, 4)),
    "mapped": "Code parent;Nom;Taille;Prix\n" + "".join(f"PULL;Pull;{LONG} {at};59\n" for at in (2, 3, 4)),
    "shopify": f"{SHOPIFY}pull,Pull,Taille,,,\n".replace(",,,\n", f',"{LONG} 2",,59\n')
    + "".join(f'pull,,,"{LONG} {at}",,59\n' for at in (3, 4)),
}


def brought(content: str, name: str):
    if name != "mapped":
        return imported(content)
    source = source_of(content)
    reading = dataclasses.replace(guessed_reading(survey_columns(source.header, source.rows())), new=New.PUBLISHED)
    return imported(content, reading=reading)


@pytest.mark.parametrize("name", SAME)
def test_one_reference_on_several_variants_loses_none(name):
    report = brought(SAME[name], name)
    assert (report.created, report.rejected) == (1, 0)
    assert sorted(Variant.objects.values_list("option1_fr", flat=True)) == ["L", "M", "S"]
    assert Variant.objects.values("sku").distinct().count() == 3
    again = brought(SAME[name], name)
    assert (again.created, again.updated, again.rejected) == (0, 0, 0)


@pytest.mark.parametrize("name", ["woocommerce", "wix", "shopify"])
def test_references_that_are_made_up_stay_apart_when_they_are_cut(name):
    report = brought(NONE[name], name)
    assert (report.created, report.rejected, Variant.objects.count()) == (1, 0, 3)
    assert brought(NONE[name], name).updated == 0


def test_handles_and_names_too_long_for_a_code_stay_apart():
    handle = "pull-en-laine-" * 7
    report = imported(f"{SHOPIFY}{handle}1,Pull 1,,,A,59\n{handle}2,Pull 2,,,B,49\n")
    assert (report.created, report.rejected) == (2, 0)
    assert imported(f"{SHOPIFY}{handle}1,Pull 1,,,A,59\n{handle}2,Pull 2,,,B,49\n").updated == 0


@pytest.mark.parametrize("content", [
    "ref;nom;rayon;prix_ttc;tva\nA;Carte cadeau 50 €;Cadeaux;50;20\n",
    "ref;nom;rayon;prix_ttc;tva\nA;Chèque-cadeau de Noël;Cadeaux;50;20\n",
    "ref;nom;rayon;prix_ttc;tva\nA;BON D’ACHAT 20 €;Cadeaux;20;20\n",
    f"{WOO}1,simple,A,Gift card,1,3,50,,,\n",
    f'{WOO}1,"simple, pw-gift-card",A,Pour elle,1,3,50,,,\n',
    f"{WIX}a,Product,E-carte cadeau,A,50,true,3,,\n",
    f"{SHOPIFY}a,Carte cadeau,,,A,50\n",
])  # fmt: skip
def test_gift_cards_are_not_put_on_sale_as_goods(content):
    report = imported(content)
    assert (Product.objects.get().state, report.doubtful) == ("DRAFT", 1)
    assert any("carte cadeau" in text for text in report.warnings)


def test_what_a_gift_is_wrapped_in_is_goods():
    imported(
        "ref;nom;rayon;prix_ttc\nA;Papier cadeau;Cadeaux;5\nB;Carte de vœux;Cadeaux;3\nC;Coffret cadeau;Cadeaux;9\n"
    )
    assert set(Product.objects.values_list("state", flat=True)) == {"PUBLISHED"}


@pytest.mark.parametrize("content", [
    "ref;nom;rayon;prix_ttc\nA;Miel;A/B/C/D/E/F;5\n",
    "ref;nom;rayon;prix_ttc\nA;Miel;A > B > C > D > E > F > G;5\n",
    "ref;nom;Categories (x,y,z...);prix_ttc\nA;Miel;Accueil,A,B,C,D,E,F;5\n",
    f"{WOO.strip()},Categories\n1,simple,A,Miel,1,3,5,,,,A > B > C > D > E > F\n",
])  # fmt: skip
def test_six_levels_are_five_and_a_warning(content):
    report = imported(content)
    assert (report.rejected, Product.objects.get().category.name_fr, report.doubtful) == (0, "E", 0)
    assert any("plus de 5 niveaux" in text for text in report.warnings)


def test_zeros_that_a_spreadsheet_dropped_are_put_back_where_the_check_digit_proves_them():
    report = imported("ean;nom;rayon;prix_ttc\n12345678905;Miel;Miels;5\n12345678904;Thé;Thés;3\n")
    assert variants("sku", "ean13") == [("0012345678905", "0012345678905"), ("12345678904", None)]
    assert sum(report.warnings[text] for text in report.warnings if "zéros du début" in text) == 1
    again = imported("ean;nom;rayon;prix_ttc\n0012345678905;Miel;Miels;5\n")
    assert (again.created, again.rejected) == (0, 0)


def test_a_product_found_by_its_damaged_code_before_is_the_same():
    imported("ref;nom;rayon;prix_ttc\n12345678905;Miel;Miels;5\n")
    report = imported("ean;nom;rayon;prix_ttc\n12345678905;Miel;Miels;6\n")
    assert (report.created, report.rejected, Variant.objects.get().ean13) == (0, 0, "0012345678905")


@pytest.mark.parametrize(("words", "left"), [
    ("en stock", 7), ("> 10", 7), ("10+", 7), ("Disponible", 7), ("rupture", 0), ("Épuisé", 0), ("12 pcs", 12),
])  # fmt: skip
def test_words_for_a_stock_leave_what_is_counted(words, left):
    imported("ref;nom;rayon;prix_ttc;stock\nA;Miel;Miels;5;7\n")
    report = imported(f"ref;nom;rayon;prix_ttc;stock\nA;Miel;Miels;6;{words}\n")
    assert (report.rejected, Variant.objects.get().stock.on_hand, Variant.objects.get().price) == (0, left, Decimal(6))
    assert any("n’est pas un nombre de pièces" in text for text in report.warnings) == (left == 7)


@pytest.mark.parametrize("content", [
    "ref;nom;taille;prix\nP-S;Pull;S;59\nP-M;Pull;M;59\n",
    "Référence;Désignation;Couleur;Prix TTC;Stock\n1;Bol;Bleu;9;1\n2;Bol;Vert;9;1\n",
    "Réf;Article;Conditionnement;PV TTC\nC-1;Café;250 g;6,00\nC-2;Café;1 kg;20,00\n",
    "sku,name,parent_sku,price\nP-S,Pull,PULL,59\nP-M,Pull,PULL2,59\n",
])  # fmt: skip
def test_variants_on_lines_of_their_own_are_not_taken_for_products(content):
    with pytest.raises(UnreadableFile, match="Plusieurs lignes"):
        imported(content)
    brought(content, "mapped")
    assert Product.objects.count() == (1 if "parent_sku" not in content else 2)
    assert Variant.objects.count() == 2


def test_a_size_that_names_no_variant_asks_nothing():
    report = imported("ref;nom;taille;prix\nP-1;Pull marin;S;59\nP-2;Pull de pêcheur;M;59\n")
    assert (report.created, report.rejected) == (2, 0)


PRESTA = (
    "Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;Tax rules ID;Reference #;Weight;Quantity"
)


def test_prestashop_s_price_of_a_kilo_is_no_price_and_gives_the_content():
    report = imported(
        f"{PRESTA};Unity;Unit price\n1;1;Miel de lavande;Accueil,Miels;9.383886;3;M;0.6;4;kg;18.767773\n"
        "2;1;Bougie;Accueil;11.666667;1;B;0.3;2;;0.000000\n"
    )
    assert (report.rejected, report.doubtful) == (0, 0)
    assert variants("sku", "price", "weight_g", "content_quantity", "content_unit") == [
        ("M", Decimal("9.90"), 600, Decimal(500), "GRAM"),
        ("B", Decimal("14.00"), 300, None, ""),
    ]


def test_a_shop_s_own_rule_of_taxes_is_asked_once():
    content = f"{PRESTA}\n1;1;Miel;Accueil,Miels;9.383886;53;M;0.5;4\n2;1;Bougie;Accueil;11.666667;1;B;0.3;2\n"
    with pytest.raises(UnreadableFile, match="« 53 »"):
        imported(content)
    source = source_of(content)
    reading = guessed_reading(survey_columns(source.header, source.rows()))
    reading = dataclasses.replace(reading, rates={"53": "REDUCED", "1": "STANDARD"}, weight_unit="kg")
    report = imported(content, reading=reading)
    assert (report.rejected, variants("sku", "price", "product__vat_class")) == (
        0,
        [("M", Decimal("9.90"), "REDUCED"), ("B", Decimal("14.00"), "STANDARD")],
    )


def test_a_feed_s_measure_gives_the_price_of_a_kilo():
    item = (
        "<item><g:id>M</g:id><title>Miel</title><g:price>9.90 EUR</g:price><g:availability>in stock</g:availability>"
        "<g:unit_pricing_measure>500 g</g:unit_pricing_measure>"
        "<g:product_type>Épicerie &gt; Miels</g:product_type></item>"
    )
    imported(
        f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{item}</channel></rss>',
    )
    assert str(Variant.objects.get().unit_price) == "19.80"


def test_a_shop_that_charges_no_vat_takes_a_rate_of_nothing():
    write_shop(vat_franchise=True)
    report = imported("ref;nom;rayon;prix_ht;tva\nA;Savon;Savons;6,50;0\nB;Bougie;Savons;14,00;0 %\n")
    assert (report.rejected, report.doubtful) == (0, 0)
    assert variants("price", "product__state") == [(Decimal("6.50"), "PUBLISHED"), (Decimal("14.00"), "PUBLISHED")]
    basket = BasketFactory(lines=[(Variant.objects.first(), 2)])
    assert [line.vat_rate for line in load(basket).lines] == [Decimal(0)]


def test_reasons_name_the_column_as_the_file_calls_it(tmp_path):
    content = "Réf;Désignation;PV TTC;Qté;Taux TVA\nA;Miel;12 90;3;20\nB;Thé;9,90;1.000;20\nC;Sel;9,90;3;19,6\n"
    rows = rejected(content, tmp_path / "rejets.csv")
    assert [row[1].rsplit("(", 1)[1] for row in rows] == [
        "colonne « PV TTC »)",
        "colonne « Qté »)",
        "colonne « Taux TVA »)",
    ]


def test_a_rejects_file_is_safe_in_excel_and_comes_back_as_it_was(tmp_path):
    content = "ref;nom;rayon;prix_ttc;stock\n007;=1+1;Miels;douze;05\n-A-;@SUM(A1);+33;dix;-3\n"
    path = tmp_path / "rejets.csv"
    rows = rejected(content, path)
    assert [row[2:] for row in rows] == [
        ['="007"', "'=1+1", "Miels", "douze", '="05"'],
        ["'-A-", "'@SUM(A1)", "'+33", "dix", "-3"],
    ]
    report = imported(path.read_text("utf-8-sig").replace("douze", "12").replace("dix", "10"))
    assert report.rejected == 0
    assert variants("sku", "product__name_fr", "product__category__name_fr", "stock__on_hand") == [
        ("007", "=1+1", "Miels", 5),
        ("-A-", "@SUM(A1)", "+33", 0),
    ]


def archive(**pictures: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        lines = ("ref;nom;rayon;prix_ttc;photo", "M;Miel;Miels;5;Miel.JPG, face 2.jpg", "T;Thé;Thés;3;absent.png")
        packed.writestr("liste.csv", "\n".join(lines))
        for name, data in pictures.items():
            packed.writestr(f"photos/{name.replace('_', ' ')}.jpg", data)
    return file.getvalue()


def test_pictures_come_in_one_archive_with_the_list(django_capture_on_commit_callbacks):
    sent = archive(miel=picture_bytes("jpeg"), face_2=b"no picture", autre=picture_bytes("jpeg"))
    its = confirmed(sent, name="liste.zip")
    assert its.report["images"] == 2
    assert any("absent.png" in text for text, _count, _lines in its.report["warnings"])
    with django_capture_on_commit_callbacks(execute=True):
        apply_import(import_id=its.pk)
    images = ProductImage.objects.order_by("position")
    assert [(image.state, bool(image.file)) for image in images] == [("READY", True), ("FAILED", False)]
    assert images[1].failure
    again = previewed(sent, name="liste.zip")
    assert (again.report["created"], again.report["updated"], again.report["images"]) == (0, 0, 0)


def test_pictures_of_an_archive_whose_task_was_lost_are_stored_by_the_sweep():
    its = confirmed(archive(miel=picture_bytes("jpeg"), face_2=picture_bytes("png")), name="liste.zip")
    catalogue_imports.apply_import(import_id=its.pk, now=timezone.now())
    assert set(ProductImage.objects.values_list("state", flat=True)) == {"WANTED"}
    resume_imports()
    assert set(ProductImage.objects.values_list("state", flat=True)) == {"READY"}


def test_the_command_takes_pictures_from_the_archive_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "liste.zip"
    path.write_bytes(archive(miel=picture_bytes("jpeg"), face_2=picture_bytes("png")))
    call_command("import_catalogue", str(path), stdout=io.StringIO())
    assert set(ProductImage.objects.values_list("state", flat=True)) == {"READY"}


@pytest.mark.parametrize(("raw", "page"), [
    ("<font color=red>Bio</font><br>Doux", "Bio<br>Doux"),
    ("&lt;p&gt;Doux&lt;/p&gt;&lt;ul&gt;&lt;li&gt;A&lt;/li&gt;&lt;/ul&gt;", "<p>Doux</p><ul><li>A</li></ul>"),
    ("<h2>Un</h2><tr><td>a</td><td>b</td></tr>", "<h3>Un</h3>a : b"),
    ("Lavande & thym < 5 °C", "<p>Lavande &amp; thym &lt; 5 °C</p>"),
])  # fmt: skip
def test_descriptions_of_other_programs(raw, page):
    quoted = raw.replace('"', '""')
    imported(f'ref;nom;description;rayon;prix_ttc\nA;Miel;"{quoted}";Miels;5\n')
    assert Product.objects.get().description_fr == page
