"""Lists say the same with a search, with a filter, and without."""

import re
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Aggregate, Expression
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.money import money_field
from apps.catalogue.tests.factories import BrandFactory, ProductFactory, VariantFactory
from apps.checkout.tests.factories import placed_order

PRODUCTS = "admin:catalogue_product_changelist"


@pytest.fixture
def staff(client, db):
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    return user


def listed(client, url: str, **query):
    return list(client.get(reverse(url), query).context["cl"].result_list)


@pytest.mark.parametrize("search", ["COMTE", "Comté", "comté affiné", "COMTE-3"])
def test_a_search_multiplies_no_stock(client, staff, search):
    product = ProductFactory(name_fr="Comté affiné", code="comte")
    for number in range(6):
        VariantFactory(product=product, sku=f"COMTE-{number}", on_hand=number, price=Decimal("3.90") + number)
    (found,) = listed(client, PRODUCTS, q=search)
    assert (found.pieces, found.variant_count) == (15, 6)
    assert (found.lowest, found.highest) == (Decimal("3.90"), Decimal("8.90"))


def test_a_product_without_variants_is_counted_as_none(client, staff):
    ProductFactory()
    (found,) = listed(client, PRODUCTS)
    assert (found.pieces, found.variant_count, found.lowest) == (0, 0, None)


def test_prices_are_written_as_in_the_shop(client, staff):
    product = VariantFactory(price=Decimal("3.90")).product
    VariantFactory(product=product, price=Decimal("1015.50"))
    text = client.get(reverse(PRODUCTS)).content.decode()
    assert "3,90\u00a0€ – 1\u202f015,50\u00a0€" in text


def test_a_brand_counts_its_products(client, staff):
    brand = BrandFactory(name="Maison")
    VariantFactory.create_batch(2, product__brand=brand)
    (found,) = listed(client, "admin:catalogue_brand_changelist", q="Maison")
    assert found.product_count == 2


def test_orders_show_euros_in_list_and_page(client, staff):
    order = placed_order().order
    order.total, order.items_total, order.delivery_total = Decimal("1030.40"), Decimal("1030.40"), Decimal("0.00")
    order.save()
    for page in (reverse("admin:orders_order_changelist"), reverse("admin:orders_order_change", args=[order.pk])):
        assert "1\u202f030,40\u00a0€" in client.get(page).content.decode()


def joins_many(model, path: str) -> bool:
    path = re.sub(r"__(exact|iexact|startswith|istartswith|search|contains|icontains)$", "", path.lstrip("^=@"))
    return any(field.many_to_many or field.one_to_many for field in get_fields_from_path(model, path))


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda model: model._meta.label), ids=str)
def test_no_list_aggregates_over_what_its_search_joins(rf, staff, model):
    """An aggregate beside a join to many rows counts each of them as often as the search found it."""
    model_admin = admin.site._registry[model]
    names = [each for each in model_admin.list_filter if isinstance(each, str)]
    many = [path for path in [*model_admin.search_fields, *names] if joins_many(model, path)]
    name = f"{model._meta.app_label}_{model._meta.model_name}_changelist"
    request = rf.get("/")
    request.user = staff
    request.resolver_match = type("Match", (), {"url_name": name})()
    annotations = model_admin.get_queryset(request).query.annotations.values()
    summed = [each for each in annotations if aggregates(each)]
    assert not (many and summed), f"{many} beside {summed}"


def aggregates(expression) -> bool:
    if isinstance(expression, Aggregate):
        return True
    return isinstance(expression, Expression) and any(
        aggregates(each) for each in expression.get_source_expressions() if each is not None
    )


def test_every_column_of_money_shows_euros(rf, staff):
    """None is left to the framework, which writes « 30.40 »."""
    request = rf.get("/")
    request.user = staff
    for model, model_admin in admin.site._registry.items():
        columns = set(model_admin.get_list_display(request)) - set(model_admin.list_editable)
        assert not [name for name in columns if money_field(model, name)], model
