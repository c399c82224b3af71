"""Exceptions to the right of withdrawal are announced before the order and after it."""

import re

import pytest
from django.utils.translation import override

from apps.catalogue.models import Product
from apps.catalogue.models.withdrawal import WithdrawalException, withdrawal_notice
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.orders.models import Order, OrderLine
from apps.storefront.tests.purchase import add, fill_in, place, read_summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("delivery_methods")]
SUMMARY = "/commande/recapitulatif/"
NOTICE = "Produit périssable\u202f: pas de droit de rétractation (art. L221-28, 4°)"


@pytest.fixture
def cheese():
    return VariantFactory(product__withdrawal_exception="PERISHABLE")


def page_of(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_exception_has_its_sentence(language):
    with override(language):
        sentences = {withdrawal_notice(exception) for exception in WithdrawalException}
    assert len(sentences) == len(WithdrawalException)
    assert all("art. L221-28, " in sentence for sentence in sentences if sentence)
    assert withdrawal_notice(WithdrawalException.NONE) == ""


def test_a_seal_takes_the_right_away_only_once_broken():
    for exception in (WithdrawalException.HYGIENE, WithdrawalException.RECORDING):
        assert "une fois descellé" in withdrawal_notice(exception)


def test_the_product_says_it_beside_the_returns(client, cheese):
    refresh_listing(product_ids=[cheese.product_id])
    page = page_of(client, f"/produit/{cheese.product.slug_fr}/")
    returns = r'<p class="small muted">\s*<a href="/livraison-et-retours/#retractation">'
    assert re.search(rf'<p class="small">{re.escape(NOTICE)}</p>\s*{returns}', page)


def test_a_product_with_fourteen_days_says_nothing_else(client, variant):
    refresh_listing(product_ids=[variant.product_id])
    assert "art. L221-28" not in page_of(client, f"/produit/{variant.product.slug_fr}/")


def test_the_summary_says_it_at_the_line_before_the_button(client, cheese, variant):
    for sku in (cheese.sku, variant.sku):
        add(client, sku)
    fill_in(client)
    page = page_of(client, SUMMARY)
    assert page.count(NOTICE) == 1
    assert page.index(NOTICE) < page.index("Commander avec obligation de paiement")


def test_the_order_keeps_what_was_announced(client, cheese, variant):
    for sku in (cheese.sku, variant.sku):
        add(client, sku)
    fill_in(client)
    place(client, read_summary(client))
    Product.objects.update(withdrawal_exception="PRESS")
    assert list(OrderLine.objects.values_list("withdrawal_exception", flat=True)) == ["PERISHABLE", ""]
    page = page_of(client, f"/suivi/{Order.objects.get().access_token}/")
    assert page.count(NOTICE) == 1
    assert "Journal ou magazine" not in page
