"""Invalid input to any page of the shop: never a 500, and refusals in the visitor's language.

All pages are found by the URLconf, so that later ones are tested too.
"""

import re
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils.translation import gettext, override

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.tests.factories import placed_order
from apps.delivery.tests.factories import DeliveryMethodFactory
from apps.storefront import urls as storefront

pytestmark = pytest.mark.django_db

HOSTILE_TEXTS = [
    "",
    " ",
    "x" * 10_000,
    "0",
    "-1",
    "1e9",
    "1.5",
    "9" * 30,
    "abc",
    "null",
    "²",
    "٣",
    "'\"--;",
    "<script>alert(1)</script>",
    "%",
    "_",
    "*",
    '"',
    "+du -au (",
    "\\",
    "{{ 7*7 }}",
    "../../etc/passwd",
    "🧀" * 50,
    "\u202e\u200f",
    "\r\nSet-Cookie: a=b",
    "NaN",
    "inf",
]
PARAMETERS = (
    "page",
    "q",
    "tri",
    "marque",
    "prix",
    "disponible",
    "a_couleur",
    "modele",
    "adresse",
    "ajout",
    "retrait",
    "quantite",
    "next",
)
BAD_ARGUMENTS = {"slug": ["inconnu", "x" * 500], "str": ["inconnu", "x" * 500, "é🧀"], "int": [0, 10**30]}
PERSONAL_BODY = re.compile(r"<html lang=\"(\w\w)\"")


def pages() -> list[tuple[str, dict[str, str]]]:
    """Every page of the storefront: its name and the converters of its arguments."""
    patterns = [pattern for pattern in storefront.urlpatterns if isinstance(pattern, URLPattern)]
    assert len(patterns) > 30
    return [
        (pattern.name, {name: _kind(converter) for name, converter in pattern.pattern.converters.items()})
        for pattern in patterns
    ]


def _kind(converter: object) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


def page_urls() -> Iterator[str]:
    """Each page in both languages, with arguments that name nothing."""
    for language in ("fr", "en"):
        with override(language):
            for name, arguments in pages():
                choices = [BAD_ARGUMENTS[kind] for kind in arguments.values()] or [[None]]
                for number in range(max(len(choice) for choice in choices)):
                    values = [choice[min(number, len(choice) - 1)] for choice in choices]
                    yield reverse(f"storefront:{name}", kwargs=dict(zip(arguments, values, strict=False)))


def assert_clear(response, url: str) -> None:
    """No 500; a refusal is a page in the URL's language."""
    assert response.status_code < 500, url
    kind = response.get("Content-Type", "")
    if response.status_code >= 400 and kind.startswith("text/html") and response.content:
        content = response.content.decode()
        language = "en" if url.startswith("/en/") else "fr"
        assert PERSONAL_BODY.search(content)[1] == language, url
        assert "<h1" in content, url


@pytest.fixture(scope="module")
def all_urls(django_db_setup) -> list[str]:
    return sorted(set(page_urls()))


@pytest.fixture
def variant(db):
    DeliveryMethodFactory(code="domicile")
    return VariantFactory(sku="CONFITURE")


@pytest.fixture
def visitor(variant) -> Client:
    """A client with a basket and an account, for which views do the most."""
    client = Client()
    client.force_login(UserFactory())
    client.post(reverse("storefront:basket_add"), {"sku": variant.sku})
    return client


def test_any_text_in_any_parameter_of_any_page(visitor, all_urls):
    for number, url in enumerate(all_urls):
        for shift in range(2):
            text = HOSTILE_TEXTS[(number * 2 + shift) % len(HOSTILE_TEXTS)]
            assert_clear(visitor.get(url, dict.fromkeys(PARAMETERS, text)), url)


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: repr(text[:12]))
def test_any_text_where_a_shopper_searches_or_turns_pages(visitor, variant, text):
    lists = (reverse("storefront:search"), reverse("storefront:category", args=[variant.product.category.slug]))
    others = (
        reverse("storefront:home"),
        reverse("storefront:suggestions"),
        reverse("storefront:product", args=[variant.product.slug]),
        reverse("storefront:basket"),
    )
    given = [name for name in PARAMETERS if name != "adresse"]
    # Lists are sent one parameter at a time: the first that is refused would hide the others. Each text is tried
    # in half of the parameters of one list, and in the other half of the other.
    alone = [(url, {name: text}) for n, url in enumerate(lists) for name in given[(len(text) + n) % 2 :: 2]]
    for url, parameters in alone + [(url, dict.fromkeys(given, text)) for url in others]:
        response = visitor.get(url, parameters)
        assert_clear(response, url)
        assert response.status_code in (200, 301, 302, 303, 404), (url, parameters)
        assert b"<script>alert" not in response.content


def test_any_method_on_any_page(visitor, all_urls):
    for url in all_urls:
        for method in ("head", "options", "put", "delete"):
            assert_clear(getattr(visitor, method)(url), url)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"=&=&&;;", "application/x-www-form-urlencoded"),
        (b'{"sku": ["CONFITURE"]}', "application/json"),
        (b"<x/>", "text/xml"),
        (b"\x00\xff", "application/octet-stream"),
        (b"x", "no type at all"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
def test_any_body_on_any_page(visitor, all_urls, body, content_type):
    # Every other URL, depending on the body's length: each URL gets three or four of the bodies.
    for url in all_urls[len(body) % 2 :: 2]:
        assert_clear(visitor.generic("POST", url, body, content_type), url)


def test_any_field_of_any_form(visitor, all_urls):
    names = ("sku", "quantity", "line", "to", "email", "recipient", "postcode", "phone", "message", "subject", "answer")
    names += ("delivery_method", "payment_method", "pickup_point", "terms", "basket", "fingerprint", "method")
    for number, url in enumerate(all_urls):
        for shift in range(2):
            text = HOSTILE_TEXTS[(number * 5 + shift) % len(HOSTILE_TEXTS)]
            assert_clear(visitor.post(url, dict.fromkeys(names, text)), url)


def test_a_file_where_none_is_expected(visitor, all_urls):
    for url in all_urls:
        upload = SimpleUploadedFile("facture\u202e.exe", b"MZ" + b"\x00" * 1000)
        assert_clear(visitor.post(url, {"sku": upload, "email": upload, "quantity": "1"}), url)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_an_unknown_url_is_refused_in_the_visitor_s_language(visitor, prefix):
    response = visitor.get(f"{prefix}/nulle/part/")
    assert response.status_code == 404
    assert_clear(response, f"{prefix}/nulle/part/")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("quantity", ["0", "-1", "1e9", "1000000000", "abc", "", "1.5", "1,5", "²", "9" * 400])
def test_an_impossible_quantity_is_refused_and_nothing_is_lost(visitor, variant, quantity, language):
    with override(language):
        url = reverse("storefront:basket_add")
        sentence = gettext("Indiquez une quantité entre 1 et 999, en chiffres.")
    response = visitor.post(url, {"sku": variant.sku, "quantity": quantity})
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert 'id="ligne-' in response.content.decode()


def test_strange_cookies_open_nothing_and_break_nothing(variant, all_urls):
    order = placed_order().order
    for value in ("x" * 4000, "é", '"', "a;b", str(order.basket_key), "..", "0"):
        client = Client()
        for name in ("panier", "sessionid", "csrftoken", "messages", "django_language"):
            client.cookies[name] = value
        for name in ("home", "basket", "checkout", "summary", "me", "contact"):
            assert_clear(client.get(reverse(f"storefront:{name}")), name)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "x" * 5000},
        {"Accept-Language": "en;q=abc,fr;q=9"},
        {"Accept": "*/*;q=x"},
        {"Accept": "application/json, " * 500},
        {"Referer": "\u00ff" * 500},
        {"User-Agent": ""},
        {"If-None-Match": '"' * 500},
        {"If-Modified-Since": "jamais"},
        {"Range": "bytes=9-1"},
        {"X-Forwarded-For": "' OR 1=1"},
        {"X-Forwarded-Proto": "gopher"},
        {"Cookie": "=;=;;"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_strange_headers(visitor, headers):
    for name in ("home", "search", "basket", "checkout", "me"):
        assert_clear(visitor.get(reverse(f"storefront:{name}"), headers=headers), name)
    assert_clear(visitor.post(reverse("storefront:basket_add"), {"sku": "CONFITURE"}, headers=headers), "add")
