from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalogue.querysets import SearchQuerySet
from apps.common.fields import ExactCharField


class SearchDocument(models.Model):
    """The words of a visible product as `apps.catalogue.words.index_text` writes them; written by `refresh_listing`.

    `name` has those of its name, brand and codes, `body` those of its rayons, characteristics and description, each in
    both languages, whose tokens differ. Written without upserts: see `services.listing.documents.write_documents`.

    MySQL has FULLTEXT indexes on (name) and (name, body); on SQLite, triggers copy both columns to an FTS5 table.
    """

    product = models.OneToOneField(
        "catalogue.Product", on_delete=models.CASCADE, related_name="search_document", primary_key=True
    )
    name = models.TextField()
    body = models.TextField()
    # Words in the French name: of two names that match alike, the shorter one ranks higher.
    length = models.PositiveSmallIntegerField()
    in_stock = models.BooleanField()
    popularity = models.PositiveIntegerField()
    brand = models.ForeignKey("catalogue.Brand", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    price_range = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField(null=True)
    name_key = models.CharField(max_length=40)
    name_key_en = models.CharField(max_length=40, db_default="")

    objects = SearchQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class SearchPosting(models.Model):
    """A word of a visible product's name, and the product's rank among all that have it; written by `refresh_listing`.

    Full-text search reads every document that has a word before it can rank them; where thousands have it, these rows
    are read best first, up to a LIMIT.
    """

    word = ExactCharField(max_length=40)
    product = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="+")
    # The order of BEST_FIRST in one number, the best lowest.
    place = models.BigIntegerField()
    # What a list of results is filtered and counted by; whether it is in stock is the highest bit of its place.
    brand = models.ForeignKey("catalogue.Brand", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    price_range = models.PositiveSmallIntegerField()
    # How the name spells it, in the form of `apps.catalogue.words.Word.accents`.
    accents = ExactCharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "product"], name="search_posting_once")]
        indexes = [
            models.Index(
                fields=["word", "place", "product", "brand", "price_range", "accents"], name="search_posting_best"
            )
        ]

    def __str__(self) -> str:
        return f"{self.word} {self.product_id}"


class SearchWord(models.Model):
    """The shop's vocabulary: a normalised word, how it is written, and in how many names and descriptions it occurs."""

    word = ExactCharField(max_length=40, unique=True)
    written = models.CharField(max_length=60)
    names = models.IntegerField(default=0)
    bodies = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.written


class SearchSynonym(models.Model):
    """Words that shoppers use for what the shop calls otherwise; applied to queries, so that nothing is reindexed."""

    class Language(models.TextChoices):
        FRENCH = "fr", _("français")
        ENGLISH = "en", _("anglais")

    class Direction(models.TextChoices):
        BOTH = "BOTH", _("Ces mots veulent dire la même chose")
        ONE_WAY = "ONE_WAY", _("Les premiers trouvent aussi les seconds")

    language = models.CharField(_("langue"), max_length=2, choices=Language, default=Language.FRENCH)
    direction = models.CharField(_("sens"), max_length=10, choices=Direction, default=Direction.BOTH)
    words = models.CharField(
        _("mots"),
        max_length=300,
        help_text=_("Séparés par des virgules, chacun de quatre mots au plus : « soda, limonade »."),
    )
    found = models.CharField(
        _("trouvent aussi"),
        max_length=300,
        blank=True,
        help_text=_("Pour le second sens seulement : qui cherche « apéro » trouve aussi « olives, tapenade »."),
    )

    class Meta:
        verbose_name = _("synonyme de recherche")
        verbose_name_plural = _("synonymes de recherche")
        ordering = ["language", "words"]

    def __str__(self) -> str:
        return self.words
