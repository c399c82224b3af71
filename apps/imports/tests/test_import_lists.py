"""Lists under the headers of tills, suppliers and other shops, as their owners hold them in hand."""

from decimal import Decimal

import pytest

from apps.catalogue.models import Product, Variant
from apps.common.tabular.errors import UnreadableFile
from apps.imports.tests.importing import imported

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "code", "price"),
    [
        ("id;nom;categorie;prix;poids\n7;Dattes;Fruits;6,50;500 g\n", "7", "6.50"),
        ("N° Référence,Nom,Prix\nR-1,Dattes,6.50\n", "R-1", "6.50"),
        ("Code EAN,Nom de l’article,Catégorie,Prix HT,TVA,TTC,stock\n3760012345670,Miel,Épicerie,9.38,0.055,9.90,4\n",
         "3760012345670", "9.90"),
        ("Réf.|Désignation|Famille|Prix TTC (€)|Taux TVA (%)|Qté\nA-1|Pain|Boulangerie|1,20|5,5|12\n", "A-1", "1.20"),
        ("Tarif public 2026\n\nRef article\tLibellé\tRayon\tPV TTC\nX1\tSavon\tSoins\t4€50\n", "X1", "4.50"),
        ("Nom Produit;Référence;Prix\nBracelet;B1;\"5,90 €\"\n", "B1", "5.90"),
        ("SKU,Title,Price,Quantity,Category\nS-1,Mug,12.00,3,Maison\n", "S-1", "12.00"),
        ("﻿Product ID;Name;Reference;Price tax included;Category\n1;Lampe;LA-1;39.000000;Maison\n", "LA-1", "39.00"),
        ("ID;Image;Nom;Référence;Catégorie;Prix (HT);Prix (TTC);Stock;État\n4;;Bol;BOL;Maison;10,00 €;12,00 €;3;1\n",
         "BOL", "12.00"),
    ],
)  # fmt: skip
def test_headers_that_merchants_use(text, code, price):
    report = imported(text)
    assert (report.created, report.rejected) == (1, 0)
    assert Variant.objects.values_list("sku", "price").get() == (code, Decimal(price))


def test_a_price_without_vat_gets_that_of_its_row():
    imported("ref;nom;rayon;prix_ht;tva\nA;Miel;Épicerie;9,384;5,5\n".replace("9,384", "9,3839"))
    assert Variant.objects.get().price == Decimal("9.90")


def test_a_price_without_vat_and_without_a_rate_is_not_published():
    report = imported("ref;nom;rayon;prix_ht\nA;Miel;Épicerie;10\n")
    assert (Product.objects.get().state, Variant.objects.get().price, report.doubtful) == ("DRAFT", Decimal(12), 1)


def test_two_prices_that_do_not_agree_with_the_rate_are_refused():
    report = imported("ref;nom;rayon;prix_ht;prix_ttc;tva\nA;Miel;Épicerie;10,00;10,55;20\n")
    assert [reject.reason for reject in report.rejects] == ["prix HT, prix TTC et TVA ne s’accordent pas"]


def test_columns_that_contradict_each_other_are_refused_on_their_line():
    report = imported("ref;nom;rayon;prix;prix\nA;Miel;Épicerie;9,90;9,90\nB;Thé;Épicerie;9,90;8,90\n")
    assert (report.created, [reject.row.line for reject in report.rejects]) == (1, [3])


def test_a_last_line_cut_off_in_transit_is_no_product():
    report = imported("ref;nom;rayon;prix;stock\nA;Miel;Épicerie;9,90;3\nB;Thé;Épicerie;1")
    assert (report.created, [reject.row.line for reject in report.rejects]) == (1, [3])


def test_unknown_columns_are_named():
    report = imported("ref;nom;rayon;prix_ttc;Emplacement;Lot\nA;Miel;Épicerie;9,90;B3;77\n")
    assert list(report.warnings) == ["colonnes ignorées\u202f: Emplacement, Lot"]


def test_a_price_that_changes_by_more_than_thirty_per_cent_is_counted_apart():
    text = "ref;nom;rayon;prix\nA;Miel;Épicerie;{}\nB;Thé;Épicerie;10,00\n"
    imported(text.format("10,00"))
    assert imported(text.format("13,00"), dry_run=True).big_price_change_count == 0
    assert imported(text.format("6,99"), dry_run=True).big_price_change_count == 1
    report = imported(text.format("100,00"), dry_run=True)
    assert [(each.code, each.before, each.after) for each in report.big_price_changes] == [("A", "10,00", "100,00")]


WOOCOMMERCE = (
    "ID,Type,SKU,Name,Published,Visibility in catalog,Short description,Description,Tax status,Tax class,In stock?,"
    "Stock,Weight (kg),Sale price,Regular price,Categories,Tags,Images,Parent,Attribute 1 name,Attribute 1 value(s)"
)


@pytest.mark.parametrize(
    ("line", "created", "state", "reason"),
    [
        ("1,simple,A,Mug,1,visible,,,taxable,,1,5,0.3,,12.00,Home,,,,,", 1, "PUBLISHED", ""),
        ('1,"simple, downloadable, virtual",A,E-book,1,visible,,,taxable,,1,,,,9.00,Books,,,,,', 1, "DRAFT", ""),
        ("1,simple,,Mug,0,visible,,,taxable,,1,5,,,12.00,Home,,,,,", 1, "DRAFT", ""),
        ("1,grouped,A,Set,1,visible,,,taxable,,1,,,,,Home,,,,,", 0, "", "produit groupé"),
        ("1,simple,A,Mug,1,visible,,,none,,1,5,,,12.00,Home,,,,,", 0, "", "TVA à 0"),
        ("1,simple,A,Mug,1,visible,,,taxable,zero-rate,1,5,,,12.00,Home,,,,,", 0, "", "TVA à 0"),
        ("1,variation,A,Mug - S,1,visible,,,taxable,,1,5,,,12.00,,,,MUG,Size,S", 0, "", "produit inconnu"),
        ("1,variable,A,Mug,1,visible,,,taxable,,1,,,,,Home,,,,Size,S", 0, "", "aucun modèle"),
    ],
)
def test_woocommerce_in_english(line, created, state, reason):
    report = imported(f"{WOOCOMMERCE}\n{line}\n")
    assert (report.format, report.created) == ("woocommerce", created)
    assert [product.state for product in Product.objects.all()] == [state] * created
    assert all(reject.reason.startswith(reason) for reject in report.rejects)
    assert len(report.rejects) == 1 - created


def test_a_variations_own_picture_is_shown_for_it():
    lines = [
        "1,variable,A,Mug,1,visible,,,taxable,,1,,,,,Home,,https://i.example/a.jpg,,Size,S",
        '2,variation,A-S,Mug,1,visible,,,taxable,,1,5,,,9.00,,,"https://i.example/a.jpg, https://i.example/s.jpg",A,Size,S',
    ]
    imported("\n".join([WOOCOMMERCE, *lines]) + "\n")
    product = Product.objects.get()
    assert list(product.images.order_by("position").values_list("source_url", "variant__sku")) == [
        ("https://i.example/a.jpg", "A-S"),
        ("https://i.example/s.jpg", "A-S"),
    ]


WIX = (
    "handleId,fieldType,name,description,productImageUrl,collection,sku,ribbon,price,surcharge,visible,discountMode,"
    "discountValue,inventory,weight,cost,productOptionName1,productOptionType1,productOptionDescription1,brand"
)


def test_wix_with_variants_and_a_surcharge():
    lines = [
        'p1,Product,Sancerre,"<p>Sec</p>",a.jpg;https://i.example/b.jpg,Vins;Blancs,,,18.0,,true,PERCENT,0.0,InStock,,,'
        "Taille,DROP_DOWN,75 cl;150 cl,Domaine",
        "p1,Variant,,,,,S-75,,,0.0,,,,12,1.3,,,,75 cl,",
        "p1,Variant,,,,,S-150,,,20.5,,,,OutOfStock,,,,,150 cl,",
        "p2,Product,Verre,,,Maison,V-1,,4.0,,FALSE,PERCENT,10.0,7,,,,,,",
    ]
    report = imported("\n".join([WIX, *lines]) + "\n")
    assert (report.format, report.created, report.rejected) == ("wix", 2, 0)
    assert list(Variant.objects.order_by("pk").values_list("sku", "option1_fr", "price", "stock__on_hand")) == [
        ("S-75", "75 cl", Decimal("18.00"), 12),
        ("S-150", "150 cl", Decimal("38.50"), 0),
        ("V-1", "", Decimal("4.00"), 7),
    ]
    wine = Product.objects.get(code="p1")
    assert (wine.category.name_fr, wine.brand.name, wine.option1_name_fr) == ("Vins", "Domaine", "Taille")
    assert [image.source_url for image in wine.images.order_by("position")] == [
        "https://static.wixstatic.com/media/a.jpg",
        "https://i.example/b.jpg",
    ]
    assert Product.objects.get(code="p2").state == "DRAFT"
    assert imported("\n".join([WIX, *lines]) + "\n").unchanged == 2


def test_a_list_without_codes_or_prices_says_what_it_needs():
    with pytest.raises(UnreadableFile, match="Aucun format connu"):
        imported("nom;couleur\nMiel;jaune\n")
