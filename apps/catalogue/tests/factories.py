from decimal import Decimal

import factory
from django.utils import timezone

from apps.catalogue.models import Brand, Category, PriceEntry, Product, Stock, StockMovement, Variant
from apps.catalogue.models.product import VatClass


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Category

    name_fr = factory.Sequence(lambda n: f"Rayon {n}")
    name_en = factory.Sequence(lambda n: f"Aisle {n}")
    slug_fr = factory.Sequence(lambda n: f"rayon-{n}")
    slug_en = factory.Sequence(lambda n: f"aisle-{n}")

    @classmethod
    def _create(cls, model_class, *args, parent=None, **kwargs):
        nodes = model_class.objects
        return nodes.add_child(parent, kwargs) if parent else nodes.add_root(kwargs)


class BrandFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda n: f"Maison {n}")
    slug = factory.Sequence(lambda n: f"maison-{n}")


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    code = factory.Sequence(lambda n: f"P{n:05}")
    category = factory.SubFactory(CategoryFactory)
    brand = factory.SubFactory(BrandFactory)
    name_fr = factory.Sequence(lambda n: f"Produit {n}")
    name_en = factory.Sequence(lambda n: f"Product {n}")
    slug_fr = factory.Sequence(lambda n: f"produit-{n}")
    slug_en = factory.Sequence(lambda n: f"product-{n}")
    vat_class = VatClass.REDUCED
    state = Product.State.PUBLISHED
    published_at = factory.LazyFunction(timezone.now)


class VariantFactory(factory.django.DjangoModelFactory):
    """A variant on sale with its price ledger and, in its stock ledger, 10 pieces or `on_hand=` as many."""

    class Meta:
        model = Variant
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence(lambda n: f"SKU-{n:05}")
    price = Decimal("12.50")
    regular_price = factory.SelfAttribute("price")
    weight_g = 500

    @factory.post_generation
    def on_hand(variant, create, extracted, **kwargs):
        pieces = 10 if extracted is None else extracted
        stock = Stock.objects.create(variant=variant, on_hand=pieces)
        if pieces:
            StockMovement.objects.create(
                stock=stock, delta=pieces, on_hand_after=pieces, reason=StockMovement.Reason.RECEIPT
            )
        PriceEntry.objects.create(variant=variant, amount=variant.price, effective_at=timezone.now())


def many_variants(product: Product, count: int, prefix: str) -> None:
    """As many variants `prefix`-000, `prefix`-001… of a product as VariantFactory would make, in a few queries."""
    now = timezone.now()
    Variant.objects.bulk_create(
        Variant(product=product, sku=f"{prefix}-{n:03}", position=n, price="12.50", regular_price="12.50", weight_g=500)
        for n in range(count)
    )
    # MySQL does not say which numbers rows got.
    variants = list(product.variants.filter(sku__startswith=f"{prefix}-"))
    Stock.objects.bulk_create(Stock(variant=variant, on_hand=5) for variant in variants)
    stocks = Stock.objects.filter(variant__in=variants)
    StockMovement.objects.bulk_create(
        StockMovement(stock=stock, delta=5, on_hand_after=5, reason=StockMovement.Reason.RECEIPT) for stock in stocks
    )
    PriceEntry.objects.bulk_create(
        PriceEntry(variant=variant, amount=variant.price, effective_at=now) for variant in variants
    )
