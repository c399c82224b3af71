"""One change of many products: what prices become, and the import that it is."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.models import CatalogueImport, Product, Variant
from apps.catalogue.models.product import VatClass
from apps.catalogue.services.prices import start_reduction
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.imports.catalogue.bulk import BulkChange, By, PriceChange, Rounding
from apps.imports.services import bulk, undo
from apps.imports.services.catalogue_imports import apply_import, confirm_import, preview_import

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
Status = CatalogueImport.Status


def raised(percent: str, rounding: Rounding = Rounding.CENT) -> PriceChange:
    return PriceChange(By.PERCENT, Decimal(percent), rounding)


@pytest.mark.parametrize(
    ("change", "price", "becomes"),
    [
        (raised("5"), "12.50", "13.13"),
        (raised("-10"), "0.99", "0.89"),
        (raised("5", Rounding.NINETY), "12.50", "12.90"),
        (raised("12", Rounding.NINETY), "12.50", "13.90"),
        # 3.36 is nearer to 2.90, which would be cheaper than before.
        (raised("5", Rounding.NINETY), "3.20", "3.90"),
        (raised("-5", Rounding.NINETY), "3.60", "2.90"),
        (raised("-10", Rounding.NINETY), "0.50", "0.45"),
        (raised("5", Rounding.NINETY), "0.30", "0.90"),
        (raised("5", Rounding.NINETY_FIVE), "4.50", "4.95"),
        (raised("-2", Rounding.NINETY_NINE), "19.20", "18.99"),
        (raised("5", Rounding.EURO), "0.20", "1.00"),
        (raised("3", Rounding.EURO), "19.50", "20.00"),
        (PriceChange(By.EUROS, Decimal("-0.50")), "3.20", "2.70"),
        (PriceChange(By.SET, Decimal("9.9")), "3.20", "9.90"),
    ],
)
def test_a_price_becomes(change, price, becomes):
    assert change.of(Decimal(price)) == Decimal(becomes)


cents = st.integers(1, 10_000_00).map(lambda number: Decimal(number) / 100)


@given(cents, st.decimals(-99, 1000, places=2), st.sampled_from(Rounding))
def test_a_rounded_price_is_the_nearest_of_its_kind_and_never_nothing(price, percent, rounding):
    exact = price * (100 + percent) / 100
    becomes = raised(str(percent), rounding).of(price)
    assert becomes == becomes.quantize(Decimal("0.01"))
    if rounding == Rounding.CENT:
        assert abs(becomes - exact) <= Decimal("0.005")
        return
    # What rounds to nothing is refused before anything is received.
    assert becomes > 0 or exact < Decimal("0.005")
    assert (becomes - price) * (exact - price) >= 0
    if becomes == exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP):
        return
    assert str(becomes)[-2:] == {"euro": "00"}.get(rounding, rounding.value)
    # The lowest price that ends so is taken for whatever lies below it.
    assert abs(becomes - exact) <= 1 or becomes <= 1


@pytest.fixture
def by(db):
    return StaffFactory()


@pytest.fixture
def change(by):
    """Make the change as far as its preview, or as far as it is written."""

    def change(confirms: bool = True, products=None, **wanted) -> tuple[CatalogueImport, int]:
        chosen = Product.objects.all() if products is None else products
        received, left = bulk.change_in_bulk(products=chosen, change=BulkChange(**wanted), by=by, now=NOW)
        preview_import(import_id=received.pk, now=NOW)
        received.refresh_from_db()
        assert received.status == Status.PREVIEWED, received.problem
        if confirms:
            confirm_import(received=received, by=by, now=NOW)
            apply_import(import_id=received.pk, now=NOW)
            received.refresh_from_db()
            assert received.status == Status.DONE, received.problem
        return received, left

    return change


def prices() -> dict[str, Decimal]:
    return dict(Variant.objects.values_list("sku", "price"))


def test_prices_of_the_chosen_products_rise_after_their_preview_and_fall_back(change, by):
    small, big = VariantFactory(sku="CONF-S", price=Decimal("4.00")), VariantFactory(sku="MIEL", price=Decimal("10.00"))
    VariantFactory(sku="CONF-L", product=small.product, price=Decimal("7.00"))
    VariantFactory(sku="AUTRE", price=Decimal("1.00"))
    chosen = Product.objects.filter(pk__in=[small.product_id, big.product_id])
    received, left = change(confirms=False, products=chosen, price=raised("10", Rounding.NINETY))
    assert (received.name, left) == ("Modification en lot (prix).csv", 0)
    assert prices()["MIEL"] == 10
    confirm_import(received=received, by=by, now=NOW)
    apply_import(import_id=received.pk, now=NOW)
    received.refresh_from_db()
    assert (received.report["updated"], received.report["created"], received.report["rejected"]) == (2, 0, 0)
    assert prices() == {
        "CONF-S": Decimal("4.90"),
        "CONF-L": Decimal("7.90"),
        "MIEL": Decimal("10.90"),
        "AUTRE": Decimal("1.00"),
    }
    undo.start_undo(received=received, now=NOW)
    undo.undo_import(import_id=received.pk, now=NOW)
    assert prices()["CONF-L"] == 7


def test_products_change_whatever_their_variants(change):
    product = VariantFactory(sku="A1", product__vat_class=VatClass.STANDARD).product
    VariantFactory(sku="A2", product=product)
    above = CategoryFactory(name_fr="Épicerie > fine")
    rayon = CategoryFactory(parent=above, name_fr="Miels, confitures")
    texts = Product.objects.values_list("name_fr", "description_fr", "brand").get()
    received, _left = change(category=rayon, vat_class=VatClass.REDUCED, state=Product.State.ARCHIVED, low_threshold=12)
    product.refresh_from_db()
    assert (product.category, product.vat_class, product.state) == (rayon, VatClass.REDUCED, Product.State.ARCHIVED)
    assert set(Variant.objects.values_list("stock__low_threshold", flat=True)) == {12}
    assert Product.objects.values_list("name_fr", "description_fr", "brand").get() == texts
    assert received.report["rejected"] == 0


def test_a_reduction_keeps_its_price_unless_it_is_to_end(change):
    reduced, _other = VariantFactory(sku="R", price=Decimal("10.00")), VariantFactory(sku="N", price=Decimal("10.00"))
    start_reduction(variant=reduced, amount=Decimal("8.00"), author=None, now=NOW)
    _received, left = change(price=raised("10"))
    assert left == 1
    assert prices() == {"R": Decimal("8.00"), "N": Decimal("11.00")}
    _received, left = change(price=raised("10"), ends_reductions=True)
    assert left == 0
    assert prices() == {"R": Decimal("11.00"), "N": Decimal("12.10")}
    reduced.refresh_from_db()
    assert not reduced.is_reduced


def test_a_product_whose_variants_keep_their_price_still_changes_its_rayon(change):
    reduced = VariantFactory(price=Decimal("10.00"))
    start_reduction(variant=reduced, amount=Decimal("8.00"), author=None, now=NOW)
    rayon = CategoryFactory(name_fr="Promotions")
    change(price=raised("10"), category=rayon)
    assert Product.objects.get().category == rayon
    assert prices() == {reduced.sku: Decimal("8.00")}


def test_says_what_it_cannot_do(by):
    def ask(**wanted):
        return bulk.change_in_bulk(products=Product.objects.all(), change=BulkChange(**wanted), by=by, now=NOW)

    ProductFactory()
    with pytest.raises(bulk.NothingToChange, match="pas encore de modèle"):
        ask(price=raised("5"))
    VariantFactory(sku="CHER", price=Decimal("9.00"))
    VariantFactory(sku="SEL", price=Decimal("0.40"))
    with pytest.raises(bulk.NothingToChange, match="Choisissez"):
        ask()
    with pytest.raises(bulk.PriceTooLow, match="SEL"):
        ask(price=PriceChange(By.EUROS, Decimal("-0.50"), Rounding.NINETY))
    assert not CatalogueImport.objects.exists()


def test_queries_do_not_grow_with_the_catalogue(by, django_assert_num_queries):
    for products in (2, 6):
        for _ in range(products):
            VariantFactory()
        with django_assert_num_queries(4):
            bulk.change_in_bulk(products=Product.objects.all(), change=BulkChange(price=raised("5")), by=by, now=NOW)
