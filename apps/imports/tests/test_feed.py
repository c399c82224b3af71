"""Feeds of products in XML."""

import gzip
from decimal import Decimal

import pytest

from apps.catalogue.models import Product
from apps.common.tabular.errors import UnreadableFile
from apps.imports.tests.importing import imported
from apps.imports.tests.test_files import variants

ITEM = (
    "<item><g:id>{code}</g:id><title>{name} &amp; co</title><g:description>Ligne 1\nLigne 2</g:description>"
    "<link>https://ancien.example/{code}</link><g:image_link>https://i.example/{code}.jpg</g:image_link>"
    "<g:additional_image_link>https://i.example/2.jpg</g:additional_image_link>"
    "<g:additional_image_link>https://i.example/3.jpg</g:additional_image_link>"
    "<g:price>{price}</g:price><g:availability>{stock}</g:availability><g:gtin>{ean}</g:gtin>"
    "<g:brand>La Ruche</g:brand><g:product_type>Épicerie > Miels</g:product_type>"
    "<g:shipping_weight>0,5 kg</g:shipping_weight></item>"
)
HONEY = {"code": "MIEL", "name": "Miel", "price": "9.90 EUR", "stock": "in_stock", "ean": "3760012345670"}
WAX = {"code": "CIRE", "name": "Cire", "price": "1,290.00 EUR", "stock": "out_of_stock", "ean": ""}


def feed(*items: dict[str, str], head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    inside = "".join(ITEM.format(**each) for each in items)
    return (
        f'{head}<rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Boutique</title>{inside}</channel></rss>'
    )


@pytest.mark.django_db
@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_google_merchants_feed(pack):
    report = imported(pack(feed(HONEY, WAX)))
    assert (report.created, report.rejected) == (2, 0)
    assert variants("sku", "ean13", "price", "weight_g", "stock__on_hand") == [
        ("3760012345670", "3760012345670", Decimal("9.90"), 500, 0),
        ("CIRE", None, Decimal("1290.00"), 500, 0),
    ]
    honey = Product.objects.get(code="3760012345670")
    assert (honey.name_fr, honey.category.name_fr, honey.brand.name, honey.images.count()) == (
        *("Miel & co", "Miels", "La Ruche", 3),
    )
    assert imported(pack(feed(HONEY, WAX))).unchanged == 2


@pytest.mark.django_db
def test_a_feed_of_atom_entries():
    entries = feed(HONEY).replace("<item>", "<entry>").replace("</item>", "</entry>").replace("rss", "feed")
    assert imported(entries).created == 1


@pytest.mark.parametrize(("text", "words"), [
    (feed(HONEY)[:-40], "abîmé ou incomplet"),
    (feed(), "pas un flux de produits"),
    (feed(HONEY, head='<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">]>'), "déclare des entités"),
    ('<?xml version="1.0" encoding="martien"?><rss><item><id>1</id></item></rss>', "abîmé"),
    ("<?xml version='1.0'?><html><body><p>Bonjour</p></body></html>", "pas un flux de produits"),
])  # fmt: skip
def test_xml_that_is_no_feed_is_refused_with_the_reason(text, words):
    with pytest.raises(UnreadableFile, match=words):
        imported(text)
