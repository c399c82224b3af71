from django.db import models

from apps.catalogue.querysets import SearchQuerySet


class SearchDocument(models.Model):
    """The words of a visible product as `apps.catalogue.words.index_text` writes them, kept by `refresh_listing`.

    MySQL has FULLTEXT indexes on (name) and (name, body); on SQLite, triggers copy both columns to an FTS5 table.
    """

    product = models.OneToOneField(
        "catalogue.Product", on_delete=models.CASCADE, related_name="search_document", primary_key=True
    )
    name = models.TextField()
    body = models.TextField()
    # Words in the French name: of two names that match alike, the shorter one is more to the point.
    length = models.PositiveSmallIntegerField()
    in_stock = models.BooleanField()
    popularity = models.PositiveIntegerField()
    brand = models.ForeignKey("catalogue.Brand", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    price_range = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField(null=True)
    name_key = models.CharField(max_length=40)

    objects = SearchQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class SearchWord(models.Model):
    """The shop's vocabulary: a normalised word, how it is written, and in how many names and descriptions it occurs."""

    word = models.CharField(max_length=40, unique=True)
    written = models.CharField(max_length=60)
    names = models.IntegerField(default=0)
    bodies = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.written
