"""Exports of Etsy, Square, OpenCart and Magento, as those programs write them."""

from decimal import Decimal

import pytest

from apps.catalogue.models import Product
from apps.imports.tests.importing import imported
from apps.imports.tests.test_files import images, variants

pytestmark = pytest.mark.django_db
ETSY = (
    "TITLE,DESCRIPTION,PRICE,CURRENCY_CODE,QUANTITY,TAGS,MATERIALS,IMAGE1,IMAGE2,IMAGE10,VARIATION 1 TYPE,"
    "VARIATION 1 NAME,VARIATION 1 VALUES,SKU\n"
    '"Bol en grès","Tourné à la main.\n\nLave-vaisselle.",24.00,EUR,3,"bol,fait_main",Grès,https://i.etsystatic.com/a.jpg,'
    "https://i.etsystatic.com/b.jpg,https://i.etsystatic.com/c.jpg,,,,BOL-1\n"
    'Tasse,,18.00,EUR,5,,,,,,Couleur,Couleur,"Bleu,Vert",\n'
    "Mug,,18.00,USD,5,,,,,,,,,MUG\n"
)
SQUARE = (
    "Reference Handle,Token,Item Name,Variation Name,SKU,Description,Category,GTIN,Square Online Item Visibility,"
    "Item Type,Weight (kg),Price,Archived,Option Name 1,Option Value 1,Current Quantity Lyon,New Quantity Lyon,"
    "Current Quantity Villeurbanne,Tax - TVA réduite (5.5%)\n"
    "#miel,A1,Miel de lavande,Regular,MIEL,<p>Doux</p>,Épicerie > Miels (T2B3ROTJ3HFGVBO22QLOOJDE),3760012345670,"
    "visible,Physical good,0.5,9.90,N,,,12,,3,Y\n"
    "#cafe,B1,Café,250 g,,,Cafés,,visible,Prepared food and beverage,,6.00,N,Poids,250 g,4,,,Y\n"
    "#cafe,B2,Café,1 kg,,,Cafés,,visible,Physical,,20.00,N,Poids,1 kg,0,,1,Y\n"
    "#vieux,C1,Vieux thé,Regular,THE,,Thés,,hidden,Physical,,3.00,Y,,,,,,N\n"
    "#carte,D1,Carte de fidélité,Regular,CARTE,,,,visible,Gift card,,30.00,N,,,,,,N\n"
)
OPENCART = (
    "product_id,name(en-gb),name(fr-fr),categories,sku,upc,ean,jan,isbn,mpn,location,quantity,model,manufacturer,"
    "image_name,shipping,price,points,date_added,date_modified,date_available,weight,weight_unit,length,width,height,"
    "length_unit,status,tax_class_id,description(en-gb),description(fr-fr),meta_title(fr-fr),stock_status_id,store_ids,"
    "layout,related_ids,tags(fr-fr),sort_order,subtract,minimum\n"
    '1,Honey,Miel de lavande,"20,33",MIEL,,3760012345670,,,,,12,Miel 500,La Ruche,catalog/miel.jpg,yes,10.0000,0,,,,'
    '0.50000000,kg,0,0,0,cm,true,9,<p>Sweet</p>,<p>Doux</p>,Miel,7,0,,,"bio,doux",1,true,1\n'
    "3,Soap,Savon,20,,,,,,,,3,SAVON,,,yes,5.0000,0,,,,0.00000000,kg,0,0,0,cm,true,9,,,,7,0,,,,1,true,1\n"
    "4,Soap,Savon doux,20,,,,,,,,3,SAVON,,,yes,6.0000,0,,,,0.00000000,kg,0,0,0,cm,false,9,,,,7,0,,,,1,true,1\n"
    "\n"
    "5,Tea,Thé,20,,,,,,,,3,THE,,,yes,dix,0,,,,0.00000000,kg,0,0,0,cm,true,9,,,,7,0,,,,1,true,1\n"
)
MAGENTO = (
    "sku,store_view_code,attribute_set_code,product_type,categories,name,description,weight,product_online,visibility,"
    "price,special_price,base_image,additional_images,qty,configurable_variations,configurable_variation_labels\n"
    "PULL-S,,Default,simple,,Pull S,,400 g,1,Not Visible Individually,59.0000,,,,3.0000,,\n"
    "PULL-M,,Default,simple,,Pull M,,400 g,1,Not Visible Individually,59.0000,,,,4.0000,,\n"
    '"PULL",,Default,configurable,"Default Category/Vêtements,Default Category/Vêtements/Pulls",Pull marin,'
    '<p>Laine</p>,,1,"Catalog, Search",,,https://exemple.fr/p.jpg,"https://exemple.fr/q.jpg",0,'
    '"sku=PULL-S,size=S|sku=PULL-M,size=M|sku=PULL-L,size=L","size=Taille"\n'
    "PULL,en,Default,configurable,,Sailor’s jumper,,,,,,,,,,,\n"
    'MIEL,,Default,simple,Default Category/Miels,Miel,,0.5,2,"Catalog, Search",9.9000,8.0000,,,12.0000,,\n'
    "LOT,,Default,bundle,,Lot,,,1,,20,,,,1,,\n"
)


def products() -> dict[str, Product]:
    return {product.code: product for product in Product.objects.select_related("category")}


def test_etsy():
    report = imported(ETSY)
    found = products()
    assert (report.format, sorted(found), [reject.row.line for reject in report.rejects]) == (
        "etsy",
        ["BOL-1", "tasse"],
        [6],
    )
    assert found["BOL-1"].description_fr == "<p>Tourné à la main.</p><p>Lave-vaisselle.</p>"
    assert (found["BOL-1"].state, found["tasse"].state) == ("PUBLISHED", "DRAFT")
    assert len(images(found["BOL-1"])) == 3
    assert variants("sku", "price", "stock__on_hand")[0] == ("BOL-1", Decimal(24), 3)


def test_square():
    report = imported(SQUARE)
    found = products()
    assert (report.format, report.rejected, found["miel"].category.name_fr) == ("square", 0, "Miels")
    assert variants("sku", "ean13", "option1_fr", "price", "weight_g", "stock__on_hand", "product__vat_class") == [
        ("MIEL", "3760012345670", "", Decimal("9.90"), 500, 15, "REDUCED"),
        ("cafe-250-g", None, "250 g", Decimal(6), 0, 4, "REDUCED"),
        ("cafe-1-kg", None, "1 kg", Decimal(20), 0, 1, "REDUCED"),
        ("THE", None, "", Decimal(3), 0, 0, "STANDARD"),
        ("CARTE", None, "", Decimal(30), 0, 0, "STANDARD"),
    ]
    states = {code: product.state for code, product in found.items()}
    assert states == {
        "miel": "PUBLISHED",
        "cafe": "PUBLISHED",
        "vieux": "ARCHIVED",
        "carte": "DRAFT",
    }


def test_opencart():
    report = imported(OPENCART)
    found = products()
    assert (report.format, sorted(found)) == ("opencart", ["MIEL", "SAVON", "SAVON-4"])
    assert [(reject.row.line, reject.column) for reject in report.rejects] == [(6, "price")]
    assert variants("sku", "ean13", "price", "weight_g", "stock__on_hand") == [
        ("MIEL", "3760012345670", Decimal("12.00"), 500, 12),
        ("SAVON", None, Decimal("6.00"), 0, 3),
        ("SAVON-4", None, Decimal("7.20"), 0, 3),
    ]
    honey = found["MIEL"]
    assert (honey.name_fr, honey.brand.name, honey.category.name_fr) == ("Miel de lavande", "La Ruche", "Divers")
    # Which rate each product has, no column says: a person looks before it is sold.
    assert {product.state for product in found.values()} == {"DRAFT"}
    assert any("OpenCart" in text for text in report.warnings)


def test_magento():
    report = imported(MAGENTO)
    found = products()
    assert (report.format, sorted(found)) == ("magento", ["MIEL", "PULL"])
    assert [reject.row.line for reject in report.rejects] == [7]
    jumper = found["PULL"]
    assert (jumper.category.name_fr, jumper.option1_name_fr, len(images(jumper))) == ("Pulls", "Taille", 2)
    assert [*jumper.variants.values_list("sku", "option1_fr", "price", "weight_g", "stock__on_hand")] == [
        ("PULL-S", "S", Decimal(59), 400, 3),
        ("PULL-M", "M", Decimal(59), 400, 4),
    ]
    assert (found["MIEL"].state, report.doubtful) == ("DRAFT", 1)
    assert any("absent du fichier" in text for text in report.warnings)
    assert any("vue" in text for text in report.warnings)


@pytest.mark.parametrize("content", [ETSY, SQUARE, MAGENTO, OPENCART], ids=["etsy", "square", "magento", "opencart"])
def test_a_repeat_changes_nothing(content):
    imported(content)
    report = imported(content)
    assert (report.created, report.updated) == (0, 0)
