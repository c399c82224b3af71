"""The shop's own picture, colour and languages on its pages."""

import pytest
from django.urls import reverse

from apps.shop.icons import make_icons
from apps.shop.tests.factories import write_shop
from apps.shop.tests.test_look import picture

pytestmark = pytest.mark.django_db


def home(client) -> str:
    return client.get("/").content.decode()


def test_the_shop_s_picture_is_in_header_tab_and_telephone(client):
    assert "storefront/favicon.svg" in home(client)
    folder = make_icons(picture())
    write_shop(icons=folder)
    page = home(client)
    for name in ("favicon.ico", "icon-192.png", "apple-touch-icon.png", "mark.png"):
        assert f"/media/{folder}/{name}" in page
    assert "storefront/favicon.svg" not in page
    assert client.get("/favicon.ico").url == f"/media/{folder}/favicon.ico"
    icons = client.get("/manifest.webmanifest").json()["icons"]
    assert {icon["src"] for icon in icons} == {f"/media/{folder}/icon-192.png", f"/media/{folder}/icon-512.png"}


def test_the_shop_s_colour_is_a_style_sheet_of_its_own(client):
    assert "couleurs-" not in home(client)
    shop = write_shop(accent="#6a1b9a")
    url = reverse("storefront:colours", args=[shop.version])
    assert f'<link rel="stylesheet" href="{url}">' in home(client)
    answer = client.get(url)
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert "--leaf: #6a1b9a;" in answer.content.decode()
    write_shop(accent="")
    assert client.get(url).status_code == 404


def test_a_shop_in_french_alone_leads_there(client):
    assert 'hreflang="en"' in home(client)
    write_shop(offers_english=False)
    page = home(client)
    assert 'hreflang="en"' not in page
    assert "/en/" not in page
    assert client.get("/en/").url == "/"
    assert client.get("/en/search/?q=miel").url == "/recherche/?q=miel"
    assert client.get("/en/nowhere/").url == "/"
    assert "-en.xml" not in client.get("/sitemap.xml").content.decode()
    write_shop(offers_english=True)
    assert client.get("/en/").status_code == 200
