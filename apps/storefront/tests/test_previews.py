"""Metadata of pages: Open Graph, structured data, manifest."""

import json
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.safestring import mark_safe

from apps.catalogue.ean import is_ean13, is_gtin, with_check_digit
from apps.catalogue.services.listing import rebuild_listing
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.storefront.templatetags.shop import social_title

pytestmark = pytest.mark.django_db
META = re.compile(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">')


@pytest.fixture
def product():
    rayon = CategoryFactory(slug_fr="epicerie", slug_en="grocery", name_fr="Épicerie", name_en="Grocery")
    product = ProductFactory(category=rayon, name_fr="Sel « fin » & gros", slug_fr="sel", slug_en="salt")
    VariantFactory(product=product, sku="SEL", ean13=with_check_digit("376000000000"))
    rebuild_listing()
    return product


PUBLIC = ["/", "/en/", "/rayon/epicerie/", "/produit/sel/", "/mentions-legales/", "/contact/", "/avis-et-commentaires/"]


def test_a_title_is_escaped_whether_it_was_kept_or_not(settings):
    settings.SHOP_FROM_ENVIRONMENT = {"name": "Sel & Cie"}
    assert social_title("<b>Miel</b>") == "&lt;b&gt;Miel&lt;/b&gt;"
    assert social_title(mark_safe("Thé &amp; miel – Sel &amp; Cie")) == "Thé &amp; miel"


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_has_a_preview(client, product, path):
    text = client.get(path).content.decode()
    tags = META.findall(text)
    meta = dict(tags)
    assert len(tags) == len(meta), "a tag twice"
    assert {
        "og:title",
        "og:description",
        "og:url",
        "og:image",
        "og:type",
        "og:site_name",
        "twitter:card",
    } <= meta.keys()
    assert all(meta.values())
    assert meta["og:url"] == settings.SITE_URL + path
    assert meta["og:title"] in re.search("<title>(.*?)</title>", text, re.S).group(1)
    assert meta["og:locale"] == ("en_GB" if path.startswith("/en/") else "fr_FR")


def test_names_are_escaped_once(client, product):
    meta = dict(META.findall(client.get("/produit/sel/").content.decode()))
    assert meta["og:title"].startswith("Sel « fin » &amp; gros")


@pytest.mark.parametrize("path", ["/panier/", "/compte/connexion/"])
def test_a_personal_page_tells_nobody_its_address(client, path):
    text = client.get(path).content.decode()
    assert "og:title" in text
    assert "og:url" not in text


@pytest.mark.parametrize(("path", "language"), [("/manifest.webmanifest", "fr"), ("/en/manifest.webmanifest", "en")])
def test_the_manifest_has_its_type_language_and_icons(client, path, language):
    answer = client.get(path)
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = json.loads(answer.content)
    assert manifest["lang"] == language
    assert client.get(manifest["start_url"]).status_code == 200
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert icon["type"] == "image/png"
        assert finders.find(icon["src"].removeprefix(settings.STATIC_URL))
    assert f'<link rel="manifest" href="{path}">' in client.get(manifest["start_url"]).content.decode()


@pytest.mark.parametrize("name", ["favicon.ico", "apple-touch-icon.png"])
def test_icons_are_found_at_the_root(client, name):
    answer = client.get(f"/{name}")
    assert answer.status_code == 302
    assert finders.find(answer["Location"].removeprefix(settings.STATIC_URL))


@pytest.mark.parametrize("path", ["/", "/en/"])
def test_the_home_page_says_who_and_where_the_search_is(client, path):
    text = client.get(path).content.decode()
    organisation, site = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text).group(1))
    assert (organisation["@type"], site["@type"]) == ("Organization", "WebSite")
    assert site["url"] == settings.SITE_URL + path
    found = site["potentialAction"]["target"]["urlTemplate"].format(search_term_string="sel")
    assert client.get(found.removeprefix(settings.SITE_URL)).status_code == 200


@pytest.mark.parametrize(
    "twelve",
    ["020000000000", "040000000000", "200000000000", "291234567890", "000000000000", "981000000000", "990000000000"],
)
def test_a_number_of_the_shop_s_own_or_of_a_coupon_is_no_gtin(twelve):
    code = with_check_digit(twelve)
    assert is_ean13(code)
    assert not is_gtin(code)


@pytest.mark.parametrize("code", ["3760000000001", "", "123", "3760000000000x"])
def test_a_wrong_number_is_no_gtin(code):
    assert not is_gtin(code)


@pytest.mark.parametrize(
    ("code", "announced"), [(with_check_digit("376000000000"), True), (with_check_digit("200000000000"), False)]
)
def test_search_engines_are_told_world_wide_numbers_only(client, product, code, announced):
    product.variants.update(ean13=code)
    rebuild_listing()
    text = client.get("/produit/sel/").content.decode()
    assert (f'"gtin13":"{code}"' in text) is announced


def test_the_page_about_reviews_is_in_the_sitemap(client):
    assert "/avis-et-commentaires/</loc>" in client.get("/sitemap-pages-fr.xml").content.decode()


def test_one_separator_stands_in_titles(client, product):
    for path in [*PUBLIC, "/panier/", "/recherche/?q=sel", "/compte/connexion/", "/rien/"]:
        title = re.search("<title>(.*?)</title>", client.get(path).content.decode(), re.S).group(1)
        assert " – " in title
        assert not re.search("[—·|]", title)
