"""Whatever is sent to whatever page of the shop is never answered by a 500, but in the visitor's language.

The test client raises what a server would answer with 500, so that any page added later is held to the same.
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


def addresses() -> Iterator[str]:
    """Each page in both languages, with arguments that name nothing."""
    for language in ("fr", "en"):
        with override(language):
            for name, arguments in pages():
                choices = [BAD_ARGUMENTS[kind] for kind in arguments.values()] or [[None]]
                for number in range(max(len(choice) for choice in choices)):
                    values = [choice[min(number, len(choice) - 1)] for choice in choices]
                    yield reverse(f"storefront:{name}", kwargs=dict(zip(arguments, values, strict=False)))


def assert_clear(response, address: str) -> None:
    """No 500; and what is refused is told in the language of the address."""
    assert response.status_code < 500, address
    kind = response.get("Content-Type", "")
    if response.status_code >= 400 and kind.startswith("text/html") and response.content:
        content = response.content.decode()
        language = "en" if address.startswith("/en/") else "fr"
        assert PERSONAL_BODY.search(content)[1] == language, address
        assert "<h1" in content, address


@pytest.fixture(scope="module")
def every_address(django_db_setup) -> list[str]:
    return sorted(set(addresses()))


@pytest.fixture
def variant(db):
    DeliveryMethodFactory(code="domicile")
    return VariantFactory(sku="CONFITURE")


@pytest.fixture
def visitor(variant) -> Client:
    """Somebody with a basket and an account: the longest way into each view."""
    client = Client()
    client.force_login(UserFactory())
    client.post(reverse("storefront:basket_add"), {"sku": variant.sku})
    return client


def test_any_text_in_any_parameter_of_any_page(visitor, every_address):
    for number, address in enumerate(every_address):
        for shift in range(2):
            text = HOSTILE_TEXTS[(number * 2 + shift) % len(HOSTILE_TEXTS)]
            assert_clear(visitor.get(address, dict.fromkeys(PARAMETERS, text)), address)


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
    # A list reads each parameter by itself: the first that it refuses must not hide the others.
    alone = [(address, {name: text}) for address in lists for name in given]
    for address, parameters in alone + [(address, dict.fromkeys(given, text)) for address in others]:
        response = visitor.get(address, parameters)
        assert_clear(response, address)
        assert response.status_code in (200, 301, 302, 303, 404), (address, parameters)
        assert b"<script>alert" not in response.content


def test_any_method_on_any_page(visitor, every_address):
    for address in every_address:
        for method in ("head", "options", "put", "delete"):
            assert_clear(getattr(visitor, method)(address), address)


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
def test_any_body_on_any_page(visitor, every_address, body, content_type):
    # Every other address, beginning by the body's length: each address meets three or four of them.
    for address in every_address[len(body) % 2 :: 2]:
        assert_clear(visitor.generic("POST", address, body, content_type), address)


def test_any_field_of_any_form(visitor, every_address):
    names = ("sku", "quantity", "line", "to", "email", "recipient", "postcode", "phone", "message", "subject", "answer")
    names += ("delivery_method", "payment_method", "pickup_point", "terms", "basket", "fingerprint", "method")
    for number, address in enumerate(every_address):
        for shift in range(2):
            text = HOSTILE_TEXTS[(number * 5 + shift) % len(HOSTILE_TEXTS)]
            assert_clear(visitor.post(address, dict.fromkeys(names, text)), address)


def test_a_file_where_none_is_expected(visitor, every_address):
    for address in every_address:
        upload = SimpleUploadedFile("facture\u202e.exe", b"MZ" + b"\x00" * 1000)
        assert_clear(visitor.post(address, {"sku": upload, "email": upload, "quantity": "1"}), address)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_an_unknown_address_is_told_in_the_visitor_s_language(visitor, prefix):
    response = visitor.get(f"{prefix}/nulle/part/")
    assert response.status_code == 404
    assert_clear(response, f"{prefix}/nulle/part/")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("quantity", ["0", "-1", "1e9", "1000000000", "abc", "", "1.5", "1,5", "²", "9" * 400])
def test_an_impossible_quantity_is_told_and_nothing_is_lost(visitor, variant, quantity, language):
    with override(language):
        address = reverse("storefront:basket_add")
        sentence = gettext("Indiquez une quantité entre 1 et 999, en chiffres.")
    response = visitor.post(address, {"sku": variant.sku, "quantity": quantity})
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert 'id="ligne-' in response.content.decode()


def test_strange_cookies_open_nothing_and_break_nothing(variant, every_address):
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
