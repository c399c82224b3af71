import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override

from apps.common.translation import LANGUAGES
from apps.payments import gateways
from apps.payments.gateways.bank_transfer import BankTransfer
from apps.payments.gateways.on_collection import OnCollection
from apps.shop.identity import current
from apps.shop.models import Shop
from apps.shop.terms import TEMPLATE as TERMS_VERSION
from apps.shop.terms import TEMPLATES as TERMS_VERSIONS
from apps.storefront.visitor import BASKET_COOKIE_AGE

pytestmark = pytest.mark.django_db
TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "storefront"
PAGES = ["legal_notice", "terms", "privacy", "delivery_and_returns"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_each_text_exists_in_each_language_and_names_the_shop(client, name, language):
    with override(language):
        page = client.get(reverse(f"storefront:{name}"))
    text = page.content.decode()
    assert page.status_code == 200
    assert f'<html lang="{language}">' in text
    assert current().company in text
    assert text.count("<h1>") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_version_of_the_terms_stays_reachable(client, language):
    for version in TERMS_VERSIONS:
        with override(language):
            page = client.get(reverse("storefront:terms_version", args=[version]))
        assert page.status_code == 200
    assert TERMS_VERSION in TERMS_VERSIONS


@pytest.mark.parametrize("version", ["2020-01-01", "..", "%2e%2e%2fnotice", "x" * 500])
def test_an_unknown_version_is_not_found(client, version):
    assert client.get(f"/conditions-generales/{version}/").status_code == 404


def test_french_texts_keep_their_narrow_spaces(client):
    text = client.get(reverse("storefront:terms")).content.decode()
    text = re.sub(r"<script.*?</script>|<[^>]+>", "", text, flags=re.S)
    assert not re.search(r"[^\s] [;:!?»]|« ", text)


@pytest.mark.parametrize(
    ("language", "link"),
    [("fr", '<a href="/avis-et-commentaires/">Avis et commentaires</a>'), ("en", "Reviews and comments</a>")],
)
def test_the_legal_notice_says_that_reviews_are_published(client, language, link):
    with override(language):
        text = client.get(reverse("storefront:legal_notice")).content.decode()
    assert link in text
    assert "pas d’avis" not in text
    assert "not publish" not in text


@pytest.mark.parametrize("demo", [True, False])
def test_the_footer_names_the_means_of_payment_that_the_checkout_offers(client, settings, demo):
    settings.PAYMENT_GATEWAYS = [path for path in settings.PAYMENT_GATEWAYS if demo or "demo" not in path]
    footer = client.get(reverse("storefront:contact")).content.decode().partition("<footer")[2]
    for gateway in gateways.registered().values():
        assert escape(gateway.name) in footer
    assert ("Carte bancaire" in footer) is demo


# What no page may promise before the shop does it: pattern → who does it, None while nobody does.
PROMISES = {r"factures?\b|invoices?\b": "invoicing"}


@pytest.mark.parametrize("pattern", PROMISES)
def test_no_text_promises_what_the_shop_does_not_do(pattern):
    if apps.is_installed(f"apps.{PROMISES[pattern]}"):
        return
    texts = [path for path in TEMPLATES.rglob("*.html") if re.search(pattern, path.read_text(), flags=re.I)]
    assert texts == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terms_in_force_hold_pieces_as_long_as_the_code_does(client, language):
    Shop.objects.create(card_hold_minutes=45, transfer_hold_days=12, version=1)
    with override(language):
        terms = " ".join(client.get(reverse("storefront:terms")).content.decode().split())
    card, transfer = {"fr": ("45 minutes", "12 jours"), "en": ("45 minutes", "12 days")}[language]
    assert (timedelta(minutes=45), timedelta(days=12)) == (current().card_hold, BankTransfer().hold)
    assert OnCollection().hold is None
    held = re.search(r"[^.]*" + card + r"[^.]*\.", terms).group()
    assert transfer in held
    assert "retrait" not in held
    assert "collection" not in held


def test_the_privacy_page_says_how_long_baskets_and_their_cookie_are_kept(client):
    text = client.get(reverse("storefront:privacy")).content.decode()
    assert f"{settings.BASKET_LIFETIME.days} jours après le dernier changement" in text
    assert f"{BASKET_COOKIE_AGE // 86400} jours" in text
    assert f"{settings.SESSION_COOKIE_AGE // 86400} jours au plus" in text
