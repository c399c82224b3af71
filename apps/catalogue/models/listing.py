from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _

from apps.catalogue.querysets import CardQuerySet, EntryQuerySet
from apps.common.fields import ExactCharField
from apps.common.money import MoneyField
from apps.common.translation import Translated


class ProductCard(models.Model):
    """A visible product as a card shows it; written by `services.listing.refresh_listing` alone.

    One row instead of six joins: a page of cards is one lookup by primary key.
    """

    product = models.OneToOneField("catalogue.Product", on_delete=models.CASCADE, related_name="card", primary_key=True)
    category = models.ForeignKey("catalogue.Category", on_delete=models.CASCADE, related_name="+", db_index=False)
    brand = models.ForeignKey("catalogue.Brand", on_delete=models.CASCADE, null=True, related_name="+")
    brand_name = models.CharField(max_length=120, blank=True)
    name_fr = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    name = Translated()
    slug_fr = ExactCharField(max_length=220)
    slug_en = ExactCharField(max_length=220)
    slug = Translated()
    # Of the cheapest variant on sale; `price_varies` when another one costs more.
    price = MoneyField()
    price_varies = models.BooleanField(default=False)
    reference_price = MoneyField(null=True)
    unit_price = MoneyField(null=True)
    content_unit = models.CharField(max_length=10, blank=True)
    # Empty when an option must be chosen first.
    sku = ExactCharField(max_length=80, blank=True)
    in_stock = models.BooleanField()
    pieces_left = models.PositiveIntegerField(null=True, help_text=_("Seulement quand il en reste peu."))
    picture = models.JSONField(default=dict)
    tint = models.CharField(max_length=20, blank=True)
    ratings = models.PositiveIntegerField(default=0)
    rating_sum = models.PositiveIntegerField(default=0)
    popularity = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    # What this product adds to FacetCount, [category, kind, key]: the next refresh counts the difference.
    counted = models.JSONField(default=list)

    objects = CardQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-in_stock", "-popularity", "product"], name="card_popular"),
            models.Index(fields=["-in_stock", "-published_at", "product"], name="card_newest"),
            models.Index(fields=["-in_stock", "reference_price"], name="card_reduced"),
            models.Index(fields=["category", "-in_stock", "-popularity", "product"], name="card_siblings"),
        ]

    def __str__(self) -> str:
        return self.name


class ListingEntry(models.Model):
    """A visible product in a rayon or in one above it, with all that a page is filtered and sorted by.

    Every sort has an index that also holds the filters, so that a deep page walks the index alone. No other index
    begins with the category and holds the same columns: MySQL would take the wrong one and sort the whole rayon.
    """

    category = models.ForeignKey("catalogue.Category", on_delete=models.CASCADE, related_name="+", db_index=False)
    product = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="listing_entries")
    brand = models.ForeignKey("catalogue.Brand", on_delete=models.CASCADE, null=True, related_name="+")
    price = MoneyField()
    price_range = models.PositiveSmallIntegerField()
    in_stock = models.BooleanField()
    popularity = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    # Normalised beginnings of the names: one alphabetical order on every database.
    name_key_fr = ExactCharField(max_length=40)
    name_key_en = ExactCharField(max_length=40)

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [UniqueConstraint(fields=["product", "category"], name="listing_entry_once")]
        indexes = [
            models.Index(
                fields=["category", "-in_stock", "-popularity", "product", "brand", "price_range"],
                name="listing_popular",
            ),
            models.Index(
                fields=["category", "price", "product", "in_stock", "brand", "price_range"], name="listing_price"
            ),
            models.Index(
                fields=["category", "published_at", "product", "in_stock", "brand", "price_range"],
                name="listing_newest",
            ),
            models.Index(
                fields=["category", "name_key_fr", "product", "in_stock", "brand", "price_range"],
                name="listing_name_fr",
            ),
            models.Index(
                fields=["category", "name_key_en", "product", "in_stock", "brand", "price_range"],
                name="listing_name_en",
            ),
            models.Index(
                fields=["brand", "category", "-in_stock", "-popularity", "product", "price_range"],
                name="listing_of_brand",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category_id}: {self.product_id}"


class FacetCount(models.Model):
    """How many visible products of a rayon and of those under it have a facet's value; written by `refresh_listing`."""

    class Kind(models.IntegerChoices):
        # In the order in which a page reads them: brands last, because only they can be very many.
        ALL = 0
        AVAILABILITY = 1
        PRICE = 2
        ATTRIBUTE = 3
        BRAND = 4

    category = models.ForeignKey("catalogue.Category", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.PositiveSmallIntegerField(choices=Kind)
    # The brand's or value's primary key, the price range's number, 1 for available.
    key = models.PositiveBigIntegerField()
    brand = models.ForeignKey("catalogue.Brand", on_delete=models.CASCADE, null=True, related_name="+")
    value = models.ForeignKey("catalogue.AttributeValue", on_delete=models.CASCADE, null=True, related_name="+")
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [UniqueConstraint(fields=["kind", "key", "category"], name="facet_count_once")]
        indexes = [models.Index(fields=["category", "kind", "-count", "key"], name="facet_count_best")]

    def __str__(self) -> str:
        return f"{self.category_id}/{self.kind}/{self.key}: {self.count}"
